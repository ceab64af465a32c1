"""What a change would bring about, said before it is made (row B1). Nothing here refuses: a sentence is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.clock import hora_del_centro
from server.domain.periodo import Fase, Ventana


@dataclass(frozen=True, slots=True)
class Consecuencia:
    """One sentence that whoever makes the change must have read."""

    codigo: str
    texto: str


@dataclass(frozen=True, slots=True)
class Vigencia:
    """When a periodo runs, and whether it is activo."""

    ventana: Ventana
    activo: bool


def of_periodo(
    antes: Vigencia | None,
    despues: Vigencia,
    *,
    apoyos: int,
    traslapes: Sequence[str],
    now_ms: int,
    territorio: bool = False,
) -> tuple[Consecuencia, ...]:
    """What follows from making a periodo (`antes` None) or changing it. `apoyos`: how many have arrived. `traslapes`:
    names of periodos of the same cargo and entidad that it runs beside. `territorio`: whether it becomes another."""
    found: list[Consecuencia] = []
    if traslapes:
        names = "; ".join(traslapes)
        found.append(
            Consecuencia("traslape", f"Coincide en fechas con otro periodo del mismo cargo y entidad: {names}.")
        )
    if despues.ventana.fase(now_ms) is Fase.CERRADO and (
        antes is None or antes.ventana.fase(now_ms) is not Fase.CERRADO
    ):
        found.append(Consecuencia("ya_cerrado", "Con esas fechas el periodo queda cerrado: no se recibirá nada más."))
    if territorio and apoyos:
        found.append(
            Consecuencia(
                "territorio",
                f"El territorio cambia y el periodo ya tiene apoyos recibidos ({apoyos:,}). Se volverá a ver cuáles "
                "son de dentro y cuáles de fuera, y las cifras de los reportes se moverán.",
            )
        )
    if antes is not None:
        found += _changes(antes, despues, apoyos, now_ms)
    return tuple(found)


def _changes(antes: Vigencia, despues: Vigencia, apoyos: int, now_ms: int) -> list[Consecuencia]:
    found: list[Consecuencia] = []
    before, after = antes.ventana, despues.ventana
    moved = (before.inicia_ms, before.termina_ms) != (after.inicia_ms, after.termina_ms)
    if moved and apoyos:
        found.append(
            Consecuencia(
                "con_registros",
                f"El periodo ya tiene apoyos recibidos ({apoyos:,}). Cuáles se captaron dentro o fuera del periodo se "
                "decidió cuando llegaron, y este cambio no lo modifica.",
            )
        )
    fase = before.fase(now_ms)
    if moved and fase is Fase.CERRADO and after.fase(now_ms) is not Fase.CERRADO:
        found.append(
            Consecuencia(
                "reabre",
                f"El periodo se cerró el {hora_del_centro(before.cierre_ms)}. Con el cambio, los teléfonos podrán "
                "enviar otra vez lo que conservan, también lo que se les rechazó por tarde.",
            )
        )
    if fase in (Fase.ABIERTO, Fase.GRACIA) and after.termina_ms < before.termina_ms:
        found.append(
            Consecuencia(
                "acorta",
                f"El periodo está en curso y terminaría antes: el {hora_del_centro(after.termina_ms)} en lugar del "
                f"{hora_del_centro(before.termina_ms)}. Los teléfonos sin línea no lo sabrán hasta que se conecten, y "
                "lo que capten después del nuevo fin quedará marcado.",
            )
        )
    if fase is Fase.ABIERTO and after.inicia_ms > before.inicia_ms:
        found.append(
            Consecuencia(
                "inicio_despues",
                f"El periodo ya había iniciado y el nuevo inicio es posterior: {hora_del_centro(after.inicia_ms)}.",
            )
        )
    if antes.activo and not despues.activo:
        found.append(
            Consecuencia(
                "inactivo",
                "El periodo queda inactivo: los teléfonos lo avisan. Lo que envíen se sigue recibiendo.",
            )
        )
    return found
