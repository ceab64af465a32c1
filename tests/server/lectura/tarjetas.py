"""Photos of the reversos of synthetic cards, one person for each model; their numbers begin with zeros."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

from device_sim.synthetic import cards
from device_sim.synthetic.camera import REVERSO_BYTES, Defects, photograph_card
from device_sim.synthetic.people import Modelo, Persona, persona_at, with_modelo


@cache
def persona(modelo: Modelo) -> Persona:
    one = with_modelo(persona_at(53, 900, "21", ord(modelo)), modelo)
    return replace(one, cic=f"00{one.cic[2:]}", seccion="0007", ocr="0007" + one.identificador_ciudadano)


@cache
def reverso(modelo: Modelo, tilt: float = 0.0, blur: float = 0.0, dark: float = 0.0) -> bytes:
    card = cards.draw_reverso(persona(modelo))
    return photograph_card(card, random.Random(5), Defects(blur, tilt, dark), REVERSO_BYTES)


@cache
def anverso(modelo: Modelo) -> bytes:
    return photograph_card(cards.draw_anverso(persona(modelo)), random.Random(6))
