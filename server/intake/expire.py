"""Drop stale partial uploads: only once they have expired, and never one that is being written."""

from __future__ import annotations

from server.store import subidas
from server.store.partials import Partials
from server.store.writer import Tx, Writer

EVERY_S = 600.0


def expire(writer: Writer, partials: Partials, now_ms: int) -> int:
    """Delete expired uploads and their bytes; returns how many. Blocks: call it from a thread."""

    def operation(tx: Tx) -> list[str]:
        return subidas.delete_expired(tx.conn, now_ms)

    ids = writer.run(operation).value
    for id_ in ids:
        partials.unlink(id_)
    return len(ids)
