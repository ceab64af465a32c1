"""`acopio restore`: a whole box again, from the replica of its index (or a backup) and the lotes of every place.

Everything is brought into `restaurando/` and verified there; only then it takes the place of what was there, which is
kept aside. The lotes decide what was promised: all of them come back, to the newest, whatever moment the index is
taken to; and what the index knows beyond the last lote is taken out of it, because its sobres are nowhere and no
acuse of theirs was given where a second copy is configured.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server import bitacora, keyring
from server.bitacora import Evento
from server.clock import hora_del_centro, iso_utc
from server.diario import lote as lotes
from server.diario.cadena import Diario
from server.diario.lote import FIRST_ANTERIOR, Manifiesto
from server.errors import ConfigurationError, DiarioError
from server.keyring import Keyring
from server.replica import backup, fuentes, litestream, relevo
from server.replica.destino import Destino
from server.replica.fuentes import Fuente
from server.replica.litestream import ReplicaError
from server.store import registros, restauracion
from server.store.connection import Connection, IndexFailure, open_writer, truncate_wal
from server.store.migrations import migrate
from server.store.restauracion import Retirado
from sync_protocol import acuse as acuses
from sync_protocol import folio as folios
from sync_protocol.errors import ProtocolError

SPARE = 64 * 1024 * 1024
NOTHING_GONE = Retirado((), (), (), 0)


@dataclass(frozen=True, slots=True)
class Pedido:
    """What is to be restored, and from where. Names are those of the box's parts inside `datos`.

    `destino`: the index's replica; `respaldo`: a folder of `acopio backup`; neither: from the lotes alone. `fuentes`:
    places that have lotes or keys, the best first. `hasta_ms`: the index as it was then. `replay` brings an index up
    to a diario (server.intake.replay). `secret` opens the keys. `segunda`: a second copy is configured.
    """

    datos: Path
    nombres: tuple[str, str, str]
    """Index, diario, keys."""
    fuentes: Sequence[Fuente]
    secret: bytes
    now_ms: int
    replay: Callable[[Connection, Diario, int], object]
    destino: Destino | None = None
    respaldo: Path | None = None
    hasta_ms: int | None = None
    segunda: bool = False
    aceptar_perdida: bool = False
    say: Callable[[str], None] = field(default=lambda text: None)


@dataclass(frozen=True, slots=True)
class Restaurado:
    """What a restore did. `repuestos`: registros that the diario had and the index did not."""

    lotes: int
    registros: int
    repuestos: int
    retirado: Retirado
    anterior: Path


def restore(p: Pedido) -> Restaurado:
    """Restore the box. The caller holds the folder's lock. Raises ConfigurationError or DiarioError with what to do."""
    try:
        litestream.ensure_none(p.datos)
        return _restore(p)
    except ReplicaError as error:
        raise ConfigurationError(str(error)) from error
    except IndexFailure as error:
        raise ConfigurationError(
            f"El índice que se trajo no pasó la revisión ({error}). No se cambió nada: pruebe con un momento anterior "
            "(--hasta) o con un respaldo (--desde)."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"La restauración se detuvo ({error.strerror or type(error).__name__}"
            f"{': ' + str(error.filename) if error.filename else ''}). Corrija la causa y repítala: empieza de nuevo y "
            "lo que había sigue en su lugar."
        ) from error


def _restore(p: Pedido) -> Restaurado:
    name_index, name_diario, name_keys = p.nombres
    if p.respaldo is not None:
        backup.newest(p.respaldo, p.hasta_ms)
    available = {fuente.describe(): set(fuente.numbers()) for fuente in p.fuentes}
    _room(p, available)
    work = relevo.begin(p.datos)
    keys = _keys(p, work / name_keys)
    index = work / name_index
    _index(p, p.datos.resolve() / name_index, index)
    known: dict[int, bytes] = {}
    if index.exists():
        held = restauracion.check(index)
        known = restauracion.chain(index)
        p.say(f"Índice: {held.registros:,} registros, hasta el lote {held.ultimo.numero:,}; revisado.")
    newest = _lotes(p, available, work / name_diario, known)
    conn = open_writer(index)
    try:
        migrate(conn)
        gone = _forget(p, conn, newest, known)
        before = registros.count(conn)
        p.replay(conn, Diario(work / name_diario), p.now_ms)
        total = _compare(conn, work / name_diario, keys)
        _note(p, conn, newest, total, gone)
        if not truncate_wal(conn):
            raise ConfigurationError("El índice restaurado está en uso por otro programa: ciérrelo y repita.")
    finally:
        conn.close()
    restauracion.check(index)
    moment = iso_utc(p.now_ms)[:19].replace("-", "").replace(":", "")
    aside = relevo.exchange(p.datos, moment)
    return Restaurado(newest, total, total - before, gone, aside)


# -- before anything is written -------------------------------------------------------------------------------------


def _room(p: Pedido, available: dict[str, set[int]]) -> None:
    needed, seen = SPARE, set[int]()
    for fuente in p.fuentes:
        new = available[fuente.describe()] - seen
        needed += sum(fuente.size(numero) for numero in new)
        seen |= new
    if p.respaldo is not None:
        needed += 2 * (p.respaldo / backup.newest(p.respaldo, p.hasta_ms).indice).stat().st_size
    elif p.destino is not None and p.destino.folder is not None and p.destino.folder.is_dir():
        # Compressed, and more than once in there: a fair guess of the index and of what replaying writes.
        needed += 2 * sum(path.stat().st_size for path in p.destino.folder.rglob("*.ltx"))
    free = shutil.disk_usage(p.datos).free
    if free < needed:
        raise ConfigurationError(
            f"No cabe: hacen falta unos {needed >> 20:,} MB y quedan {free >> 20:,} MB en {p.datos}. No se "
            f"cambió nada; "
            "libere espacio o restaure en otro disco (ACOPIO_DATOS)."
        )


def _keys(p: Pedido, folder: Path) -> Keyring:
    """The wrapped keys, from the first place whose copy the secret opens."""
    folder.mkdir(mode=0o700)
    refused: ConfigurationError | None = None
    for fuente in p.fuentes:
        content = fuente.keys()
        if content is None:
            continue
        (folder / keyring.FILE).write_bytes(content)
        (folder / keyring.FILE).chmod(0o600)
        try:
            opened = keyring.load(folder, p.secret)
        except ConfigurationError as error:
            refused = error
            continue
        p.say(f"Llaves: de {fuente.describe()}; la llave que usted dio las abre.")
        return opened
    if refused is not None:
        raise refused
    raise ConfigurationError(
        f"En ninguna parte está {keyring.FILE}, las llaves envueltas del servidor: póngalo junto a los lotes de "
        f"la segunda "
        "copia y repita. Sin él no se abre ningún apoyo."
    )


def _index(p: Pedido, name: Path, target: Path) -> None:
    if p.respaldo is not None:
        manifest = backup.newest(p.respaldo, p.hasta_ms)
        p.say(f"Índice: del respaldo de {hora_del_centro(manifest.creado_ms)} (hora del centro).")
        backup.fetch_index(p.respaldo, manifest, target)
    elif p.destino is not None:
        p.say(f"Índice: de la réplica en {p.destino.describe()}.")
        until = None if p.hasta_ms is None else iso_utc(p.hasta_ms)
        work = target.parent / "litestream"
        work.mkdir(mode=0o700)
        try:
            litestream.restore_index(name, p.destino, target, work, until=until)
        except ReplicaError as error:
            when = "" if until is None else " de ese momento (--hasta); la réplica guarda siete días"
            raise ConfigurationError(
                f"No se pudo traer el índice{when} de {p.destino.describe()}: {error}. Revise que sea la "
                f"réplica de este "
                "servidor; si se perdió, use un respaldo (--desde) o los lotes solos (--sin-indice)."
            ) from error
        finally:
            shutil.rmtree(work)
    else:
        p.say("Índice: se hace de nuevo con los lotes; periodos, nombres y bitácora no están en ellos.")


# -- lotes ----------------------------------------------------------------------------------------------------------


def _lotes(p: Pedido, available: dict[str, set[int]], diario: Path, known: dict[int, bytes]) -> int:
    """Bring every lote from 1 on, each verified and following the one before; returns the newest."""
    diario.mkdir(mode=0o700)
    last = max((max(numbers, default=0) for numbers in available.values()), default=0)
    previous = FIRST_ANTERIOR
    for numero in range(1, last + 1):
        why = [
            problem
            for fuente in p.fuentes
            if numero in available[fuente.describe()]
            and (problem := _bring(fuente, diario, numero, previous, known.get(numero))) is not None
        ]
        if not (diario / lotes.file_name(numero)).exists():
            reason = "; ".join(why) or "no está en ninguna parte"
            if p.aceptar_perdida:
                p.say(f"Lote {numero:,}: {reason}. Se restaura hasta el {numero - 1:,}.")
                last = numero - 1
                break
            raise DiarioError(
                f"Falta el lote {numero} de {last} ({reason}). Busque otra copia y póngala en la segunda copia. "
                f"Si no hay "
                f"ninguna, --aceptar-perdida restaura solo hasta el {numero - 1}: decídalo quien responde por "
                f"el proceso."
            )
        previous = lotes.read_manifest(diario / lotes.file_name(numero))[1]
        if numero % 1000 == 0:
            p.say(f"Lotes: {numero:,} de {last:,}.")
    p.say(f"Lotes: {last:,}, todos leídos y verificados.")
    return last


def _bring(fuente: Fuente, diario: Path, numero: int, previous: bytes, resumen: bytes | None) -> str | None:
    """One lote from one place; why not, or None. The first that is right is kept."""
    if (diario / lotes.file_name(numero)).exists():
        return None
    try:
        fuentes.bring(fuente, numero, diario, previous, resumen)
    except DiarioError as error:
        return f"en {fuente.describe()}: {str(error).rstrip('.')}"
    except OSError as error:
        return f"en {fuente.describe()} no se puede leer ({error.strerror or type(error).__name__})"
    return None


def _forget(p: Pedido, conn: Connection, newest: int, known: dict[int, bytes]) -> Retirado:
    """What the index has from lotes that are nowhere is taken out, when that breaks no promise."""
    if max(known, default=0) <= newest:
        return NOTHING_GONE
    conn.execute("BEGIN IMMEDIATE")
    gone = restauracion.forget_after(conn, newest, p.now_ms)
    conn.execute("COMMIT")
    if not p.aceptar_perdida and (gone.avisados or (gone.folios and not p.segunda)):
        why = (
            f"de {len(gone.avisados)} ya salió el acuse por correo" if gone.avisados
            else "sin segunda copia, sus acuses pudieron darse"
        )  # fmt: skip
        raise DiarioError(
            f"El índice conoce {len(gone.folios)} registros cuyos lotes ({newest + 1} a {max(known)}) no están "
            f"en ninguna "
            f"parte, y {why}: {_some(gone.avisados or gone.folios)}. Busque otra copia de esos lotes. Si no la "
            f"hay, repita "
            "con --aceptar-perdida y avise a quien responde por el proceso."
        )
    if gone.folios:
        p.say(
            f"Índice adelantado: {len(gone.folios)} registros no están en ningún lote y se retiran "
            f"({_some(gone.folios)}). Los teléfonos los conservan y los vuelven a enviar."
        )
    return gone


def _some(found: Sequence[str]) -> str:
    return ", ".join(found[:20]) + (f" y {len(found) - 20} más" if len(found) > 20 else "")


# -- what came out --------------------------------------------------------------------------------------------------


def _compare(conn: Connection, diario: Path, keys: Keyring) -> int:
    """Every acuse of the diario is in the index byte for byte and verifies, and the index has no other."""
    total = 0
    for numero in lotes.numbers(diario):
        manifest, _ = lotes.read_manifest(diario / lotes.file_name(numero))
        told = _acuses(diario, numero, manifest, keys)
        if restauracion.acuses_of(conn, numero) != told:
            raise DiarioError(
                f"El índice y el lote {numero} no dicen lo mismo de sus acuses. No se cambió nada: restaure con "
                "--sin-indice o con otro respaldo (--desde)."
            )
        total += len(told)
    return total


def _acuses(diario: Path, numero: int, manifest: Manifiesto, keys: Keyring) -> dict[str, str]:
    told = {}
    for entrada in manifest.entradas:
        if entrada.clase != "sobre" or entrada.sobre is None or entrada.acuse is None:
            continue
        token = lotes.read_member(diario, numero, entrada.acuse.posicion, entrada.acuse.tam).decode("ascii")
        name = entrada.datos["folio"]
        try:
            acuses.verify(
                token, keys.publicas, folio=folios.parse(name), codigo=bytes.fromhex(entrada.sobre.sha256),
                tam=entrada.sobre.tam,
            )  # fmt: skip
        except ProtocolError as error:
            raise DiarioError(
                f"El acuse {name} del lote {numero} no verifica ({error.code}): ¿son estas las llaves de este servidor?"
            ) from error
        told[name] = token
    return told


def _note(p: Pedido, conn: Connection, newest: int, total: int, gone: Retirado) -> None:
    origin = "respaldo" if p.respaldo is not None else "replica" if p.destino is not None else "lotes"
    conn.execute("BEGIN IMMEDIATE")
    bitacora.record(
        conn, p.now_ms, Evento.INDICE_RESTAURADO, actor="consola", origen=origin, hasta_ms=p.hasta_ms, lotes=newest,
        registros=total, retirados=list(gone.folios), dispositivos_retirados=list(gone.dispositivos),
    )  # fmt: skip
    conn.execute("COMMIT")
