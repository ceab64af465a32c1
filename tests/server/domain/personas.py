"""Synthetic people for the tests of identifiers: whole padrones of the simulator's generator."""

from __future__ import annotations

from hypothesis import strategies as st

from device_sim.synthetic.people import Persona, persona_at

SIZE = 100_000


@st.composite
def personas(draw: st.DrawFn) -> Persona:
    """Someone of some padrón."""
    entidad = f"{draw(st.integers(1, 32)):02d}"
    return persona_at(draw(st.integers(0, 1000)), SIZE, entidad, draw(st.integers(0, SIZE - 1)))
