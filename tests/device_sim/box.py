"""The fake server on a socket of this machine, in a thread of its own, with an inbox for codes."""

from __future__ import annotations

import threading
import time

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.device_sim.fake_server import FakeServer
from tests.device_sim.sobres import NOW_MS


class Box:
    """Open when made; close it."""

    def __init__(self) -> None:
        self.fake = FakeServer()
        self.fake.app.router.routes.append(Route("/buzon/api/mensajes", self._inbox))
        self._server = uvicorn.Server(
            uvicorn.Config(self.fake.app, port=0, lifespan="off", log_level="error", ws="none")
        )
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _inbox(self, request: Request) -> JSONResponse:
        to = request.query_params["para"]
        texts = [f"Su código es {self.fake.mail[to]}. Vence en 15 minutos."] if to in self.fake.mail else []
        return JSONResponse([{"asunto": "Código", "para": to, "texto": text, "recibido_ms": NOW_MS} for text in texts])
