"""Synthetic people, their credenciales and the photos a phone takes of them.

Everything here is drawn or computed from a seed: no real person's data, no downloaded picture, no server.
It serves the captura of the simulator (rows D3, F1) and the padrón that the demo imports (row F2). Import the
modules, not this package; the doors are `people`, `camera` and `codes`.
"""
