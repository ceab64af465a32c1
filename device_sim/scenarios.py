"""Named stories of a day's captures: who stands before the camera, and how the photos come out.

Shared by the command line, the fleet of the demo, the tests and e2e, so that all of them mean the same by a name.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from device_sim.synthetic.camera import NO_DEFECTS, Defects
from device_sim.synthetic.people import Persona, persona_at
from device_sim.synthetic.trampas import Trampa


@dataclass(frozen=True, slots=True)
class Padron:
    """A padrón of synthetic people, given by what makes it: nothing is kept of it."""

    seed: int = 1
    size: int = 2000
    entidad: str = "32"

    def persona(self, index: int) -> Persona:
        """The person at a place; places beyond the end begin again."""
        return persona_at(self.seed, self.size, self.entidad, index % self.size)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person before the camera, by their place in the padrón."""

    index: int
    seed: int
    defects: Defects = NO_DEFECTS
    trampa: Trampa | None = None
    otra: int = 0
    """Somebody else of the padrón, for a trampa that needs one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`hurried`: one photo of so many is blurred, tilted or dark in turn. `repeated`: one person of so many comes back
    to the same auxiliar. `tricked`: one of so many is not as it should be, each time in another way. 0 means never."""

    hurried: int = 0
    repeated: int = 0
    tricked: int = 0


SCENARIOS: dict[str, Scenario] = {
    "jornada": Scenario(),
    "prisa": Scenario(hurried=3),
    "repetidos": Scenario(repeated=4),
    "mesa": Scenario(hurried=7, repeated=6, tricked=3),
}

_TRAMPAS = tuple(Trampa)
_HURRY = (Defects(blur=0.6), Defects(tilt_degrees=9.0), Defects(dark=0.75))


def sittings(scenario: Scenario, places: list[int], seed: int) -> list[Sitting]:
    """The captures of one auxiliar, one for each place, by the story. The same arguments give the same day."""
    rng = random.Random(seed)
    made: list[Sitting] = []
    for number, place in enumerate(places, start=1):
        returns = scenario.repeated and number % scenario.repeated == 0 and made
        index = rng.choice(made).index if returns else place
        hurry = scenario.hurried and number % scenario.hurried == 0
        defects = _HURRY[number // scenario.hurried % len(_HURRY)] if hurry else NO_DEFECTS
        trampa = None
        if scenario.tricked and number % scenario.tricked == 0 and not returns:
            # Each phone begins elsewhere, so that a small fleet shows them all.
            trampa = _TRAMPAS[(seed + number // scenario.tricked) % len(_TRAMPAS)]
        made.append(Sitting(index, rng.getrandbits(48), defects, trampa, places[0]))
    return made


def places(padron: Padron, phones: int, each: int, seed: int) -> list[list[int]]:
    """For each phone its own people: nobody twice in the fleet, as far as the padrón goes round."""
    wanted = phones * each
    rng = random.Random(seed)
    found = rng.sample(range(padron.size), min(wanted, padron.size))
    found += [rng.randrange(padron.size) for _ in range(wanted - len(found))]
    return [found[phone * each : (phone + 1) * each] for phone in range(phones)]
