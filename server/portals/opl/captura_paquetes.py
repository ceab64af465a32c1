"""/opl/captura/paquetes: opening a package, its cédulas, closing it and opening it again (row B5, P11.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain.captura_papel import CRITERIOS, en_palabras
from server.errors import AppError, DatoInvalido
from server.mesa_control import regimen
from server.portals.forms import Campo, Formulario, Leido, entero, instante, opcion, parrafos, texto
from server.portals.lista import place, turns
from server.portals.opl.captura import ve_aspirante
from server.portals.visita import Visita
from server.security import permissions as puede
from server.store import cedulas_papel, excepciones, paquetes
from server.store.cedulas_papel import Fila
from server.store.connection import Connection
from server.store.paquetes import Avance, Faltante, Paquete

URL: Final = "/opl/captura/paquetes"
PAGE: Final = 100
CEDULAS: Final = 5_000
ESTADOS: Final = {
    "lista": ("Lista", "bien"),
    "por_repetir": ("Espera segunda captura", "duda"),
    "por_conciliar": ("Por conciliar", "mal"),
}
"""What is read of each state of a cédula, and the class of its label."""


@dataclass(frozen=True, slots=True)
class NuevoContext:
    """opl/captura_paquete_nuevo.html. `hay`: there are aspirantes with the régimen de excepción."""

    form: Leido
    hay: bool


@dataclass(frozen=True, slots=True)
class PaqueteContext:
    """opl/captura_paquete.html. `sin_capturar`: numbers, in words. `por_repetir`: there are some for this person."""

    paquete: Paquete
    avance: Avance
    sin_capturar: str
    por_repetir: bool
    faltantes: tuple[Faltante, ...]
    filas: tuple[Fila, ...]
    estados: dict[str, tuple[str, str]]
    criterios: dict[str, str]
    estado: str
    anterior: str
    siguiente: str
    cuenta: int
    ver_aspirante: bool
    ver_registros: bool
    puede_administrar: bool


@dataclass(frozen=True, slots=True)
class CerrarContext:
    """opl/captura_cerrar.html. `faltan`: how many, `numeros`: which, in words; `vistas`: as they are sent back."""

    form: Leido
    paquete: Paquete
    avance: Avance
    faltan: int
    numeros: str
    vistas: str


CERRAR: Final = Formulario(
    Campo(
        "motivo", "Por qué faltan", texto, obligatorio=False, maximo=300, ayuda="Por ejemplo: el paquete traía menos."
    ),
    Campo("vistas", "Faltantes", obligatorio=False, tipo="hidden", maximo=40_000),
)  # fmt: skip


def formulario(aspirantes: list[tuple[int, str]]) -> Formulario:
    """The form of a package."""
    ids = tuple((str(folio), f"{nombre} (folio {folio})") for folio, nombre in aspirantes)
    return Formulario(
        Campo("aspirante", "Aspirante", opcion(*(id_ for id_, _ in ids)), tipo="select", opciones=ids),
        Campo("folio", "Folio del paquete", texto, maximo=60, ayuda="El de la carátula o del acuse que se le dio."),
        Campo(
            "cedulas", "Cédulas que trae", entero(1, CEDULAS), teclado="numeric",
            ayuda="Numérelas de 1 en adelante, en el orden en que vienen. Este número ya no cambia.",
        ),
        Campo("recibido", "Recepción (hora del centro)", instante, tipo="datetime-local"),
        Campo("observaciones", "Observaciones", parrafos, obligatorio=False, tipo="textarea", maximo=1_000),
    )  # fmt: skip


async def nuevo(v: Visita) -> Response:
    """GET /opl/captura/paquetes/nuevo"""
    there = await v.read(excepciones.amparados)
    return v.page("opl/captura_paquete_nuevo.html", NuevoContext(formulario(there).vacio(), bool(there)))


_FIELD: Final = {
    "sin_regimen": "recibido", "recibido_futuro": "recibido", "recibido_fuera_de_periodo": "recibido",
    "paquete_repetido": "folio", "cedulas_de_mas": "cedulas",
}  # fmt: skip


async def abrir(v: Visita) -> Response:
    """POST /opl/captura/paquetes"""
    there = await v.read(excepciones.amparados)
    form = await v.form(formulario(there))
    if form.bien:
        values, cuenta, gracia = form.valores, v.persona.cuenta, v.portal.settings.gracia_ms
        try:
            id_ = await v.write(
                lambda tx: regimen.abrir_paquete(
                    tx, int(values["aspirante"]), values["folio"], values["cedulas"], values["recibido"],
                    values["observaciones"] or "", cuenta=cuenta, gracia_ms=gracia,
                )
            )  # fmt: skip
        except DatoInvalido as error:
            form = form.con_error(_FIELD[error.codigo], error)
        except AppError as error:
            form = form.con_error(_FIELD[error.code], DatoInvalido(error.code, error.entry.text))
        else:
            return v.go(f"{URL}/{id_}", "paquete_abierto")
    return v.page("opl/captura_paquete_nuevo.html", NuevoContext(form, bool(there)), status=422)


async def ficha(v: Visita) -> Response:
    """GET /opl/captura/paquetes/{id}"""
    id_ = int(v.request.path_params["id"])
    estado = v.request.query_params.get("estado", "")
    estado = estado if estado in ESTADOS else ""

    def read(conn: Connection) -> PaqueteContext:
        paquete = paquetes.get(conn, id_)
        if paquete is None:
            raise AppError("no_encontrado")
        rows, newer, older = cedulas_papel.page(conn, id_, estado, place(v.request), PAGE)
        first, last = (rows[0].numero, rows[-1].numero) if rows else (None, None)
        anterior, siguiente = turns(f"{URL}/{id_}", {"estado": estado}, first, last, newer=newer, older=older)
        return PaqueteContext(
            paquete=paquete,
            avance=paquetes.avance(conn, paquete),
            sin_capturar=en_palabras(paquetes.sin_capturar(conn, paquete)),
            por_repetir=cedulas_papel.por_repetir(conn, id_, v.persona.cuenta) is not None,
            faltantes=tuple(paquetes.faltantes(conn, id_)),
            filas=tuple(rows),
            estados=ESTADOS,
            criterios=CRITERIOS,
            estado=estado,
            anterior=anterior,
            siguiente=siguiente,
            cuenta=v.persona.cuenta,
            ver_aspirante=ve_aspirante(v, conn),
            ver_registros=puede.ver_registros(v.persona),
            puede_administrar=puede.administrar_papel(v.persona),
        )

    return v.page("opl/captura_paquete.html", await v.read(read))


async def preguntar_cierre(v: Visita) -> Response:
    """GET /opl/captura/paquetes/{id}/cerrar"""
    return await _closing(v, CERRAR.vacio(), 200)


async def cerrar(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/cerrar"""
    id_ = int(v.request.path_params["id"])
    form = await v.form(CERRAR)
    if form.bien:
        seen = [int(one) for one in (form.valores["vistas"] or "").split(",") if one.isascii() and one.isdigit()]
        motivo, cuenta = form.valores["motivo"] or "", v.persona.cuenta
        try:
            done = await v.write(lambda tx: regimen.cerrar(tx, id_, motivo, seen, cuenta=cuenta))
        except DatoInvalido as error:
            form = form.con_error("motivo", error)
        else:
            return v.go(f"{URL}/{id_}", "paquete_cerrado" if done else "sin_cambios")
    return await _closing(v, form, 422)


async def _closing(v: Visita, form: Leido, status: int) -> Response:
    id_ = int(v.request.path_params["id"])

    def read(conn: Connection) -> tuple[Paquete | None, Avance | None, list[int]]:
        paquete = paquetes.get(conn, id_)
        if paquete is None:
            return None, None, []
        return paquete, paquetes.avance(conn, paquete), paquetes.sin_capturar(conn, paquete)

    paquete, avance, missing = await v.read(read)
    if paquete is None or avance is None:
        raise AppError("no_encontrado")
    vistas = ",".join(str(one) for one in missing)
    return v.page(
        "opl/captura_cerrar.html",
        CerrarContext(form, paquete, avance, len(missing), en_palabras(missing), vistas),
        status=status,
    )


async def reabrir(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/reabrir"""
    id_ = int(v.request.path_params["id"])
    done = await v.write(lambda tx: regimen.reabrir(tx, id_, cuenta=v.persona.cuenta))
    return v.go(f"{URL}/{id_}", "paquete_reabierto" if done else "sin_cambios")
