"""Drop stale partial uploads: only once they have expired, and never one that is being written."""

from __future__ import annotations

from server.store import subidas
from server.store.partials import Partials
from server.store.writer import Tx, Writer

EVERY_S = 600.0


def expire(writer: Writer, partials: Partials, now_ms: int) -> int:
    """Delete expired uploads and their bytes, and bytes that belong to no upload any more; returns how many.

    The files are listed before the rows are read: a file that appears meanwhile has its row and is not touched, one
    whose row is gone was completed or terminated just before a crash. Blocks: call it from a thread.
    """
    held = partials.ids()

    def operation(tx: Tx) -> set[str]:
        expired = subidas.delete_expired(tx.conn, now_ms)
        return set(expired) | (held - subidas.known(tx.conn, held))

    ids = writer.run(operation).value
    for id_ in ids:
        partials.unlink(id_)
    return len(ids)
