"""The room of a hearing: each registro looked at again before those who are there, on a large screen (row B8, P14.4).

Of a card the room sees its images, which is what is disputed, and no typed datum: no name, no clave. What a reviewer
had on the screen travels with the form, sealed by the server, and is kept with the dictamen.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from server.clock import hora_del_centro
from server.diario.apertura import NoAbre
from server.domain.apoyo import Via
from server.domain.garantia_audiencia import Estado, Ritmo, SinRevisar, ritmo
from server.domain.inconsistencias import Inconsistencia
from server.errors import AppError, DatoInvalido
from server.expedientes.abrir import Abridor
from server.mesa_control import criterios, dictamen, garantia_acta
from server.mesa_control import garantia_audiencia as operaciones
from server.mesa_control.expediente import Expediente, imagen, mirar, nombre_imagen
from server.mesa_control.garantia_audiencia import Decision
from server.portals.audiencias import una
from server.portals.forms import Campo, Formulario, Leido, opcion, texto
from server.portals.visita import Visita
from server.store import audiencia_registros, audiencia_revisores, audiencias
from server.store.audiencia_registros import Renglon
from server.store.audiencias import Audiencia, Sesion, Totales
from server.store.connection import Connection
from sync_protocol.registro import IMAGENES

URL = "/opl/audiencias"
CONFIRMADO, VALIDO, OTRO = "confirmado", "valido", "otro"
DECISIONES = (CONFIRMADO, VALIDO, OTRO, SinRevisar.DESISTIDO.value, SinRevisar.NO_ABRE.value)
FORMULARIO = Formulario(
    Campo("decision", "Decisión", opcion(*DECISIONES), tipo="radio", opciones=tuple((one, one) for one in DECISIONES)),
    Campo("inciso", "Inciso", obligatorio=False, tipo="select", maximo=4),
    Campo("detalle", "Detalle", texto, obligatorio=False, maximo=300),
    Campo("sello", "Pantalla", obligatorio=False, tipo="hidden", maximo=20_000),
)  # fmt: skip


class Pantalla(msgspec.Struct, frozen=True):
    """What a reviewer had before the room: codes and ids. `criterios`: the version of the criteria."""

    abierto_ms: int
    criterios: int
    dictamen: int
    banderas: list[str]
    imagenes: list[str]


@dataclass(frozen=True, slots=True)
class Imagen:
    """One of the four. `url`: "" where there is none that can be shown."""

    tipo: str
    nombre: str
    url: str


@dataclass(frozen=True, slots=True)
class Mostrado:
    """The registro before the room. `criterio`: what the inciso says; `quien`: as a role and a number, never a name.

    `ahora`: what the hearing decided of it, "" while nothing; `clase`: of its label; `otro`: the dictamen in force is
    another than the contested one, and which.
    """

    apoyo: int
    folio: str
    auxiliar: int
    antes: str
    criterio: str
    detalle: str
    quien: str
    en: str
    version: int
    argumento: str
    ahora: str
    clase: str
    otro: str
    papel: bool
    banderas: tuple[str, ...]
    imagenes: tuple[Imagen, ...]
    no_abre: bool


@dataclass(frozen=True, slots=True)
class Marcha:
    """How the sitting goes, in words. `valor` of `total` registros are done; `tarde`: it will end late.

    `ultimo`: what this reviewer decided last, so that the room reads it while the next one is shown already.
    """

    valor: int
    total: int
    avance: str
    ritmo: str
    tarde: bool
    ultimo: str


@dataclass(frozen=True, slots=True)
class SalaContext:
    """opl/audiencia_sala.html: for the reviewer. `lugar`: which of theirs this is, from 1; `suyos`: how many they have.

    `mostrado`: None when nothing of theirs is left; `incisos`: of the criteria in force. `anterior`, `siguiente`:
    addresses, "" at the ends. `sello`: what is on this screen.
    """

    audiencia: Audiencia
    mostrado: Mostrado | None
    marcha: Marcha
    lugar: int
    suyos: int
    incisos: tuple[Inconsistencia, ...]
    form: Leido
    sello: str
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class PantallaContext:
    """opl/audiencia_pantalla.html: what those in the room see beside it. `sondeo`: asks whether anything changed."""

    audiencia: Audiencia
    mostrado: Mostrado | None
    marcha: Marcha
    revisor: int
    sondeo: str


# -- the reviewer's screen ------------------------------------------------------------------------------------------


async def sala(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/sala: the next registro of this reviewer, or the one that is asked for."""
    return await _sala(v, None)


async def decidir(v: Visita) -> Response:
    """POST /opl/audiencias/{id}/sala/{apoyo}: confirmed, changed, or not looked at; on to the next one."""
    id_, apoyo, cuenta = int(v.request.path_params["id"]), int(v.request.path_params["apoyo"]), v.persona.cuenta
    form = await v.form(FORMULARIO)
    if not form.bien:
        return await _sala(v, form)
    said = form.valores["decision"]
    try:
        if said in (SinRevisar.DESISTIDO, SinRevisar.NO_ABRE):
            await v.write(lambda tx: operaciones.no_revisar(tx, id_, apoyo, SinRevisar(said), cuenta=cuenta))
        else:
            shown = _unseal(v, id_, apoyo, form.crudo["sello"])
            row = await v.read(lambda conn: audiencia_registros.registro(conn, id_, apoyo))
            if row is None:
                raise AppError("no_encontrado")
            decision = _decision(form, row, shown)
            await v.write(lambda tx: operaciones.decidir(tx, id_, apoyo, decision, cuenta=cuenta))
    except DatoInvalido as error:
        field = "detalle" if error.codigo in ("falta_detalle", "texto_largo") else "inciso"
        return await _sala(v, form.con_error(field, error))
    return v.go(f"{URL}/{id_}/sala", "audiencia_decidida")


def _decision(form: Leido, row: Renglon, shown: Pantalla) -> Decision:
    screen = msgspec.to_builtins(shown)
    opened = screen.pop("abierto_ms")
    if form.valores["decision"] == VALIDO:
        return Decision("valido", "", "", opened, screen)
    if form.valores["decision"] == CONFIRMADO:
        return Decision("inconsistente", row.antes.inciso, row.antes.detalle, opened, screen)
    if not form.valores["inciso"]:
        raise DatoInvalido("falta_dato", "Elija el inciso.")
    return Decision("inconsistente", form.valores["inciso"], form.valores["detalle"] or "", opened, screen)


async def _sala(v: Visita, form: Leido | None) -> Response:
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    asked = v.request.path_params.get("apoyo", v.request.query_params.get("registro", ""))

    def turn(conn: Connection) -> tuple[Audiencia, list[tuple[int, bool]]]:
        one = una(conn, id_)
        if one.estado is not Estado.EN_DESAHOGO:
            raise AppError("audiencia_en_otra_etapa")
        if not audiencia_revisores.is_revisor(conn, id_, cuenta):
            raise AppError("audiencia_ajena")
        return one, audiencia_registros.turno(conn, id_, cuenta)

    one, own = await v.read(turn)
    ids = [apoyo for apoyo, _ in own]
    chosen = next((apoyo for apoyo in ids if str(apoyo) == str(asked)), None)
    if chosen is None:
        chosen = next((apoyo for apoyo, waits in own if waits), None)
    if chosen is None:
        marcha = await v.read(lambda conn: _marcha(conn, one, v.now_ms, cuenta))
        context = SalaContext(one, None, marcha, 0, len(ids), (), FORMULARIO.vacio(), "",
                              f"{URL}/{id_}/sala?registro={ids[-1]}" if ids else "", "")  # fmt: skip
        return v.page("opl/audiencia_sala.html", context)
    apoyo = chosen
    await v.write(lambda tx: operaciones.mirar(tx, id_, apoyo, cuenta=cuenta))
    shown, now, marcha, banderas = await v.read(lambda conn: _look(v, conn, one, apoyo, cuenta))
    place = ids.index(apoyo)
    screen = Pantalla(
        v.now_ms, now.version, shown[1].antes.dictamen, banderas,
        [image.tipo for image in shown[0].imagenes if image.url],
    )  # fmt: skip
    context = SalaContext(
        audiencia=one, mostrado=shown[0], marcha=marcha, lugar=place + 1, suyos=len(ids), incisos=now.incisos,
        form=form or FORMULARIO.vacio(), sello=_seal(v, id_, apoyo, screen),
        anterior=f"{URL}/{id_}/sala?registro={ids[place - 1]}" if place else "",
        siguiente=f"{URL}/{id_}/sala?registro={ids[place + 1]}" if place + 1 < len(ids) else "",
    )  # fmt: skip
    return v.page("opl/audiencia_sala.html", context, status=422 if form is not None else 200)


# -- those in the room ----------------------------------------------------------------------------------------------


async def pantalla(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/sala/pantalla: what a reviewer has before the room; a part: 204 when unchanged."""
    id_, asked = int(v.request.path_params["id"]), v.request.query_params.get("revisor", "")
    revisor = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0

    def read(conn: Connection) -> tuple[Audiencia, int | None, Totales, Renglon | None]:
        one = una(conn, id_)
        if not audiencia_revisores.is_revisor(conn, id_, revisor):
            raise AppError("no_encontrado")
        at = audiencia_revisores.mirando(conn, id_, revisor) if one.estado is Estado.EN_DESAHOGO else None
        return one, at, audiencias.totales(conn, id_), audiencia_registros.registro(conn, id_, at) if at else None

    one, at, totales, row = await v.read(read)
    decided = row.despues.dictamen if row and row.despues else 0
    token = f"{one.estado}-{at or 0}-{decided}-{totales.faltan}"
    if v.request.headers.get("hx-request") == "true" and v.request.query_params.get("visto") == token:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    shown: Mostrado | None = None
    marcha = await v.read(lambda conn: _marcha(conn, one, v.now_ms, revisor))
    if at is not None:
        await v.seen(f"apoyo:{at}", "audiencia_sala", audiencia=id_)
        looked = await v.read(lambda conn: _look(v, conn, one, at, revisor))
        shown = looked[0][0]
    url = f"{URL}/{id_}/sala/pantalla?revisor={revisor}&visto={token}"
    return v.page("opl/audiencia_pantalla.html", PantallaContext(one, shown, marcha, revisor, url), fragmento="vista")


async def foto(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/sala/{apoyo}/{imagen}: one image of what is before the room now, and of nothing else."""
    id_, apoyo, tipo = (v.request.path_params[name] for name in ("id", "apoyo", "imagen"))
    if tipo not in IMAGENES:
        raise AppError("no_encontrado")
    abridor = Abridor(v.portal.diario, v.portal.keyring)

    def read(conn: Connection) -> bytes | None:
        if not audiencia_revisores.en_la_sala(conn, int(id_), int(apoyo)):
            return None
        return imagen(abridor.abrir(conn, int(apoyo)), tipo)

    try:
        jpeg = await v.read(read)
    except NoAbre:
        jpeg = None
    if jpeg is None:
        raise AppError("no_encontrado")
    return Response(
        jpeg, media_type="image/jpeg",
        headers={"Cache-Control": "no-store", "Content-Disposition": "inline", "Content-Security-Policy": "sandbox"},
    )  # fmt: skip


# -- shared ---------------------------------------------------------------------------------------------------------


def _look(
    v: Visita, conn: Connection, one: Audiencia, apoyo: int, revisor: int
) -> tuple[tuple[Mostrado, Renglon], criterios.Criterios, Marcha, list[str]]:
    row = audiencia_registros.registro(conn, one.id, apoyo)
    if row is None:
        raise AppError("no_encontrado")
    found: Expediente | None = None
    try:
        found = mirar(conn, Abridor(v.portal.diario, v.portal.keyring), apoyo)
    except NoAbre:
        found = None
    said = garantia_acta.catalogo(conn, [row])
    words = garantia_acta.renglon(row, said)
    criterion = said.get(row.antes.criterios, {}).get(row.antes.inciso)
    firm = dictamen.firme_de(conn, apoyo)
    other = firm is not None and firm.id != row.antes.dictamen and firm.audiencia_id != one.id
    there = found.abierto.imagenes if found else {}
    shown = Mostrado(
        apoyo=apoyo, folio=row.folio, auxiliar=row.auxiliar, antes=words.antes,
        criterio=criterion.texto if criterion else "", detalle=row.antes.detalle,
        quien=f"Mesa de control, cuenta {row.antes.cuenta}", en=hora_del_centro(row.antes.en_ms)[:16],
        version=row.antes.criterios, argumento=row.argumento or one.motivo,
        ahora=words.despues if row.despues or row.sin_revisar else "",
        clase="bien" if row.despues and row.despues.resultado == "valido" else "mal" if row.despues else "gris",
        otro=f"Después de lo impugnado, la mesa de control dictaminó otra vez (dictamen {firm.id})." if firm and other
        else "",
        papel=row.via == Via.PAPEL, banderas=tuple(flag.texto for flag in found.banderas) if found else (),
        imagenes=tuple(
            Imagen(tipo, nombre_imagen(tipo), f"{URL}/{one.id}/sala/{apoyo}/{tipo}" if tipo in there else "")
            for tipo in IMAGENES
        ),
        no_abre=found is None,
    )  # fmt: skip
    codes = [flag.codigo.value for flag in found.banderas] if found else []
    return (shown, row), criterios.vigentes(conn, Via(row.via)), _marcha(conn, one, v.now_ms, revisor), codes


def _marcha(conn: Connection, one: Audiencia, now_ms: int, revisor: int) -> Marcha:
    totales = audiencias.totales(conn, one.id)
    done = totales.registros - totales.faltan
    today: Sesion | None = next(iter(audiencias.sesiones(conn, one.id)[-1:]), None)
    words, late = "", False
    if today is not None and today.terminada_ms is None and one.inicia_ms is not None:
        pace = ritmo(
            audiencia_registros.decided_since(conn, one.id, today.iniciada_ms), totales.faltan,
            desde_ms=today.iniciada_ms, ahora_ms=now_ms,
            termina_ms=max(one.inicia_ms, today.iniciada_ms) + today.minutos * 60_000,
        )  # fmt: skip
        words, late = _ritmo(pace), pace.tarde_ms > 0
    last = audiencia_registros.ultimo(conn, one.id, revisor)
    told = ""
    if last is not None:
        told = f"{last.folio}: {garantia_acta.renglon(last, garantia_acta.catalogo(conn, [last])).despues}"
    return Marcha(done, totales.registros, f"{done:,} de {totales.registros:,}", words, late, told)


def _ritmo(pace: Ritmo) -> str:
    if not pace.faltan:
        return "No falta ninguno."
    if pace.fin_ms is None or pace.por_registro_ms is None:
        return f"Pasó la hora de término por {pace.tarde_ms // 60_000} minutos." if pace.tarde_ms else ""
    said = f"A este ritmo ({_length(pace.por_registro_ms)} por registro) lo que falta termina a las " \
        f"{hora_del_centro(pace.fin_ms)[11:16]}"  # fmt: skip
    if pace.tarde_ms >= 60_000:
        return f"{said}, {_length(pace.tarde_ms)} después de lo previsto."
    return f"{said}, dentro de lo previsto."


def _length(ms: int) -> str:
    seconds = max(1, ms // 1000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min" + (f" {seconds % 60} s" if seconds < 600 and seconds % 60 else "")
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def _purpose(v: Visita, id_: int, apoyo: int) -> str:
    return f"sala:{id_}:{apoyo}:{v.persona.cuenta}"


def _seal(v: Visita, id_: int, apoyo: int, shown: Pantalla) -> str:
    wrapped = v.portal.keyring.wrap(_purpose(v, id_, apoyo), msgspec.msgpack.encode(shown))
    return base64.urlsafe_b64encode(wrapped).decode()


def _unseal(v: Visita, id_: int, apoyo: int, sello: str) -> Pantalla:
    try:
        plain = v.portal.keyring.unwrap(_purpose(v, id_, apoyo), base64.b64decode(sello, altchars=b"-_", validate=True))
        if plain is None:
            raise AppError("pantalla_ajena")
        return msgspec.msgpack.decode(plain, type=Pantalla)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise AppError("pantalla_ajena") from error
