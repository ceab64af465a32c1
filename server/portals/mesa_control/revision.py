"""/mesa/revision/{id}: the review screen: a registro, its images, and the decision (rows G1, G2, G3, G5, X9).

Whole without a script: links, forms, images at addresses of their own. web/static/mesa.js adds the keys, the shared
zoom and the next registros in memory; it asks for the page's block `revision` and for JSON of the same addresses.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server import bitacora
from server.bitacora import Evento
from server.diario.apertura import NoAbre
from server.domain.dias import dia_de
from server.errors import AppError, DatoInvalido
from server.expedientes.abrir import Abridor
from server.mesa_control import bandeja, criterios, dictamen
from server.mesa_control.dictamen import Decision
from server.mesa_control.expediente import MINIATURA, imagen
from server.portals.forms import Campo, Formulario, Leido, entero, opcion, parrafos
from server.portals.mesa_control import comun, pantalla
from server.portals.mesa_control.pantalla import Contenido, Inciso, Mirado, Vista
from server.portals.visita import Visita
from server.security.headers import IMAGENES_EN_MEMORIA
from server.store import ajustes, apoyos, auxiliares, mi_bandeja, mirada, revisiones
from server.store.connection import Connection
from server.store.revisiones import Revision
from server.store.writer import Tx
from sync_protocol.registro import IMAGENES

DETALLE, MOTIVO = 300, 2_000
MOTIVOS_NO_ABRE = {
    "lote_ilegible": "No se pudo leer del diario del servidor.",
    "llave_desconocida": "Este servidor no tiene la llave con que se selló.",
    "sobre_danado": "El sobre está dañado en el servidor.",
    "papel_danado": "Lo capturado de la cédula está dañado en el servidor.",
    "no_encontrado": "El registro ya no está en el servidor.",
}
FORMULARIO = Formulario(
    Campo("resultado", "Decisión", opcion("valido", "inconsistente", "elevado"), tipo="hidden"),
    Campo("inciso", "Inciso", obligatorio=False, tipo="radio", maximo=8),
    Campo("detalle", "Detalle de la inconsistencia", parrafos, obligatorio=False, maximo=DETALLE),
    Campo("motivo", "Motivo para elevar el caso", parrafos, obligatorio=False, tipo="textarea", maximo=MOTIVO),
    Campo("pantalla", "Pantalla", obligatorio=False, tipo="hidden", maximo=8_000),
    Campo("espera", "Espera", entero(0, 10**11), obligatorio=False, tipo="hidden", maximo=16),
    Campo("zoom", "Zoom", obligatorio=False, tipo="hidden", maximo=2),
    Campo("guion", "Guion", obligatorio=False, tipo="hidden", maximo=2),
    Campo("saltadas", "Saltadas", obligatorio=False, tipo="hidden", maximo=700),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anterior:
    """The last decision of this person, which can be undone. `texto`: in words."""

    dictamen: int
    texto: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class RevisionContext:
    """mesa_control/revision.html. `contenido`: None when the registro does not open (`no_abre` says why).

    `sello`: what is on this screen, sealed; `opciones`: details of all criteria, for who has no script.
    """

    revision: int
    contenido: Contenido | None
    no_abre: str
    incisos: tuple[Inciso, ...]
    opciones: tuple[str, ...]
    sello: str
    form: Leido
    saltadas: str
    anterior: Anterior | None
    hoy: int
    meta: int
    version: int


def en_palabras(resultado: str, inciso: str) -> str:
    """A decision as people read it."""
    return {"valido": "Válido", "elevado": "Caso elevado"}.get(resultado, f"Inconsistencia, inciso {inciso})")


async def mostrar(v: Visita) -> Response:
    """GET /mesa/revision/{id}."""
    id_, skipped = int(v.request.path_params["id"]), comun.ids(v.request.query_params.get("saltadas", ""))
    return await _mostrar(v, id_, skipped)


async def _mostrar(
    v: Visita, id_: int, skipped: tuple[int, ...], form: Leido | None = None, abierto_ms: int | None = None
) -> Response:
    try:
        mirado = await comun.abrir(v, id_)
    except NoAbre as error:
        cuenta = v.persona.cuenta
        held = await v.read(lambda conn: comun.tenida(conn, id_, cuenta, v.now_ms))
        return await pagina_que_no_abre(v, held, error, skipped, form)
    return await pagina(v, mirado, skipped, form, abierto_ms)


async def pagina(
    v: Visita, mirado: Mirado, skipped: tuple[int, ...], form: Leido | None = None, abierto_ms: int | None = None
) -> Response:
    """The page of an open registro, or its block for the script. `form`: what came back with errors."""
    solicitud = mirado.revision.solicitud

    def reading(conn: Connection) -> str:
        return "" if mirado.oculto else auxiliares.aspirante_name(conn, solicitud)

    aspirante = f"{solicitud} · {await v.read(reading)}"
    vista = mirado.vista if abierto_ms is None else replace_opened(mirado.vista, abierto_ms)
    return await _page(
        v, mirado.revision.id, skipped, form, pantalla.contenido(mirado, aspirante), "",
        pantalla.incisos(mirado.criterios), vista,
    )  # fmt: skip


def replace_opened(vista: Vista, abierto_ms: int) -> Vista:
    """The same screen, opened at another instant: a form that comes back was opened when it was first shown."""
    return Vista(**{name: getattr(vista, name) for name in vista.__struct_fields__} | {"abierto_ms": abierto_ms})


async def pagina_que_no_abre(
    v: Visita, revision: Revision, error: NoAbre, skipped: tuple[int, ...], form: Leido | None = None
) -> Response:
    """The page of a registro that cannot be opened: it can be raised or left, never decided."""
    situacion = await v.read(lambda conn: apoyos.get(conn, revision.apoyo_id))
    vista = Vista(
        abierto_ms=v.now_ms, banderas=(), huellas={}, situacion=situacion.situacion.value if situacion else "",
        criterios=-1, oculto=True, lectura=False, grupos={},
    )  # fmt: skip
    said = MOTIVOS_NO_ABRE.get(error.motivo, MOTIVOS_NO_ABRE["sobre_danado"])
    return await _page(v, revision.id, skipped, form, None, said, (), vista)


async def _page(
    v: Visita, id_: int, skipped: tuple[int, ...], form: Leido | None, contenido: Contenido | None, no_abre: str,
    incisos: tuple[Inciso, ...], vista: Vista,
) -> Response:  # fmt: skip
    cuenta, today = v.persona.cuenta, comun.desde_hoy(v.now_ms)

    def reading(conn: Connection) -> tuple[mi_bandeja.Ultima | None, int, int]:
        return (
            mi_bandeja.ultima(conn, cuenta, today), mi_bandeja.hoy(conn, cuenta, dia_de(v.now_ms)),
            ajustes.reglas(conn).meta_diaria,
        )  # fmt: skip

    last, done, goal = await v.read(reading)
    context = RevisionContext(
        revision=id_,
        contenido=contenido,
        no_abre=no_abre,
        incisos=incisos,
        opciones=tuple(dict.fromkeys(one for inciso in incisos for one in inciso.opciones)),
        sello=pantalla.sellar(v.portal.keyring, id_, cuenta, vista),
        form=form or FORMULARIO.vacio(),
        saltadas=comun.texto(skipped),
        anterior=Anterior(last.dictamen, en_palabras(last.resultado, last.inciso), last.en_ms) if last else None,
        hoy=done,
        meta=goal,
        version=vista.criterios,
    )
    status = 200 if form is None else 422
    answer = v.page("mesa_control/revision.html", context, status=status, fragmento="revision")
    answer.headers["content-security-policy"] = IMAGENES_EN_MEMORIA
    answer.headers["x-revision"] = str(id_)
    return answer


async def ver_imagen(v: Visita) -> Response:
    """GET /mesa/revision/{id}/imagen/{tipo}: one image, for who holds the revisión."""
    tipo = v.request.path_params["tipo"]
    opened = await comun.apertura(v, int(v.request.path_params["id"]))
    if tipo not in opened.jpegs:
        raise AppError("no_encontrado")
    try:
        jpeg = await asyncio.shield(opened.jpegs[tipo])
    except asyncio.CancelledError:
        if opened.jpegs[tipo].cancelled():  # it was decided or released meanwhile
            raise AppError("no_encontrado") from None
        raise
    return _jpeg(jpeg)


async def ver_junto(v: Visita) -> Response:
    """GET /mesa/revision/{id}/junto/{otro}/{tipo}: the same image of another registro, small, to compare with.

    Only of registros that stand beside this one: near-equal in this image, or of the same person.
    """
    id_, otro = int(v.request.path_params["id"]), int(v.request.path_params["otro"])
    tipo, cuenta = v.request.path_params["tipo"], v.persona.cuenta
    if tipo not in IMAGENES:
        raise AppError("no_encontrado")

    def reading(conn: Connection) -> bytes | None:
        revision = comun.tenida(conn, id_, cuenta, v.now_ms)
        if not mirada.es_vecina(conn, revision.apoyo_id, otro, tipo):
            raise AppError("no_encontrado")
        try:
            return imagen(Abridor(v.portal.diario, v.portal.keyring).abrir(conn, otro), tipo, MINIATURA)
        except NoAbre as error:
            raise AppError("no_encontrado") from error

    jpeg = await v.read(reading)
    actor = v.persona.actor
    await v.write(
        lambda tx: bitacora.record(
            tx.conn,
            tx.now_ms,
            Evento.DATOS_CONSULTADOS,
            actor=actor,
            objeto=f"apoyo:{otro}",
            pantalla="mesa_comparacion",
            revision=id_,
            imagenes=[tipo],
        )
    )
    return _jpeg(jpeg)


def _jpeg(jpeg: bytes | None) -> Response:
    if jpeg is None:
        raise AppError("no_encontrado")
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline"}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


async def decidir(v: Visita) -> Response:
    """POST /mesa/revision/{id}/decidir. Asked again with the same answer, it decides once."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    form = await v.form(FORMULARIO)
    skipped = comun.ids(form.crudo.get("saltadas", ""))
    vista = pantalla.abrir_sello(v.portal.keyring, id_, cuenta, form.crudo.get("pantalla", ""))
    if vista is None:
        raise AppError("pantalla_ajena")
    abierto = min(v.now_ms, vista.abierto_ms + (form.valores.get("espera") or 0))
    if not form.bien:
        return await _de_vuelta(v, id_, skipped, form, vista.abierto_ms)
    said = form.valores
    decision = Decision(
        revision=id_, cuenta=cuenta, resultado=said["resultado"],
        inciso=(said["inciso"] or "") if said["resultado"] == "inconsistente" else "",
        detalle=(said["detalle"] or "") if said["resultado"] == "inconsistente" else "",
        motivo=(said["motivo"] or "") if said["resultado"] == "elevado" else "",
        abierto_ms=abierto,
        en_pantalla=vista.en_pantalla(zoom=said["zoom"] == "si", guion=said["guion"] == "si"),
    )  # fmt: skip
    try:
        id_dictamen = await v.write(lambda tx: _decidir(tx, decision, vista))
    except DatoInvalido as error:
        form = form.con_error(CAMPO_DE_ERROR.get(error.codigo, _campo(decision)), error)
        return await _de_vuelta(v, id_, skipped, form, vista.abierto_ms)
    comun.memoria(v).olvidar(id_)
    if not comun.quiere_json(v):
        return await comun.al_siguiente(v, skipped, f"mesa_{decision.resultado}")
    done = await v.read(lambda conn: mi_bandeja.hoy(conn, cuenta, dia_de(v.now_ms)))
    return comun.json(
        {"dictamen": id_dictamen, "revision": id_, "hoy": done,
         "texto": en_palabras(decision.resultado, decision.inciso)}
    )  # fmt: skip


CAMPO_DE_ERROR = {"falta_motivo": "motivo"}


def _campo(decision: Decision) -> str:
    if decision.resultado == "elevado":
        return "motivo"
    return "inciso" if not decision.inciso else "detalle"


def _decidir(tx: Tx, decision: Decision, vista: Vista) -> int:
    """Decide on what is still as it was shown. What is decided already is the operation's to answer: a browser sends
    again when an answer is lost."""
    revision = revisiones.get(tx.conn, decision.revision)
    apoyo = apoyos.get(tx.conn, revision.apoyo_id) if revision is not None else None
    if revision is None or apoyo is None:
        raise AppError("no_encontrado")
    if revision.estado != "pendiente":
        return dictamen.decidir(tx, decision).dictamen
    if vista.criterios < 0 and decision.resultado != "elevado":
        raise AppError("pantalla_ajena")
    if vista.criterios >= 0 and criterios.vigentes(tx.conn, apoyo.via).version != vista.criterios:
        raise AppError("criterios_cambiados")
    return dictamen.decidir(tx, decision).dictamen


async def _de_vuelta(v: Visita, id_: int, skipped: tuple[int, ...], form: Leido, abierto_ms: int) -> Response:
    """The form as it was filled in, with what is wrong."""
    if comun.quiere_json(v):
        name, error = next(iter(form.errores.items()))
        return comun.json({"codigo": error.codigo, "texto": error.texto, "campo": name}, 422)
    return await _mostrar(v, id_, skipped, form, abierto_ms)


async def soltar(v: Visita) -> Response:
    """POST /mesa/revision/{id}/soltar: leave it for later, or for somebody else, and go on."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    form = await v.form(FORMULARIO)

    def release(tx: Tx) -> None:
        comun.tenida(tx.conn, id_, cuenta, tx.now_ms)
        bandeja.soltar(tx, id_, cuenta)

    await v.write(release)
    comun.memoria(v).olvidar(id_)
    if comun.quiere_json(v):
        return comun.json({"revision": id_})
    skipped = (*comun.ids(form.crudo.get("saltadas", "")), id_)
    return await comun.al_siguiente(v, skipped, "mesa_soltada")


async def tomar(v: Visita) -> Response:
    """POST /mesa/revision/{id}/tomar: take back what one held last, once its time ended and nobody else took it."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta

    def claim(tx: Tx) -> Revision:
        found = revisiones.get(tx.conn, id_)
        if found is None or found.reclamada_por != cuenta:
            raise AppError("no_encontrado")
        return bandeja.reclamar(tx, id_, cuenta)

    await v.write(claim)
    return comun.json({"revision": id_}) if comun.quiere_json(v) else v.go(f"/mesa/revision/{id_}")


async def deshacer(v: Visita) -> Response:
    """POST /mesa/dictamen/{id}/deshacer: one's own decision is undone by a new row; the registro is in hand again."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    found = await v.write(lambda tx: dictamen.deshacer(tx, id_, cuenta))
    if comun.quiere_json(v):
        return comun.json({"revision": found.id})
    return v.go(f"/mesa/revision/{found.id}", "mesa_deshecha")
