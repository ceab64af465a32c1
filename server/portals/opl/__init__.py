"""The portal of the OPL (rows A1, B1-B6, B13)."""
