"""The portal of the OPL: one module a screen (rows A1, B1-B6, B13)."""
