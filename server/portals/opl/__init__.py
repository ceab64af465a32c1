"""Screens of the OPL: one module each, with what is looked at and what is sent."""
