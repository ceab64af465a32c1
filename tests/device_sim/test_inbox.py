"""Reading a code as a person would: from the message that brings one, not from whatever else came to the address."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec

from device_sim.inbox import codes
from device_sim.transport import Reply, Transport


class Inbox:
    """Answers with these (subject, text), newest first."""

    def __init__(self, *mail: tuple[str, str]) -> None:
        self._mail = mail

    async def get(self, url: str) -> Reply:
        found = [{"asunto": a, "para": "a@ejemplo.mx", "texto": t, "recibido_ms": 1} for a, t in self._mail]
        values: dict[str, Any] = {"method": "GET", "status": 200, "headers": {}, "body": msgspec.json.encode(found)}
        return Reply(**values)


def test_ids_of_six_digits_are_no_code() -> None:
    inbox = Inbox(
        ("Sus datos para registrar su teléfono como auxiliar · OPL", "Id de proceso: 123456\nId de auxiliar: 654321"),
        ("Código para registrar su teléfono · OPL", "    042917\n"),
    )
    assert asyncio.run(codes(cast("Transport", inbox), "a@ejemplo.mx")) == ["042917"]
