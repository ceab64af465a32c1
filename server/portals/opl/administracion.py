"""/opl/administracion: how the box is, what waits, and what to do about each fault (rows A1, D6, X1).

Everything on it is cheap to ask, because it asks itself again every few seconds (htmx, a while; without it, a link).
"""

from __future__ import annotations

import asyncio
import platform
import shutil
from dataclasses import dataclass
from importlib import metadata

import msgspec
from starlette.responses import Response

from server import bitacora, keyring
from server.bitacora import Evento
from server.diario.second_copy import Estado as EstadoCopia
from server.doctor import sistema
from server.doctor.lista import CHEQUEOS, examine
from server.doctor.valores import Estado as EstadoChequeo
from server.doctor.valores import Resultado
from server.domain.auxiliar import fecha_larga
from server.domain.roles import ROLES_OPL, TITULOS, Rol
from server.pipeline.stages import ETAPAS
from server.portals.public.salud import NAMES
from server.portals.vigia import Vigia, ready
from server.portals.visita import Visita
from server.replica.supervisor import Estado as EstadoReplica
from server.store import padron, tablero, trabajos
from server.store.connection import Connection
from server.store.correos import counts
from server.store.tablero import MANY, Cola, Versiones

EVERY_S = 15
TURNS = 40
"""How often the page asks again by itself: a page that is left open must not keep its session alive all day."""

_ETAPAS = {etapa.nombre: etapa.texto for etapa in ETAPAS}
_ESTATUS = {
    "invitada": "Invitadas", "por_declarar": "Por declarar", "por_aceptar": "Por aceptar", "activa": "Activas",
    "suspendida": "Suspendidas",
}  # fmt: skip
_HECHOS = (
    (Evento.SERVIDOR_INICIADO, "El servidor inició"),
    (Evento.INDICE_RESTAURADO, "El índice se restauró"),
    (Evento.INDICE_REPUESTO, "El índice se repuso desde el diario"),
    (Evento.SEGUNDA_COPIA_DETENIDA, "La segunda copia dejó de responder"),
    (Evento.SEGUNDA_COPIA_RESTABLECIDA, "La segunda copia volvió a estar al día"),
    (Evento.SEGUNDA_COPIA_HALLAZGO, "La comparación de la segunda copia halló algo"),
    (Evento.REPLICA_DETENIDA, "La réplica del índice se detuvo"),
    (Evento.REPLICA_RESTABLECIDA, "La réplica del índice volvió"),
    (Evento.TARJETA_RECIBIDA, "Se recibió una tarjeta de memoria"),
    (Evento.CORREO_ENVIADO, "Salió un correo"),
    (Evento.PADRON_IMPORTADO, "Entró en vigor una versión del padrón"),
)
_REMEDIES = {
    "escritor": "Reinicie el servicio: al iniciar, lo recibido y el índice se vuelven a comparar solos. Si se repite, "
    "guarde la bitácora del sistema y avise a soporte.",
    "indice": "Reinicie el servicio. Si no inicia, restaure el índice con «acopio restore»: los registros y sus acuses "
    "vuelven del diario.",
    "disco": "Libere o agregue espacio en el disco de los datos. No borre nada dentro de la carpeta de datos.",
    "cola": "Si dura más de unos minutos, vea que el disco no esté ocupado por otra tarea (respaldos, copias).",
    "correo": "Vea abajo qué correos no salieron y por qué. Corrija la causa y envíelos de nuevo.",
    "segunda_copia": "Reponga cuanto antes el lugar de la segunda copia: al volver se pone al día sola. No la quite de "
    "los ajustes para salir del paso.",
    "padron": "Importe el padrón otra vez con «acopio padron import», en la consola del servidor; no hace falta "
    "detenerlo.",
    "replica": "Revise el lugar de la réplica (disco montado, red, credenciales): el servidor la reanuda solo.",
}


@dataclass(frozen=True, slots=True)
class Parte:
    """A part of the server. `detiene`: acuses stop while it is not well. `que_hacer`: "" while it is well."""

    nombre: str
    bien: bool
    texto: str
    detiene: bool
    que_hacer: str


@dataclass(frozen=True, slots=True)
class Copia:
    """The second copy. `lugar`: where; instants in ms or None; `pendientes`: lotes still to be copied."""

    bien: bool
    lugar: str
    desde_ms: int
    pendientes: int
    confirmado: int
    confirmado_ms: int | None
    problema: str
    nota: str
    hallazgos: int


@dataclass(frozen=True, slots=True)
class Padron:
    """The copy of the padrón in force. `corte`: dd/mm/aaaa; `falta`: its file is not there; `repaso`: it is being asked
    again about some apoyos."""

    corte: str
    filas: int
    importado_ms: int
    falta: bool
    repaso: bool


@dataclass(frozen=True, slots=True)
class Espera:
    """Something that waits. `muchos`: there are that many or more."""

    nombre: str
    cuantos: int
    muchos: bool
    desde_ms: int | None


@dataclass(frozen=True, slots=True)
class Llave:
    """A key of the server, its public side. `en_uso`: new acuses and sobres use it; keys have no end of their own."""

    uso: str
    nombre: str
    creada_ms: int
    en_uso: bool


@dataclass(frozen=True, slots=True)
class Renglon:
    """A label and what is said of it."""

    nombre: str
    valor: str
    en_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Chequeo:
    """A line of the last examination."""

    grupo: str
    estado: str
    clase: str
    texto: str
    que_hacer: str


@dataclass(frozen=True, slots=True)
class Revision:
    """The last examination that was asked for here."""

    en_ms: int
    chequeos: tuple[Chequeo, ...]

    @property
    def por_atender(self) -> int:
        """Lines that ask for something to be done."""
        return sum(1 for one in self.chequeos if one.que_hacer)


@dataclass(frozen=True, slots=True)
class AdministracionContext:
    """`listo`: acuses can be given. `copia`, `replica`, `padron`: None where there is none; `padron_servicio`: apoyos
    are asked of the institute's own service. `correo`: what waits; `fallidos`:
    what was given up; `cuarentena`: registros. `cuentas`: of the OPL by estatus; `aspirantes`: theirs. `vez`: how often
    the page asked again by itself (from `turnos` on it does not); `cada_s`: after how many seconds. `revision`: None
    until one was made."""

    listo: bool
    partes: list[Parte]
    disco_libre: int
    disco_total: int
    disco_texto: str
    copia: Copia | None
    replica: EstadoReplica | None
    padron: Padron | None
    padron_servicio: bool
    correo: Espera
    fallidos: int
    correo_va: bool
    trabajos: list[Espera]
    cuarentena: int
    subidas: int
    escritor: int
    cuentas: list[tuple[str, int]]
    perfiles: list[tuple[str, int]]
    aspirantes: int
    llaves: list[Llave]
    versiones: list[Renglon]
    hechos: list[Renglon]
    revision: Revision | None
    en_ms: int
    vez: int
    turnos: int
    cada_s: int


async def mostrar(v: Visita) -> Response:
    """GET /opl/administracion"""
    given = v.request.query_params.get("vez", "")
    vez = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
    keys = await asyncio.to_thread(_keys, v)
    return v.page("opl/administracion.html", await _look(v, keys, vez), fragmento="estado")


async def revisar(v: Visita) -> Response:
    """POST /opl/administracion/revision: what `acopio doctor` checks, but for what this page shows anyway."""
    busy: asyncio.Lock = v.portal.parts.setdefault("revision_en_curso", asyncio.Lock())
    async with busy:
        entorno = v.portal.parts["entorno"]()
        found: list[tuple[str, Resultado]] = []
        checks = tuple(one for one in CHEQUEOS if one[1] is not sistema.servidor)
        await asyncio.to_thread(examine, entorno, lambda group, one: found.append((group, one)), checks)
        v.portal.parts["revision"] = Revision(v.now_ms, tuple(_line(group, one) for group, one in found))
    await v.write(
        lambda tx: bitacora.record(
            tx.conn, tx.now_ms, Evento.REVISION_PEDIDA, actor=v.persona.actor,
            fallas=sum(one.estado is EstadoChequeo.FALLA for _, one in found),
            avisos=sum(one.estado is EstadoChequeo.AVISO for _, one in found),
        )
    )  # fmt: skip
    return v.go("/opl/administracion", "revision_hecha")


@dataclass(frozen=True, slots=True)
class _Figures:
    parts: dict[str, dict[str, object]]
    mail: Cola
    failed: int
    jobs: dict[str, Cola]
    quarantined: int
    uploads: int
    accounts: dict[tuple[str, str], int]
    lote: tuple[int, int] | None
    events: dict[str, int]
    versions: Versiones
    padron: Padron | None


async def _look(v: Visita, llaves: list[Llave], vez: int) -> AdministracionContext:
    box = v.portal.parts["box"]
    vigia = Vigia(box.settings.datos, box.writer, box.second_copy, box.replica)

    def ask(conn: Connection) -> _Figures:
        lote = tablero.last_lote(conn)
        return _Figures(
            vigia.parts(conn), tablero.mail_waiting(conn), counts(conn)["fallido"], tablero.jobs_waiting(conn),
            trabajos.count_quarantined(conn),
            tablero.uploads(conn), tablero.accounts(conn), (lote["numero"], lote["creado_ms"]) if lote else None,
            tablero.last_of_each(conn, tuple(evento for evento, _ in _HECHOS)), tablero.versions(conn), _padron(conn),
        )  # fmt: skip

    found = await v.read(ask)
    disk = shutil.disk_usage(box.settings.datos)
    by_state = dict.fromkeys(_ESTATUS, 0)
    by_role = dict.fromkeys(ROLES_OPL, 0)
    aspirantes = 0
    for (rol, estatus), count in found.accounts.items():
        if rol == Rol.ASPIRANTE:
            aspirantes += count
        else:
            by_state[estatus] += count
            by_role[Rol(rol)] += count
    events = [Renglon(text, "", found.events[evento]) for evento, text in _HECHOS if evento in found.events]
    if found.lote is not None:
        events.append(Renglon(f"Se guardó el lote {found.lote[0]:,}", "", found.lote[1]))
    return AdministracionContext(
        listo=ready(found.parts),
        partes=[_part(name, part) for name, part in found.parts.items()],
        disco_libre=disk.free,
        disco_total=disk.total,
        disco_texto=f"{disk.free / 1e9:,.1f} GB libres de {disk.total / 1e9:,.1f}",
        copia=_copy(box.second_copy.estado()) if box.second_copy is not None else None,
        replica=box.replica.estado if box.replica is not None else None,
        padron=found.padron,
        padron_servicio=box.settings.padron_url is not None,
        correo=Espera("Correos por enviar", found.mail.cuantos, False, found.mail.desde_ms),
        fallidos=found.failed,
        correo_va="outbox" in v.portal.parts,
        trabajos=[
            Espera(_ETAPAS[etapa], one.cuantos, one.cuantos >= MANY, one.desde_ms) for etapa, one in found.jobs.items()
        ],
        cuarentena=found.quarantined,
        subidas=found.uploads,
        escritor=box.writer.waiting,
        cuentas=[(_ESTATUS[estatus], count) for estatus, count in by_state.items()],
        perfiles=[(TITULOS[rol], count) for rol, count in by_role.items()],
        aspirantes=aspirantes,
        llaves=llaves,
        versiones=_versions(found.versions),
        hechos=sorted(events, key=lambda one: -(one.en_ms or 0)),
        revision=v.portal.parts.get("revision"),
        en_ms=v.now_ms,
        vez=min(vez, TURNS),
        turnos=TURNS,
        cada_s=EVERY_S,
    )


def _part(name: str, part: dict[str, object]) -> Parte:
    good = part["estado"] == "bien"
    todo = "" if good else _REMEDIES[name]
    return Parte(NAMES.get(name, name), good, str(part["texto"]), bool(part["detiene"]), todo)


def _copy(estado: EstadoCopia) -> Copia:
    return Copia(
        estado.bien, estado.lugar, estado.desde_ms, estado.pendientes,
        estado.confirmado, estado.confirmado_ms, estado.motivo.texto if estado.motivo else "", estado.nota,
        estado.hallazgos,
    )  # fmt: skip


def _padron(conn: Connection) -> Padron | None:
    version = padron.vigente(conn)
    if version is None:
        return None
    return Padron(
        fecha_larga(version.corte), version.filas, version.importado_ms, padron.missing(conn, version),
        padron.repaso(conn) is not None,
    )  # fmt: skip


def _keys(v: Visita) -> list[Llave]:
    try:
        found = keyring.listed(v.portal.parts["entorno"]().llaves)
    except (OSError, msgspec.MsgspecError):
        return []  # those in memory serve on; the examination says what is wrong with the file
    ours = {v.portal.keyring.firma.public.thumbprint, v.portal.keyring.apertura.public.key_id.hex()}
    uses = {"firma": "Firma los acuses", "apertura": "Abre los sobres"}
    return [Llave(uses.get(one.clase, one.clase), one.nombre, one.creada_ms, one.nombre in ours) for one in found]


def _versions(found: Versiones) -> list[Renglon]:
    try:
        ours = metadata.version("acopio")
    except metadata.PackageNotFoundError:
        ours = "desde su código, sin instalar"
    return [
        Renglon("Acopio", ours), Renglon("Esquema del índice", found.esquema), Renglon("SQLite", found.sqlite),
        Renglon("Python", platform.python_version()), Renglon("Sistema", f"{platform.system()} {platform.machine()}"),
    ]  # fmt: skip


def _line(group: str, one: Resultado) -> Chequeo:
    said = {
        EstadoChequeo.BIEN: ("Bien", "bien"), EstadoChequeo.AVISO: ("Aviso", "duda"),
        EstadoChequeo.FALLA: ("Falla", "mal"), EstadoChequeo.OMITIDO: ("No se revisó", "gris"),
    }[one.estado]  # fmt: skip
    return Chequeo(group, said[0], said[1], one.texto, one.que_hacer)
