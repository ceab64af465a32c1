"""What is checked of the index as a whole: SQLite's own checks, the bitácora, recounts, chains of phones, orphans."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from server.bitacora import Evento
from server.replica.revision.hallazgos import Hallazgos
from server.store import apoyos, bitacora, carga, cedulas_papel, conteos, dictamenes, padron_archivo, revision, subidas
from server.store.connection import Connection
from server.store.partials import Partials

Paso = Callable[[Hallazgos, Connection, int], None]
"""A step: adds what it finds; `int` is the newest lote of this review."""

SETTLE_S = 2.0


def base(found: Hallazgos, conn: Connection, up_to: int) -> None:
    """The file, its references, its schema."""
    for line in revision.integrity(conn):
        found.add("base_danada", "indice.db", line[:200])
    for line in revision.references(conn):
        found.add("base_referencias", "indice.db", line)
    different = revision.schema_differences(conn)
    if different:
        found.add("base_esquema", "indice.db", ", ".join(different)[:400])


def eventos(found: Hallazgos, conn: Connection, up_to: int) -> None:
    """The bitácora's chain, and that its events are of the catalogue."""
    broken = bitacora.first_break(conn)
    if broken is not None:
        found.add("bitacora_rota", f"evento {broken}")
    _, kinds = revision.bitacora_span(conn)
    unknown = sorted(kinds - set(Evento))
    if unknown:
        found.add("bitacora_evento", "bitácora", ", ".join(unknown)[:200])


def trabajos(found: Hallazgos, conn: Connection, up_to: int) -> None:
    """What steps hand over by rows: nothing is missing, nothing hangs in the air."""
    for folio in revision.without_job(conn, up_to):
        found.add("trabajo_faltante", f"folio {folio}")
    for id_ in revision.jobs_without_apoyo(conn):
        found.add("trabajo_huerfano", f"trabajo {id_}")
    for folio in revision.dangling(conn):
        found.add("referencia_huerfana", f"folio {folio}")
    for version, codigo in padron_archivo.review(conn):
        found.add(codigo, f"padrón, versión {version.id}", f"corte {version.corte}")


def reportes(found: Hallazgos, conn: Connection, up_to: int) -> None:
    """What the portals show: an apoyo for each registro of that tipo, counters that a recount agrees with, classes that
    add up to what was sent, and results that somebody gave."""
    for one in apoyos.differences(conn):
        what = "no está" if one.falta else "sobra" if one.sobra else ", ".join(one.columnas)
        found.add("apoyo_descuadrado", f"folio {one.folio}", what)
    for where in cedulas_papel.descuadradas(conn):
        found.add("apoyo_descuadrado", where, "no corresponde a su cédula en papel")
    for counter in conteos.recount(conn):
        detail = f"guardado {counter.guardado}, contado {counter.contado}"
        found.add("conteo_descuadrado", f"contador {counter.que}", detail)
    for cell in carga.descuadres(conn):
        found.add("conteo_descuadrado", "contador de la mesa", cell)
    for unsummed in conteos.unsummed(conn):
        detail = f"enviados {unsummed.enviados}, suma por {unsummed.que} {unsummed.clases}"
        found.add("clases_no_suman", f"solicitud {unsummed.solicitud}", detail)
    for what, classed, n in conteos.misclassed(conn):
        found.add("clase_distinta", f"clase {classed}", f"{what}: {n}")
    for folio in dictamenes.not_in_force(conn):
        found.add("resultado_sin_dictamen", f"folio {folio}")


def telefonos(found: Hallazgos, conn: Connection, up_to: int) -> None:
    """Each phone's counter and chain. A hole is no error: the phone may hold it still."""
    for link in revision.chain_notes(conn, up_to):
        where = f"dispositivo {link.dispositivo}"
        if not link.roto:
            last = link.registro - 1
            span = f"{link.esperado}" if last == link.esperado else f"{link.esperado} a {last}"
            found.add("hueco_en_telefono", where, f"registro {span}")
        else:
            kept = "nombra al contenido que quedó en conflicto" if link.en_conflicto else "el anterior es otro"
            found.add("cadena_de_telefono", where, f"registro {link.registro}: {kept}")


PASOS: tuple[tuple[str, Paso], ...] = (
    ("Base", base),
    ("Bitácora", eventos),
    ("Trabajos", trabajos),
    ("Reportes", reportes),
    ("Teléfonos", telefonos),
)


def parciales(found: Hallazgos, conn: Connection, folder: Path, *, running: bool) -> None:
    """Bytes that belong to no upload. Beside a server they are looked at twice: it deletes a row before its file."""
    if not folder.is_dir():
        return
    partials = Partials(folder)
    orphans = _orphans(conn, partials)
    if orphans and running:
        time.sleep(SETTLE_S)
        orphans &= _orphans(conn, partials)
    for name in sorted(orphans):
        found.add("parcial_sin_fila", f"parciales/{name[:60]}")


def _orphans(conn: Connection, partials: Partials) -> set[str]:
    held = partials.ids()
    return held - subidas.known(conn, held)
