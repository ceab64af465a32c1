"""Registros that wait in the mesa, as the pipeline leaves them: sealed sobres in lotes, readings, flags, neighbours.

Images are the caller's: a few grey bytes for units, the simulator's photographs for journeys and measurements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from server.domain.banderas import Bandera, Codigo
from server.domain.dias import dia_de
from server.domain.plazo import limite
from server.expedientes.abrir import Datos, papel
from server.intake.accept_registro import Arrival, accept
from server.intake.check_sobre import Checked
from server.keyring import Keyring
from server.lectura.modelo import Lectura, encode
from server.store import apoyos, lecturas, revisiones
from server.store.apoyos import PAPEL_DESDE, Situacion
from server.store.writer import Tx
from sync_protocol import registro as contenido
from sync_protocol import sobre
from sync_protocol.registro import IMAGENES, Imagen
from tests.factories import NOW, Phone

DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Captura:
    """What one apoyo is made of. `leido`: what the server's readers found, None when they have not looked."""

    imagenes: Mapping[str, bytes]
    nombre: str = "ROSALÍA"
    apellido_paterno: str = "MENA"
    apellido_materno: str = "OCHOA"
    clave_elector: str | None = "MNOCRS90010132M500"
    curp: str | None = "MEOR900101MZSNCS09"
    cic: str | None = "123456789"
    ocr: str | None = "0123456789012"
    leido: Lectura | None = None
    banderas: tuple[Bandera, ...] = ()
    situacion: Situacion = Situacion.LISTA_NOMINAL
    parecidas: tuple[tuple[int, str], ...] = field(default=())
    """(how many before this one, tipo): images that are nearly equal."""


def sellar(phone: Phone, captura: Captura, at: int = NOW) -> tuple[bytes, str]:
    """The next sobre of a phone around this capture, and its folio."""
    if phone.next_registro == 0:
        phone.capture()  # the testigos are the first of every chain
    registro = phone.next_registro
    record = contenido.Apoyo(
        folio=str(phone.folio(registro)), capturado_ms=at, desfase_ms=0, modelo="G", codigos=(), ubicacion=None,
        imagenes=tuple(Imagen.of(tipo, "image/jpeg", captura.imagenes[tipo]) for tipo in IMAGENES), es_original=True,
        cic=captura.cic, ocr=captura.ocr, clave_elector=captura.clave_elector, curp=captura.curp,
        nombre=captura.nombre, apellido_paterno=captura.apellido_paterno, apellido_materno=captura.apellido_materno,
    )  # fmt: skip
    raw = phone.seal(contenido.encode(record), registro)
    phone.next_registro, phone.anterior = registro + 1, sobre.codigo_de_integridad(raw)
    return raw, str(phone.folio(registro))


def recibir(tx: Tx, keyring: Keyring, phone: Phone, capturas: Sequence[Captura]) -> list[int]:
    """Take them as the intake does and leave them as the pipeline does; ids of their revisiones, in order."""
    made: list[int] = []
    ids: list[int] = []
    for captura in capturas:
        raw, folio = sellar(phone, captura, tx.now_ms)
        checked = Checked(sobre.parse(raw).cabecera, raw, sobre.codigo_de_integridad(raw), tx.now_ms, 0)
        accept(tx, Arrival(checked, "a.b.c", tx.now_ms, None, DAY, 60_000))
        apoyo = tx.conn.execute("SELECT id FROM apoyos WHERE folio = ?", (folio,)).fetchone()[0]
        ids.append(apoyo)
        _looked_at(tx, keyring, apoyo, captura, ids)
        solicitud = phone.solicitud
        revision = revisiones.add(tx.conn, apoyo, solicitud, "primera", tx.now_ms, limite(tx.now_ms, 10))
        assert revision is not None
        made.append(revision)
    return made


def recibir_papel(tx: Tx, keyring: Keyring, solicitud: int, cuenta: int, datos: Datos, comentario: str = "") -> int:
    """A cédula of paper that was typed, waiting in the mesa; the id of its revisión."""
    conn = tx.conn
    n = conn.execute("SELECT count(*) FROM cedulas_papel").fetchone()[0] + 1
    paquete = conn.execute(
        "INSERT INTO paquetes (solicitud, folio, cedulas, recibido_ms, estado, creado_ms, creado_por) "
        "VALUES (?, ?, 1, ?, 'cerrado', ?, ?)",
        (solicitud, f"Caja {n}", tx.now_ms, tx.now_ms, cuenta),
    ).lastrowid
    apoyo = PAPEL_DESDE + n
    conn.execute(
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, via) "
        "VALUES (?, ?, ?, 0, 0, ?, ?, '[]', 'bien', 'papel')",
        (apoyo, f"{solicitud:06}-P{n:05}-1", solicitud, tx.now_ms, dia_de(tx.now_ms)),
    )
    wrapped = keyring.wrap(papel(int(paquete or 0), 1), msgspec.msgpack.encode(datos))
    conn.execute(
        "INSERT INTO cedulas_papel (paquete_id, numero, doble, estado, datos, criterio, comentario, capturada_por, "
        "capturada_ms, apoyo_id) VALUES (?, 1, 0, 'lista', ?, 'otra', ?, ?, ?, ?)",
        (paquete, wrapped, comentario, cuenta, tx.now_ms, apoyo),
    )
    revision = revisiones.add(conn, apoyo, solicitud, "primera", tx.now_ms, limite(tx.now_ms, 10))
    assert revision is not None
    return revision


def _looked_at(tx: Tx, keyring: Keyring, apoyo: int, captura: Captura, ids: Sequence[int]) -> None:
    conn = tx.conn
    apoyos.set_person(conn, apoyo, captura.nombre, captura.apellido_paterno, captura.apellido_materno)
    apoyos.set_situacion(conn, apoyo, captura.situacion, corte="2026-09-01", en_ms=tx.now_ms)
    if captura.leido is not None:
        wrapped = keyring.wrap(lecturas.proposito(apoyo), encode(captura.leido))
        conn.execute("INSERT INTO lecturas VALUES (?, ?, 'prueba', ?)", (apoyo, wrapped, tx.now_ms))
    conn.executemany(
        "INSERT INTO banderas VALUES (?, ?, ?, ?)",
        [(apoyo, one.codigo.value, one.dato, tx.now_ms) for one in captura.banderas],
    )
    for before, tipo in captura.parecidas:
        conn.execute("INSERT INTO imagenes_parecidas VALUES (?, ?, ?, 3)", (ids[-1 - before], apoyo, tipo))
    conn.execute("UPDATE trabajos SET estado = 'hecho' WHERE id = ?", (apoyo,))


def variadas(
    imagenes: Sequence[Mapping[str, bytes]], personas: Sequence[Mapping[str, str]], count: int
) -> list[Captura]:
    """So many captures of those people: most of them fine, some with flags, a datum that differs, a repeated image."""
    found = []
    for n in range(count):
        persona = dict(personas[n % len(personas)])
        banderas: tuple[Bandera, ...] = ()
        parecidas: tuple[tuple[int, str], ...] = ()
        leido = Lectura(cic=persona.get("cic"), ocr=persona.get("ocr"), lector="prueba")
        if n % 5 == 1:
            banderas = (Bandera(Codigo.CODIGO_DIFIERE, "cic"),)
            leido = Lectura(cic="999999999", ocr=persona.get("ocr"), lector="prueba")
        elif n % 5 == 2:
            banderas, leido = (Bandera(Codigo.CODIGOS_NO_LEIDOS),), Lectura(lector="prueba")
        elif n % 5 == 4 and n > 4:
            banderas, parecidas = (Bandera(Codigo.IMAGEN_REPETIDA, "foto"),), ((1, "foto"), (2, "foto"))
        found.append(
            Captura(imagenes[n % len(imagenes)], leido=leido, banderas=banderas, parecidas=parecidas, **persona)
        )
    return found
