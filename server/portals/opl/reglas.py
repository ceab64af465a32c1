"""/opl/reglas: how the mesa works here, and for whom a person counts who supports several (rows B7, F3, G2, G5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from starlette.responses import Response

from server.bitacora import Evento
from server.domain.reglas import LIMITES, PREFIJO, DuplicadosOtros, Reglas
from server.errors import DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, entero, marcado, opcion
from server.portals.visita import Visita
from server.registro import reglas as registro
from server.store import accesos, ajustes
from server.store.accesos import Filtro
from server.store.connection import Connection

URL: Final = "/opl/reglas"
HISTORY: Final = 20
DUPLICADOS: Final = (
    (
        DuplicadosOtros.PRIMERO,
        "Cuenta para el aspirante cuyo apoyo se recibió primero; para los demás es duplicado.",
    ),
    (DuplicadosOtros.TODOS, "Cuenta para cada uno de los aspirantes; a la mesa de control se le avisa."),
    (DuplicadosOtros.NINGUNO, "No cuenta para ninguno: todos esos apoyos son duplicados."),
)
_DUPLICADOS: Final = {
    DuplicadosOtros.PRIMERO: "Para el primero que se recibió",
    DuplicadosOtros.TODOS: "Para cada uno",
    DuplicadosOtros.NINGUNO: "Para ninguno",
}


def _numero(nombre: str, etiqueta: str, ayuda: str) -> Campo:
    low, high = LIMITES[nombre]
    bounds = f"{ayuda} De {low:,} a {high:,}."
    return Campo(nombre, etiqueta, entero(low, high), teclado="numeric", maximo=7, ayuda=bounds)


FORMULARIO = Formulario(
    _numero("meta_diaria", "Registros por día de cada operador", "Contra ellos se compara el avance de la mesa."),
    _numero("plazo_dias", "Días para revisar un registro", "Días naturales, desde que llega a la mesa."),
    _numero(
        "reclamo_minutos", "Minutos que un operador retiene un registro",
        "Si en ese tiempo no hace nada con él, el registro queda libre para otra persona.",
    ),
    _numero(
        "segunda_pct", "Porcentaje que se revisa dos veces",
        "Se elige al azar; si las dos opiniones difieren, decide una tercera persona. Con 0 no hay segunda revisión.",
    ),
    _numero(
        "papel_doble_pct", "Porcentaje de cédulas en papel que se captura dos veces",
        "Lo captura otra persona, sin ver lo primero. Con 0 nada se captura dos veces.",
    ),
    Campo(
        "ocultar_aspirante", "Ocultar a los operadores de qué aspirante es cada apoyo", marcado, obligatorio=False,
        tipo="checkbox", ayuda="Revisan sin saber a quién favorece lo que deciden.",
    ),
    Campo(
        "duplicados_otros", "Si una persona dio su apoyo a varios aspirantes del mismo periodo",
        opcion(*DuplicadosOtros), tipo="radio", opciones=DUPLICADOS,
        ayuda="Si cambia esta regla, se vuelven a comparar los apoyos de las personas que dieron más de uno: las "
        "cifras de los reportes se moverán durante unos minutos, y pueden quedar distintas para varios aspirantes.",
    ),
)  # fmt: skip
ETIQUETAS = {campo.nombre: campo.etiqueta for campo in FORMULARIO.campos}


@dataclass(frozen=True, slots=True)
class Cambio:
    """One rule that was changed, as it was and as it became."""

    etiqueta: str
    antes: str
    ahora: str


@dataclass(frozen=True, slots=True)
class Version:
    """What one person changed at once. `por_revisar`: how many apoyos were compared again for it."""

    en_ms: int
    quien: str
    cambios: tuple[Cambio, ...]
    por_revisar: int


@dataclass(frozen=True, slots=True)
class ReglasContext:
    """`form`: the rules. `numeros`: names of the fields with a number. `versiones`: what was changed, newest first."""

    form: Leido
    numeros: tuple[str, ...]
    versiones: tuple[Version, ...]


async def muestra(v: Visita) -> Response:
    """GET /opl/reglas: the form with what is in force."""
    rules = await v.read(ajustes.reglas)
    return await _page(v, FORMULARIO.vacio(_filled(rules)))


async def guarda(v: Visita) -> Response:
    """POST /opl/reglas."""
    form = await v.form(FORMULARIO)
    if not form.bien:
        return await _page(v, form, 422)
    values = {**form.valores, "duplicados_otros": DuplicadosOtros(form.valores["duplicados_otros"])}
    cuenta = v.persona.cuenta
    try:
        done = await v.write(lambda tx: registro.cambiar(tx, cuenta, Reglas(**values)))
    except DatoInvalido as error:
        return await _page(v, form.con_error(error.codigo.removeprefix(PREFIJO), error), 422)
    if not done.reglas:
        return v.go(URL, "sin_cambios")
    return v.go(URL, "reglas_recalculo" if "duplicados_otros" in done.reglas else "guardado")


def _filled(rules: Reglas) -> dict[str, str]:
    return {clave.removeprefix(PREFIJO): valor for clave, valor in rules.ajustes().items()}


async def _page(v: Visita, form: Leido, status: int = 200) -> Response:
    return v.page("opl/reglas.html", ReglasContext(form, tuple(LIMITES), await v.read(_versions)), status=status)


def _versions(conn: Connection) -> tuple[Version, ...]:
    found = accesos.pagina(conn, Filtro(eventos=(Evento.REGLAS_CAMBIADAS,)), HISTORY)
    nombres = accesos.nombres(conn, {int(event.actor.partition(":")[2]) for event in found})
    versions = []
    for event in found:
        datos = msgspec.json.decode(event.datos)
        nombre = nombres.get(int(event.actor.partition(":")[2]), (event.actor, ""))[0]
        cambios = tuple(_change(clave.removeprefix(PREFIJO), one) for clave, one in datos["cambios"].items())
        versions.append(Version(event.en_ms, nombre, cambios, datos["por_revisar"]))
    return tuple(versions)


def _change(nombre: str, cambio: dict[str, str]) -> Cambio:
    antes, ahora = (_words(nombre, cambio[side]) for side in ("antes", "ahora"))
    return Cambio(ETIQUETAS.get(nombre, nombre), antes, ahora)


def _words(nombre: str, valor: str) -> str:
    if nombre == "duplicados_otros" and valor in set(DuplicadosOtros):
        return _DUPLICADOS[DuplicadosOtros(valor)]
    return {"si": "Sí", "no": "No"}.get(valor, valor)
