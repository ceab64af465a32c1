"""A phone that captures without end, for the test that kills it: `python endless_capture.py FOLDER KEY SEALING`.

Says each folio once `Outbox.add` has returned: what has been said must be on the disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sync_protocol.sealing import SealingKey
from sync_protocol.signing import PrivateKey
from tests.device_sim.sobres import fill, own_outbox

folder, scalar, sealing = sys.argv[1:]
key = PrivateKey.from_scalar(bytes.fromhex(scalar))
to = SealingKey.from_bytes(bytes.fromhex(sealing))
with own_outbox(Path(folder)) as outbox:
    while True:
        for queued in fill(outbox, key, to, 1, size=8_000):
            sys.stdout.write(f"{queued.registro} {queued.codigo.hex()}\n")
            sys.stdout.flush()
