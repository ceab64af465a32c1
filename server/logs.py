"""Structured logs: one JSON object a line, without personal data.

Callers pass codes, counters and ids in `extra={"datos": {...}}`; addresses, names, mail, folios of people and message
bodies are never passed. Access logs of the ASGI server are off: an IP address is personal data too.
"""

from __future__ import annotations

import logging
import sys
import traceback

import msgspec

from server.clock import iso_utc


class JsonFormatter(logging.Formatter):
    """`{"en", "nivel", "origen", "mensaje", …datos, "traza"}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "en": iso_utc(int(record.created * 1000)),
            "nivel": record.levelname.lower(),
            "origen": record.name,
            "mensaje": record.getMessage(),
        }
        datos = getattr(record, "datos", None)
        if isinstance(datos, dict):
            line.update(datos)
        if record.exc_info and record.exc_info[2] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            line["traza"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames]
            line["error"] = record.exc_info[0].__name__ if record.exc_info[0] else ""
        return msgspec.json.encode(line).decode()


def configure(level: int = logging.INFO) -> None:
    """Send every log to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "mail.log", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
