"""/opl/tarjetas: the sobres of a memory card, uploaded by browser, and their acuses to put on the card (row X7).

Sobres are laid down as they come and taken in afterwards: a line that is cut, a restart or a second copy that is away
lose nothing, and the same sobre always gets the same acuse.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from server import bitacora
from server.bitacora import Evento
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido
from server.portals.subidas_grandes import each_file
from server.portals.visita import Visita
from server.store.writer import Tx
from server.tarjeta.entregas import Avance, Entregas, Ficha, Fila
from sync_protocol.errors import CATALOGUE

MAX_UPLOAD = 512 * 1024 * 1024
PAGE = 200
EVERY_S = 2

FORMULARIO = Formulario(
    Campo(
        "archivos", "Archivos de la tarjeta", tipo="file",
        ayuda="Elija todos los archivos .sobre, o un .zip o .tar con la carpeta de la tarjeta. Hasta 512 MB por vez.",
    ),
)  # fmt: skip

_SUERTES = {
    # suerte: (title, class of its label, what it means)
    "no_tomado": ("No se pudo tomar", "mal", "El servidor no pudo guardarlo ahora. Use «Pedir de nuevo»."),
    "rechazado": ("Rechazado", "mal", "El teléfono lo conserva."),
    "ilegible": ("Ilegible", "mal", "El archivo está dañado. Que el teléfono lo exporte otra vez."),
    "sin_acuse": ("Recibido, sin acuse aún", "duda", "Está guardado; su acuse espera a la segunda copia."),
    "pendiente": ("Por tomar", "duda", "Todavía no se toma."),
    "nuevo": ("Recibido, con acuse", "bien", ""),
    "repetido": ("Ya se tenía, con acuse", "bien", "Es el mismo acuse de la vez anterior."),
    "respuesta": ("Acuse o rechazo anterior", "gris", "Lo dejó una entrega anterior; no hace falta subirlo."),
    "ajeno": ("No es un sobre", "gris", "No se tomó nada de él."),
}
_ORDER = list(_SUERTES)
_CUTS = {
    "sin_espacio": "El servidor se quedó sin espacio en disco. Libere espacio y use «Pedir de nuevo»: nada se perdió.",
    "almacen_no_disponible": "El servidor no puede guardar en este momento. Use «Pedir de nuevo» más tarde.",
    "tarjeta": "Los archivos de esta entrega ya no están en el servidor. Súbalos otra vez.",
}


@dataclass(frozen=True, slots=True)
class Entrega:
    """A delivery in the list. `bien`, `mal`, `esperan`: files with their acuse, without for good, not yet."""

    id: str
    creada_ms: int
    bien: int
    mal: int
    esperan: int


@dataclass(frozen=True, slots=True)
class TarjetasContext:
    """`form`: the upload. `entregas`: the newest deliveries."""

    form: Leido
    entregas: list[Entrega]


@dataclass(frozen=True, slots=True)
class Archivo:
    """A file. `estado`, `clase`: its label. `texto`: what it means; `codigo`: of the catalogue, or ""."""

    nombre: str
    folio: str
    estado: str
    clase: str
    texto: str
    codigo: str


@dataclass(frozen=True, slots=True)
class ResultadoContext:
    """One delivery. `avance`: of the import under way, None when none is. `cuentas`: (label, how many). `corte`: why
    it ended before its time, "" when it did not. `por_pedir`: sobres that may still get an acuse. `hay_acuses`: the
    file of answers is there. `archivos`: of this page, what went wrong first; `ver`: only those of this kind."""

    id: str
    creada_ms: int
    avance: Avance | None
    cada_s: int
    cuentas: list[tuple[str, int]]
    avisos: list[str]
    corte: str
    por_pedir: int
    hay_acuses: bool
    archivos: list[Archivo]
    anterior: str
    siguiente: str


async def inicio(v: Visita) -> Response:
    """GET /opl/tarjetas"""
    return _front(v, FORMULARIO.vacio())


async def recibir(v: Visita) -> Response:
    """POST /opl/tarjetas: lay the files down, begin to take them in, and go to the result."""
    declared = v.request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_UPLOAD:
        return _refused(v, "tarjeta_grande", "Son más de 512 MB: súbalos en varias partes.")
    entregas = _all(v)
    entregas.prune()
    try:
        ficha, charola = entregas.begin(v.persona.cuenta)
    except OSError:
        return _refused(v, "sin_espacio", CATALOGUE["sin_espacio"].text)
    full = False
    try:
        await each_file(v.request, "archivos", charola.carpeta.parent, charola.take)
    except OSError:
        full = True
    except ClientDisconnect:
        _begin(v, entregas, ficha, charola.recibidos and _laid(entregas, ficha, charola))
        raise
    except AppError:
        entregas.drop(ficha)
        raise
    if not charola.recibidos and not charola.avisos:
        entregas.drop(ficha)
        if full:
            return _refused(v, "sin_espacio", "El servidor no tiene espacio para esta entrega. Libere disco y repita.")
        return _refused(v, "falta_archivo", "Elija los archivos de la tarjeta.")
    if full:
        charola.avisos.append("El servidor se quedó sin espacio: se tomó lo que cupo. Libere disco y suba el resto.")
    if not _laid(entregas, ficha, charola):
        return _refused(v, "sin_espacio", CATALOGUE["sin_espacio"].text)
    _begin(v, entregas, ficha, True)
    return v.go(f"/opl/tarjetas/{ficha.id}")


async def resultado(v: Visita) -> Response:
    """GET /opl/tarjetas/{id}?pagina="""
    entregas = _all(v)
    ficha = _one(v, entregas)
    given = v.request.query_params.get("pagina", "")
    page = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 1
    rows = sorted(ficha.filas, key=lambda fila: (_ORDER.index(fila.suerte), fila.nombre))
    last = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 1), last)
    avance = entregas.under_way(ficha.id)
    counts = ficha.cuentas
    context = ResultadoContext(
        id=ficha.id,
        creada_ms=ficha.creada_ms,
        avance=avance,
        cada_s=EVERY_S,
        cuentas=[(title, counts[suerte]) for suerte, (title, _, _) in _SUERTES.items() if counts[suerte]],
        avisos=ficha.avisos,
        corte=_cut(ficha, avance),
        por_pedir=0 if avance is not None else ficha.por_pedir,
        hay_acuses=entregas.answers(ficha.id) is not None,
        archivos=[_file(fila) for fila in rows[(page - 1) * PAGE : page * PAGE]],
        anterior=f"?pagina={page - 1}" if page > 1 else "",
        siguiente=f"?pagina={page + 1}" if page < last else "",
    )
    return v.page("opl/tarjeta.html", context, fragmento="resultado")


async def acuses(v: Visita) -> Response:
    """GET /opl/tarjetas/{id}/acuses.zip: to be unpacked at the top of the card."""
    path = _all(v).answers(v.request.path_params["id"])
    if path is None:
        raise AppError("no_encontrado")
    name = f"acuses-{v.request.path_params['id']}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    # A few hundred bytes for each sobre.
    return Response(await asyncio.to_thread(path.read_bytes), media_type="application/zip", headers=headers)


async def otra_vez(v: Visita) -> Response:
    """POST /opl/tarjetas/{id}/otra-vez: ask again for what has no acuse yet."""
    entregas = _all(v)
    ficha = _one(v, entregas)
    _begin(v, entregas, ficha, True)
    return v.go(f"/opl/tarjetas/{ficha.id}", "acuses_pedidos")


async def olvidar(v: Visita) -> Response:
    """POST /opl/tarjetas/{id}/olvidar: the result is wanted no more. Only once nothing waits for an acuse."""
    entregas = _all(v)
    ficha = _one(v, entregas)
    if ficha.por_pedir or not entregas.forget(ficha.id):
        return v.go(f"/opl/tarjetas/{ficha.id}")
    return v.go("/opl/tarjetas", "tarjeta_olvidada")


def _all(v: Visita) -> Entregas:
    entregas: Entregas = v.portal.parts["entregas"]
    return entregas


def _one(v: Visita, entregas: Entregas) -> Ficha:
    ficha = entregas.get(v.request.path_params["id"])
    if ficha is None:
        raise AppError("no_encontrado")
    return ficha


def _laid(entregas: Entregas, ficha: Ficha, charola: object) -> bool:
    try:
        entregas.laid(ficha, charola)  # type: ignore[arg-type]
    except OSError:
        entregas.drop(ficha)
        return False
    return True


def _begin(v: Visita, entregas: Entregas, ficha: Ficha, whole: object) -> None:
    """Begin to take in what was laid down; nothing at all is not kept."""
    if not whole:
        entregas.drop(ficha)
        return
    actor = v.persona.actor

    async def record(done: Ficha) -> None:
        def put(tx: Tx) -> None:
            bitacora.record(
                tx.conn, tx.now_ms, Evento.TARJETA_RECIBIDA, actor=actor, objeto=f"tarjeta:{done.id}", **done.cuentas
            )

        await v.write(put)

    entregas.start(ficha, record)


def _front(v: Visita, form: Leido, status: int = 200) -> Response:
    context = TarjetasContext(form, [_listed(one) for one in _all(v).recent()])
    return v.page("opl/tarjetas.html", context, status=status)


def _refused(v: Visita, codigo: str, texto: str) -> Response:
    return _front(v, FORMULARIO.vacio().con_error("archivos", DatoInvalido(codigo, texto)), 422)


def _listed(ficha: Ficha) -> Entrega:
    counts = ficha.cuentas
    bad = counts["rechazado"] + counts["ilegible"]
    return Entrega(ficha.id, ficha.creada_ms, counts["nuevo"] + counts["repetido"], bad, ficha.por_pedir)


def _file(fila: Fila) -> Archivo:
    title, clase, meaning = _SUERTES[fila.suerte]
    why = CATALOGUE[fila.codigo].text if fila.codigo in CATALOGUE else ""
    return Archivo(fila.nombre, fila.folio, title, clase, f"{why} {meaning}".strip(), fila.codigo)


def _cut(ficha: Ficha, avance: Avance | None) -> str:
    if avance is not None:
        return ""
    if ficha.cortada:
        return _CUTS.get(ficha.cortada, "Se interrumpió antes de terminar. Use «Pedir de nuevo»: nada se perdió.")
    if ficha.cuentas["pendiente"]:
        return "Se interrumpió antes de terminar. Use «Pedir de nuevo»: nada se perdió."
    return ""
