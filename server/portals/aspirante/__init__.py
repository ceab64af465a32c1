"""The pages of the aspirante, a module each."""
