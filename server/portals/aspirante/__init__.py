"""The portal of the aspirante: one module a screen (rows C1-C8)."""
