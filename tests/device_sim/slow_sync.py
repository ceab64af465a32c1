"""A phone that sends over a slow line, for the test that kills it: `python slow_sync.py FOLDER KEY SERVER JWKS`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

from device_sim.backoff import Backoff
from device_sim.device import Phone
from device_sim.faults import Line, LineProfile
from device_sim.outbox import Outbox
from device_sim.transport import Transport
from sync_protocol import acuse
from sync_protocol.signing import PrivateKey
from tests.device_sim.sobres import NOW_MS, own_outbox

folder, scalar, server, jwks = sys.argv[1:]


async def send(outbox: Outbox) -> bool:
    async with Line(server, LineProfile(bytes_per_s=500_000), 1) as line:
        transport = Transport(line.url)
        keys = acuse.keys_from_jwks(msgspec.json.decode(jwks))
        key = PrivateKey.from_scalar(bytes.fromhex(scalar))
        phone = Phone(outbox, key, keys, transport, Backoff(base_s=0.01), lambda: NOW_MS)
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        try:
            return (await phone.sync()).done
        finally:
            await transport.aclose()


with own_outbox(Path(folder)) as opened:
    sys.exit(0 if asyncio.run(send(opened)) else 1)
