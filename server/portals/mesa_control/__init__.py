"""The pages of the mesa de control."""
