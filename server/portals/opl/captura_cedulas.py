"""Typing cédulas of paper one after another, without the mouse: first, second time, correcting one's own (row B5).

What a page says of what was typed are hints: they are shown once, and Enter saves. Each hint that was shown comes back
with the form by its code and a checksum of the data it spoke of, so that another value is looked at anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from starlette.responses import Response

from server.domain import captura_papel, clave_elector
from server.domain.apoyo import Situacion
from server.domain.captura_papel import CAMPOS, CRITERIOS, Aviso
from server.errors import AppError, DatoInvalido
from server.expedientes.abrir import Datos
from server.mesa_control import captura_manual
from server.mesa_control.captura_manual import Captura, Resultado
from server.mesa_control.repetidas import Repetidas
from server.padron.proveedor import Pregunta, Proveedor, Respuesta
from server.portals.forms import Campo, Formulario, Leido, entero, opcion, texto
from server.portals.opl.captura_paquetes import CEDULAS, URL
from server.portals.visita import Visita
from server.store import cedulas_papel, excepciones, paquetes
from server.store.connection import Connection
from server.store.paquetes import Avance, Paquete
from server.store.writer import Tx

CAPTURAR, REPETIR, CORREGIR = "capturar", "repetir", "corregir"
FALTA: Final = "falta"
PLANTILLA: Final = "opl/captura_cedula.html"


@dataclass(frozen=True, slots=True)
class CedulaContext:
    """opl/captura_cedula.html. `modo`: CAPTURAR, REPETIR or CORREGIR; `url`: where the form goes.

    `avisos`: hints; `vistos`: as they are sent back. `foco`: the field that the cursor is in. `guardada`: the number
    that was saved just now, 0 for none; `corregible`: it can still be changed. `padron`: (what it says, class of its
    label), None when it was not asked; `con_padron`: there is one to ask.
    """

    form: Leido
    modo: str
    url: str
    paquete: Paquete
    avance: Avance
    numero: int
    avisos: tuple[Aviso, ...]
    vistos: str
    foco: str
    guardada: int
    corregible: bool
    padron: tuple[str, str] | None
    con_padron: bool


def _identificador(value: str) -> str:
    if any(not sign.isprintable() for sign in value):
        raise DatoInvalido("texto_con_signos", "Escriba sólo letras y números.")
    return clave_elector.compact(value)


def _nombre(value: str) -> str:
    return texto(value).upper()


FORMULARIO: Final = Formulario(
    Campo("numero", "Cédula número", entero(1, CEDULAS), teclado="numeric", maximo=7),
    Campo("clave_elector", "Clave de elector", _identificador, obligatorio=False, maximo=30),
    Campo("curp", "CURP", _identificador, obligatorio=False, maximo=30),
    Campo("cic", "CIC", _identificador, obligatorio=False, maximo=20, teclado="numeric"),
    Campo("ocr", "OCR", _identificador, obligatorio=False, maximo=20, teclado="numeric"),
    Campo("apellido_paterno", "Apellido paterno", _nombre, obligatorio=False, maximo=80),
    Campo("apellido_materno", "Apellido materno", _nombre, obligatorio=False, maximo=80),
    Campo("nombre", "Nombre(s)", _nombre, obligatorio=False, maximo=80),
    Campo(
        "criterio", "Qué le falta o tiene la cédula", opcion(*CRITERIOS), obligatorio=False, tipo="radio",
        opciones=(("", "Nada"), *CRITERIOS.items()),
    ),
    Campo(
        "comentario", "Comentario", texto, obligatorio=False, maximo=500,
        ayuda="Lo puede leer el aspirante. Obligatorio con «Otra» o si la cédula falta.",
    ),
    Campo("avisos", "Avisos", obligatorio=False, tipo="hidden", maximo=2_000),
    Campo("accion", "Acción", obligatorio=False, tipo="hidden", maximo=20),
)  # fmt: skip
_FIELD: Final = {
    "numero_ajeno": "numero", "cedula_ya_capturada": "numero", "cedula_propia": "numero", "cedula_hecha": "numero",
    "falta_comentario": "comentario", "falta_motivo": "comentario", "captura_vacia": "clave_elector",
    "falta_identificador": "clave_elector", "falta_nombre": "apellido_paterno",
}  # fmt: skip


# -- first ------------------------------------------------------------------------------------------------------------


async def capturar(v: Visita) -> Response:
    """GET /opl/captura/paquetes/{id}/capturar?numero="""
    desde, guardada = _asked(v, "numero"), _asked(v, "guardada")
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta

    def read(conn: Connection) -> tuple[Paquete | None, int | None, bool]:
        paquete = paquetes.get(conn, id_)
        if paquete is None:
            return None, None, False
        last = cedulas_papel.get(conn, id_, guardada)
        own = last is not None and last.capturada_por == cuenta and last.estado == "por_repetir"
        return paquete, paquetes.proximo(conn, paquete, desde), own

    paquete, numero, own = await v.read(read)
    if paquete is None:
        raise AppError("no_encontrado")
    if numero is None or not paquete.abierto:
        return v.go(f"{URL}/{id_}", "paquete_capturado" if paquete.abierto else "")
    form = FORMULARIO.vacio({"numero": str(numero)})
    return await _page(v, CAPTURAR, form, numero, guardada=guardada, corregible=own)


async def guardar(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/capturar"""
    form = await v.form(FORMULARIO)
    id_, keys, cuenta = int(v.request.path_params["id"]), v.portal.keyring, v.persona.cuenta
    numero = form.valores.get("numero") or 0
    if form.crudo["accion"] == FALTA:
        motivo = form.valores.get("comentario") or ""
        return await _done(
            v, CAPTURAR, form, lambda tx: captura_manual.declarar_faltante(tx, id_, numero, motivo, cuenta=cuenta),
            f"{URL}/{id_}/capturar?numero={numero + 1}", "cedula_faltante", aparte=True,
        )  # fmt: skip
    return await _done(
        v, CAPTURAR, form,
        lambda tx: captura_manual.capturar(tx, keys, id_, numero, _captura(form), cuenta=cuenta),
        f"{URL}/{id_}/capturar?numero={numero + 1}&guardada={numero}", "cedula_guardada",
    )  # fmt: skip


# -- again ------------------------------------------------------------------------------------------------------------


async def repetir(v: Visita) -> Response:
    """GET /opl/captura/paquetes/{id}/repetir?numero=: a cédula that somebody else typed, and nothing of it."""
    id_, desde = int(v.request.path_params["id"]), _asked(v, "numero")
    numero = await v.read(lambda conn: cedulas_papel.por_repetir(conn, id_, v.persona.cuenta, desde))
    if numero is None:
        return v.go(f"{URL}/{id_}", "nada_por_repetir")
    return await _page(v, REPETIR, FORMULARIO.vacio({"numero": str(numero)}), numero)


async def guardar_repetida(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/repetir"""
    form = await v.form(FORMULARIO)
    id_, keys, cuenta = int(v.request.path_params["id"]), v.portal.keyring, v.persona.cuenta
    numero = form.valores.get("numero") or 0
    return await _done(
        v, REPETIR, form, lambda tx: captura_manual.repetir(tx, keys, id_, numero, _captura(form), cuenta=cuenta),
        f"{URL}/{id_}/repetir?numero={numero + 1}", "cedula_repetida",
    )  # fmt: skip


# -- correcting -------------------------------------------------------------------------------------------------------


async def corregir(v: Visita) -> Response:
    """GET /opl/captura/paquetes/{id}/cedulas/{numero}: what one typed oneself, while nobody typed it again."""
    id_, numero = int(v.request.path_params["id"]), int(v.request.path_params["numero"])
    cedula = await v.read(lambda conn: captura_manual.propia(conn, id_, numero, v.persona.cuenta))
    captura = captura_manual.una(v.portal.keyring, cedula)
    await v.seen(f"paquete:{id_}", "captura_cedula", cedula=numero)
    typed = {**asdict(captura.datos), "criterio": captura.criterio, "comentario": captura.comentario}
    return await _page(v, CORREGIR, FORMULARIO.vacio({**typed, "numero": str(numero)}), numero)


async def guardar_corregida(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/cedulas/{numero}"""
    id_, numero = int(v.request.path_params["id"]), int(v.request.path_params["numero"])
    form = FORMULARIO.leer({**await v.request.form(), "numero": str(numero)})
    keys, cuenta = v.portal.keyring, v.persona.cuenta
    return await _done(
        v, CORREGIR, form, lambda tx: captura_manual.corregir(tx, keys, id_, numero, _captura(form), cuenta=cuenta),
        f"{URL}/{id_}/capturar", "cedula_corregida",
    )  # fmt: skip


# -- hints ------------------------------------------------------------------------------------------------------------


async def comprobar(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/comprobar: what is to be said of what was typed so far; nothing is kept."""
    form = await v.form(FORMULARIO)
    numero = form.valores.get("numero") or 0
    return await _page(v, CAPTURAR, _only_typed(form), numero, avisos=await _hints(v, form, numero), parte="avisos")


async def padron(v: Visita) -> Response:
    """POST /opl/captura/paquetes/{id}/padron: whether the person is in the padrón, as a hint. It goes on the record."""
    form = await v.form(FORMULARIO)
    numero, datos = form.valores.get("numero") or 0, _captura(form).datos
    hint: tuple[str, str] | None = None
    ask: Proveedor | None = v.portal.parts.get("padron")
    if ask is not None and not _wrong(datos.clave_elector):
        await v.seen(f"paquete:{int(v.request.path_params['id'])}", "captura_padron", cedula=numero)
        [said] = await ask.preguntar([Pregunta(datos.clave_elector, datos.curp, datos.cic, datos.ocr)])
        hint = await _in_words(v, said)
    return await _page(v, CAPTURAR, _only_typed(form), numero, padron=hint, parte="padron")


async def _in_words(v: Visita, said: Respuesta) -> tuple[str, str]:
    if said.situacion is Situacion.SIN_RESPUESTA:
        return "El padrón no responde; se le preguntará después.", "gris"
    if said.situacion is not Situacion.LISTA_NOMINAL:
        return f"Padrón: {said.situacion.texto}.", "mal"
    id_ = int(v.request.path_params["id"])

    def covered(conn: Connection) -> bool:
        paquete = paquetes.get(conn, id_)
        return paquete is not None and excepciones.ampara(
            conn, paquete.solicitud, paquete.recibido_ms, said.municipio
        )  # fmt: skip

    if said.municipio and not await v.read(covered):
        return "En Lista Nominal, pero su domicilio está fuera de los municipios con régimen de excepción.", "duda"
    return "En Lista Nominal.", "bien"


def _wrong(clave: str) -> bool:
    try:
        clave_elector.parse(clave)
    except DatoInvalido:
        return True
    return False


async def _hints(v: Visita, form: Leido, numero: int) -> tuple[Aviso, ...]:
    datos = _captura(form).datos
    if not any(asdict(datos).values()):
        return ()
    id_ = int(v.request.path_params["id"])
    seen: Repetidas = v.portal.parts.setdefault("repetidas", Repetidas(v.portal.keyring))
    again = await v.read(lambda conn: seen.de(conn, id_, numero, datos))
    found = captura_papel.avisos(asdict(datos))
    if again:
        which = captura_papel.en_palabras(again)
        text = f"Esa persona ya está en este paquete: cédula {which}. Revise que no sea la misma cédula."
        found = (*found, Aviso("repetida", text, ("clave_elector", "cic", "ocr")))
    return found


def _token(aviso: Aviso, datos: Datos) -> str:
    said = "|".join(getattr(datos, campo) for campo in aviso.campos if campo in CAMPOS)
    return f"{aviso.codigo}.{zlib.crc32(said.encode()):08x}"


# -- the pieces -------------------------------------------------------------------------------------------------------


def _asked(v: Visita, name: str) -> int:
    raw = v.request.query_params.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 0


def _captura(form: Leido) -> Captura:
    values = form.valores
    datos = Datos(**{campo: values.get(campo) or "" for campo in CAMPOS})
    return Captura(datos, values.get("criterio") or "", values.get("comentario") or "")


def _only_typed(form: Leido) -> Leido:
    return form.formulario.vacio(form.crudo)


async def _done(
    v: Visita, modo: str, form: Leido, operation: Callable[[Tx], Resultado | bool], url: str, hecho: str, *,
    aparte: bool = False,
) -> Response:  # fmt: skip
    """Save and go on; or the form again with everything that was typed. `aparte`: the data are not what is saved."""
    numero = form.valores.get("numero") or 0
    avisos: tuple[Aviso, ...] = ()
    if aparte:
        form = Leido(
            form.formulario, form.crudo, form.valores,
            {name: error for name, error in form.errores.items() if name in ("numero", "comentario")},
        )  # fmt: skip
    if form.bien and not aparte:
        avisos = await _hints(v, form, numero)
        shown = set(form.crudo["avisos"].split(","))
        if any(_token(one, _captura(form).datos) not in shown for one in avisos):
            return await _page(v, modo, form, numero, avisos=avisos, status=422)
    if form.bien:
        try:
            await v.write(operation)
        except DatoInvalido as error:
            form = form.con_error(_FIELD[error.codigo], error)
        except AppError as error:
            if error.code in ("no_encontrado", "cedula_ajena"):
                raise
            form = form.con_error(_FIELD.get(error.code, ""), DatoInvalido(error.code, error.entry.text))
        else:
            return v.go(url, hecho)
    return await _page(v, modo, form, numero, avisos=avisos, status=422)


async def _page(
    v: Visita, modo: str, form: Leido, numero: int, *, avisos: tuple[Aviso, ...] = (), guardada: int = 0,
    corregible: bool = False, padron: tuple[str, str] | None = None, parte: str = "", status: int = 200,
) -> Response:  # fmt: skip
    id_ = int(v.request.path_params["id"])

    def read(conn: Connection) -> tuple[Paquete, Avance]:
        paquete = paquetes.get(conn, id_)
        if paquete is None:
            raise AppError("no_encontrado")
        return paquete, paquetes.avance(conn, paquete)

    paquete, avance = await v.read(read)
    datos = _typed(form)
    flagged = next((campo for one in avisos for campo in one.campos if campo in CAMPOS), "clave_elector")
    context = CedulaContext(
        form=form,
        modo=modo,
        url=f"{URL}/{id_}/cedulas/{numero}" if modo == CORREGIR else f"{URL}/{id_}/{modo}",
        paquete=paquete,
        avance=avance,
        numero=numero,
        avisos=avisos,
        vistos=",".join(_token(one, datos) for one in avisos),
        foco="" if form.primero else flagged,
        guardada=guardada,
        corregible=corregible,
        padron=padron,
        con_padron="padron" in v.portal.parts,
    )
    return v.page(PLANTILLA, context, status=status, fragmento=parte)


def _typed(form: Leido) -> Datos:
    """What stands in the form, read leniently: only to tell hints apart."""
    return _captura(FORMULARIO.leer(form.crudo)).datos
