"""The pages of the OPL, a module each."""
