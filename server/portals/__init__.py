"""The people's edge: one module per screen, GET and POST together."""
