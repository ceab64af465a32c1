"""`acopio doctor`: is this box fit to be trusted with the only copy? Checks as data, a module for each group."""
