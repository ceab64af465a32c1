"""Pages of the OPL."""
