"""The providers of a padrón, each with the same people behind it: a version on this box, a service on 127.0.0.1."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from server.padron import desde_ajustes
from server.padron.proveedor import Proveedor
from server.store import padron, padron_archivo
from server.store.connection import open_writer
from server.store.migrations import migrate
from tests import factories

CORTE = "2026-08-31"
LLAVE = "una-llave-de-prueba"
GENTE: tuple[dict[str, str], ...] = (
    {
        "clave_elector": "PRDMSN90090532M001", "cic": "111111111", "ocr": "0240111111111", "nombre": "ITZEL",
        "apellido_paterno": "PEÑALOZA", "apellido_materno": "DOMÍNGUEZ", "entidad": "32", "municipio": "ZACATECAS",
        "seccion": "0240", "situacion": "LISTA_NOMINAL", "motivo_baja": "",
    },
    {
        "clave_elector": "PRDMSN90090532H002", "cic": "222222222", "ocr": "0369222222222", "nombre": "ROCÍO",
        "apellido_paterno": "EK", "apellido_materno": "", "entidad": "32", "municipio": "FRESNILLO",
        "seccion": "0369", "situacion": "BAJA", "motivo_baja": "defuncion",
    },
    {
        "clave_elector": "PRDMSN90090532H003", "cic": "", "ocr": "", "nombre": "ABEL", "apellido_paterno": "ÑÁÑEZ",
        "apellido_materno": "UC", "entidad": "20", "municipio": "OAXACA DE JUÁREZ", "seccion": "0001",
        "situacion": "PADRON", "motivo_baja": "",
    },
)  # fmt: skip


@dataclass
class Rig:
    """A provider and how to take its padrón away."""

    proveedor: Proveedor
    quitar: Callable[[], None]
    version: int | None


class Servicio(ThreadingHTTPServer):
    """An institute's service. `decir`, when set, answers instead: it is given the request's body and the handler."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.decir: Callable[[dict[str, Any], BaseHTTPRequestHandler], None] | None = None
        self.pedidos: list[dict[str, Any]] = []
        self.llaves: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/padron/v1/situacion"


class _Handler(BaseHTTPRequestHandler):
    server: Servicio
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.pedidos.append(body)
        self.server.llaves.append(self.headers.get("authorization", ""))
        if self.server.decir is not None:
            self.server.decir(body, self)
        elif self.server.llaves[-1] != f"Bearer {LLAVE}":
            send(self, {}, 401)
        else:
            send(self, {"v": 1, "corte": CORTE, "respuestas": [_said(one) for one in reversed(body["personas"])]})

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def _said(one: dict[str, Any]) -> dict[str, Any]:
    for key in ("clave_elector", "cic", "ocr"):
        for row in GENTE:
            if one[key] and row[key] == one[key]:
                return {"n": one["n"], **row}
    known = any(one[key] for key in ("clave_elector", "cic", "ocr"))
    return {"n": one["n"], "situacion": "NO_ENCONTRADO" if known else "SIN_RESPUESTA"}


def send(handler: BaseHTTPRequestHandler, said: object, status: int = 200) -> None:
    """Answer with this as JSON, or with these bytes."""
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


@contextlib.contextmanager
def servicio() -> Iterator[Servicio]:
    """A running service."""
    made = Servicio()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def _key(folder: Path) -> Path:
    path = folder / "llave-padron"
    path.write_text(LLAVE + "\n", encoding="ascii")
    return path


@contextlib.contextmanager
def local(folder: Path) -> Iterator[Rig]:
    """A version on this box."""
    index = folder / "indice.db"
    conn = open_writer(index)
    migrate(conn)
    files = folder / padron.CARPETA
    with padron_archivo.alone(files):
        rows = [[one[name] for name in padron.COLUMNS] for one in GENTE]
        made = padron_archivo.build(files, CORTE, rows)
    version = padron.poner_vigente(conn, CORTE, made.filas, made.archivo, made.resumen, 1)
    yield Rig(desde_ajustes(factories.settings(folder), index), lambda: (files / made.archivo).unlink(), version.id)
    conn.close()


@contextlib.contextmanager
def remoto(folder: Path) -> Iterator[Rig]:
    """A service of the institute."""
    with servicio() as made:
        config = factories.settings(folder, padron_url=made.url, padron_llave_archivo=_key(folder))

        def gone() -> None:
            made.decir = lambda body, handler: send(handler, {"error": "mantenimiento"}, 503)

        yield Rig(desde_ajustes(config, folder / "indice.db"), gone, None)


RIGS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Rig]]] = {"local": local, "servicio": remoto}
