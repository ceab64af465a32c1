"""The checker's process: `python -m server.intake.checkers.child SOCKET ARENA`, numbers of open descriptors.

It ends when the server's end of the socket closes, however the server ended.
"""

from __future__ import annotations

import gc
import mmap
import signal
import socket
import sys
from functools import lru_cache

import msgspec

from server.errors import AppError
from server.fast_keys import FastOpeningKey, FastPrivateKey, FastPublicKey
from server.intake.check_sobre import Expected
from server.intake.checkers.judge import CheckKeys, judge
from server.intake.checkers.wire import MAX_PACKET, Answer, Hello, Job
from sync_protocol.signing import PrivateKey, PublicKey


def main(socket_fd: int, arena_fd: int) -> None:
    """Answer jobs until the other end closes."""
    # Ctrl+C and systemd's stop go to the whole group; the server decides when its checkers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = socket.socket(fileno=socket_fd)
    hello = msgspec.msgpack.decode(line.recv(MAX_PACKET), type=Hello)
    aperturas = {key.public.key_id: key for key in map(FastOpeningKey, hello.semillas)}
    keys = CheckKeys(aperturas, FastPrivateKey(PrivateKey.from_scalar(hello.firma)), hello.institucion)
    view = memoryview(mmap.mmap(arena_fd, hello.arena, prot=mmap.PROT_READ))
    decoder, encoder = msgspec.msgpack.Decoder(Job), msgspec.msgpack.Encoder()
    gc.freeze()
    while packet := line.recv(MAX_PACKET):
        line.send(encoder.encode(_answer(decoder.decode(packet), view, keys)))


def _answer(job: Job, view: memoryview, keys: CheckKeys) -> Answer:
    llaves = tuple(_key(point) for point in job.llaves)
    expected = Expected(job.solicitud, job.auxiliar, job.dispositivo, job.registro, job.codigo, job.tam, llaves)
    try:
        checked, acuse = judge(view[job.start : job.start + job.size], expected, job.recibido_ms, keys)
    except AppError as error:
        return Answer(job.number, error.code, error.detail)
    except Exception as error:  # noqa: BLE001 -- a checker that dies of one sobre would take its neighbours with it
        return Answer(job.number, "interno", type(error).__name__)
    return Answer(job.number, acuse=acuse, capturado_ms=checked.capturado_ms, desfase_ms=checked.desfase_ms)


@lru_cache(4096)
def _key(point: bytes) -> PublicKey:
    return FastPublicKey.from_point(point)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
