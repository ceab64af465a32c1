"""Builders of valid nouns: a box on disk with its keys and catalogue, phones with theirs, sobres that are right."""

from __future__ import annotations

import functools
import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from server import keyring, seed
from server.app import INDEX, KEYS, open_index
from server.config import Settings
from server.seed import Persona, Sembrado, Semilla
from server.store import dispositivos
from server.store.connection import open_writer, truncate_wal
from server.store.migrations import migrate
from server.store.writer import Tx
from sync_protocol import sealing, session, sobre
from sync_protocol.folio import Folio
from sync_protocol.registro import IMAGENES, Apoyo, Codigo, Imagen, Testigos, encode
from sync_protocol.sealing import SealingKey
from sync_protocol.session import Entrada, SolicitudSesion
from sync_protocol.signing import PrivateKey, b64url
from sync_protocol.sobre import FIRST_ANTERIOR, Tipo

NOW = 1_790_000_000_000
"""The instant at which tests begin: 21 September 2026, in the middle of the periodo."""
DAY = 24 * 3600 * 1000
SECRET = "una frase larga para las pruebas"
SAL = bytes(range(16))
"""Of every box of the tests: from a secret and this the key that wraps is derived once a process (conftest.py)."""

_nonces = itertools.count()


@dataclass
class FrozenClock:
    """A clock that only a test moves."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> None:
        self.now += ms


def settings(folder: Path, **changes: object) -> Settings:
    """Settings of a box in this folder; `second=True` gives it a second copy."""
    second = folder / "segunda" if changes.pop("second", False) else None
    values: dict[str, object] = {
        "datos": folder / "caja",
        "frase": SECRET,
        "segunda_copia": second,
        "institucion": "Instituto de Prueba",
        "espera_acuse_ms": 3_000,
        **changes,
    }
    return Settings(**values)  # type: ignore[arg-type]


def catalogue(now: int = NOW, auxiliares: int = 2) -> Semilla:
    """One periodo around `now`, one aspirante, some auxiliares."""
    return Semilla(
        tipo="candidatura_independiente",
        proceso="Proceso de prueba",
        cargo="Regiduría",
        entidad="32",
        inicia_ms=now - 10 * DAY,
        termina_ms=now + 10 * DAY,
        aspirantes=(Persona(("Alma", "Prueba", "Uno"), "alma@ejemplo.mx"),),
        auxiliares=(
            tuple(Persona((f"Auxiliar{n}", "Prueba", ""), f"aux{n}@ejemplo.mx") for n in range(1, auxiliares + 1)),
        ),
    )


@functools.cache
def empty_index() -> bytes:
    """An index of the newest schema and nothing in it; to make one takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / INDEX
        conn = open_writer(path)
        migrate(conn)
        truncate_wal(conn)
        conn.close()
        return path.read_bytes()


def make_box(config: Settings, clock: FrozenClock, semilla: Semilla | None = None) -> list[Sembrado]:
    """Prepare a data folder as `acopio init` and `acopio sembrar` do."""
    keyring.create(config.datos / KEYS, SECRET.encode(), clock(), SAL)
    (config.datos / INDEX).write_bytes(empty_index())
    if config.segunda_copia is not None:
        config.segunda_copia.mkdir(parents=True)
    writer, _ = open_index(config, clock)
    writer.start()
    try:
        return writer.run(lambda tx: seed.sow(tx, semilla or catalogue(clock()))).value
    finally:
        writer.stop()


def image(tipo: str, size: int = 700, salt: int = 0) -> Imagen:
    """Bytes that stand for an image: the protocol never looks inside."""
    start = b"\xff\xd8\xff\xe0" + f"{tipo}:{salt}".encode()
    return Imagen.of(tipo, "image/jpeg", start + bytes(max(0, size - len(start))))


@dataclass
class Phone:
    """A phone's keys, counter and chain; it makes sobres and manifests. No queue: tests hold the sobres themselves."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    to: SealingKey
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    next_registro: int = 0
    anterior: bytes = FIRST_ANTERIOR

    def folio(self, registro: int) -> Folio:
        return Folio(self.solicitud, self.auxiliar, self.dispositivo, registro)

    def plaintext(self, registro: int, *, at: int = NOW, desfase: int | None = 0, size: int = 700) -> bytes:
        folio = self.folio(registro)
        imagenes = tuple(image(tipo, size, registro) for tipo in IMAGENES)
        if registro == 0:
            return encode(
                Testigos(
                    folio=str(folio), capturado_ms=at, desfase_ms=desfase, modelo="G", codigos=(), ubicacion=None,
                    imagenes=imagenes, aviso="2026-01",
                )
            )  # fmt: skip
        return encode(
            Apoyo(
                folio=str(folio), capturado_ms=at, desfase_ms=desfase, modelo="G",
                codigos=(Codigo("reverso", "Code128", b"123456789"),), ubicacion=None, imagenes=imagenes,
                es_original=True, cic="123456789", ocr="0123456789012", clave_elector=None, curp=None,
                nombre="PERSONA", apellido_paterno="DE", apellido_materno="PRUEBA",
            )
        )  # fmt: skip

    def seal(self, plaintext: bytes, registro: int, **changes: object) -> bytes:
        """A sobre around this plaintext; `changes` replace what `sealing.seal` is given."""
        values: dict[str, object] = {
            "tipo": Tipo.TESTIGOS if registro == 0 else Tipo.APOYO,
            "folio": self.folio(registro),
            "anterior": self.anterior,
            "to": self.to,
            "signed_by": self.key,
            **changes,
        }
        return sealing.seal(plaintext, **values)  # type: ignore[arg-type]

    def capture(self, **changes: object) -> bytes:
        """The next sobre of the chain; the first one is the testigos."""
        registro = self.next_registro
        raw = self.seal(self.plaintext(registro, **changes), registro)  # type: ignore[arg-type]
        self.next_registro += 1
        self.anterior = sobre.codigo_de_integridad(raw)
        return raw

    def manifest(self, *sobres: bytes, **changes: object) -> SolicitudSesion:
        """The session request that offers these sobres."""
        values: dict[str, object] = {
            "solicitud": self.solicitud,
            "auxiliar": self.auxiliar,
            "dispositivo": self.dispositivo,
            "nonce": f"nonce-de-prueba-{next(_nonces):06d}",
            "reloj_ms": NOW,
            "sobres": tuple(entry(raw) for raw in sobres),
            **changes,
        }
        return SolicitudSesion(**values)  # type: ignore[arg-type]

    def session_jws(self, *sobres: bytes, **changes: object) -> bytes:
        """The signed session request."""
        return session.sign(self.manifest(*sobres, **changes), self.key).encode()


def entry(raw: bytes) -> Entrada:
    """A sobre's line in a manifest."""
    registro = sobre.parse_header(raw).folio.registro
    return Entrada(registro, len(raw), b64url(sobre.codigo_de_integridad(raw)))


def enrol(tx: Tx, sembrado: Sembrado, to: SealingKey) -> Phone:
    """A phone that is in the index, without the conversation that tests of the alta have."""
    phone = Phone(sembrado.solicitud, sembrado.auxiliar, 1, to)
    phone.dispositivo = dispositivos.insert(tx.conn, sembrado.auxiliar, "teléfono de prueba", tx.now_ms)
    tx.lote.add("evento", _event(phone, tx.now_ms))
    dispositivos.add_key(tx.conn, phone.dispositivo, phone.key.public.point, tx.now_ms, tx.lote.numero)
    return phone


def _event(phone: Phone, now: int) -> dict[str, object]:
    from server.intake.accept_registro import event_alta

    return event_alta(
        phone.dispositivo, phone.solicitud, phone.auxiliar, phone.key.public.point, "teléfono de prueba", now
    )
