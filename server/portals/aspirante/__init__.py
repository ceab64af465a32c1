"""Screens of the aspirante: one module each, with what is looked at and what is sent."""
