"""The clock, on which the end of the periodo and the 24 hours of grace rest (row D7)."""

from __future__ import annotations

import socket
import struct
import subprocess
from collections.abc import Iterator

import msgspec

from server.clock import hora_del_centro
from server.diario import lote as lotes
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla, omitido
from server.errors import DiarioError
from server.store import estado
from server.store.connection import IndexFailure, open_reader

BEHIND_MS = 2_000
JUMP_MS = 2_000
LAST_EVENTS = 10_000
NTP_AVISO_MS = 1_000
NTP_FALLA_MS = 30_000
_NTP_EPOCH_S = 2_208_988_800
_SYNC = "Sincronice el reloj (en Debian: timedatectl set-ntp true) antes de recibir nada más."


def hechos(e: Entorno) -> Iterator[Resultado]:
    """Against what is written already: a clock behind its own past is wrong."""
    now, newest = e.clock(), 0
    try:
        reader = open_reader(e.indice)
        try:
            newest = estado.newest_fact_ms(reader)
            jumps, worst = estado.clock_jumps(reader, LAST_EVENTS, JUMP_MS)
        finally:
            reader.close()
        if jumps:
            yield aviso("reloj_saltos", f"El reloj retrocedió {jumps} veces, hasta {worst / 1000:,.0f} s (bitácora).",
                        "Revise quién ajusta la hora: un solo servicio de hora, y nunca a mano.",
                        veces=jumps)  # fmt: skip
    except (IndexFailure, OSError):
        pass  # `sistema` says so
    newest = max(newest, _last_lote_ms(e))
    if newest > now + BEHIND_MS:
        yield falla("reloj_atrasado", f"El reloj va atrasado: lo último anotado es del {hora_del_centro(newest)}.",
                    _SYNC, ms=newest - now)  # fmt: skip
    else:
        yield bien("reloj_atrasado", f"Son las {hora_del_centro(now)} (hora del centro); nada anotado es posterior.")


def _last_lote_ms(e: Entorno) -> int:
    """When the newest lote says that it was made; 0 when there is none that can be read."""
    try:
        newest = max(lotes.numbers(e.diario), default=0)
        if not newest:
            return 0
        manifest, _ = lotes.read_manifest(e.diario / lotes.file_name(newest))
        received = [int(one.datos["recibido_ms"]) for one in manifest.entradas if "recibido_ms" in one.datos]
        return max(received, default=0)
    except (DiarioError, OSError, msgspec.MsgspecError, ValueError, TypeError):
        return 0


def sincronia(e: Entorno) -> Iterator[Resultado]:
    """What the system says of itself."""
    try:
        said = subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],  # noqa: S607
            capture_output=True, text=True, timeout=5, check=True,
        ).stdout.strip()  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        yield omitido("reloj_sincronizado", "El sistema no dice si su reloj está sincronizado (timedatectl).")
        return
    if said == "yes":
        yield bien("reloj_sincronizado", "El sistema dice que su reloj está sincronizado.")
    else:
        yield aviso("reloj_sincronizado", "El sistema dice que su reloj no está sincronizado.", _SYNC)


def ntp(e: Entorno) -> Iterator[Resultado]:
    """Against a time server, if one was given."""
    if e.ntp is None:
        yield omitido("reloj_ntp", "No se comparó con un servidor de hora: pídalo con --ntp SERVIDOR.")
        return
    host, _, port = e.ntp.partition(":")
    try:
        offset = ntp_offset_ms(host, int(port or 123), e)
    except (OSError, ValueError) as error:
        yield aviso("reloj_ntp", f"El servidor de hora {host[:80]} no responde ({type(error).__name__}).",
                    "Revise el nombre y que el cortafuegos deje salir UDP 123.")  # fmt: skip
        return
    text = f"El reloj difiere {offset / 1000:+.3f} s del de {host[:80]}."
    if abs(offset) > NTP_FALLA_MS:
        yield falla("reloj_ntp", text, _SYNC, ms=offset)
    elif abs(offset) > NTP_AVISO_MS:
        yield aviso("reloj_ntp", text, _SYNC, ms=offset)
    else:
        yield bien("reloj_ntp", text, ms=offset)


def ntp_offset_ms(host: str, port: int, e: Entorno, timeout_s: float = 5.0) -> int:
    """Time server's clock minus ours, by one SNTP question (RFC 4330). Raises OSError or ValueError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(timeout_s)
        line.connect((host, port))
        sent = e.clock()
        line.send(b"\x23" + bytes(39) + struct.pack(">II", 0, sent & 0xFFFFFFFF))
        answer = line.recv(512)
        came = e.clock()
    if (
        len(answer) < 48
        or answer[0] & 7 != 4
        or answer[1] == 0
        or answer[24:32] != struct.pack(">II", 0, sent & 0xFFFFFFFF)
    ):
        raise ValueError("no es una respuesta de hora")
    received, transmitted = _ntp_ms(answer[32:40]), _ntp_ms(answer[40:48])
    return ((received - sent) + (transmitted - came)) // 2


def _ntp_ms(raw: bytes) -> int:
    seconds, fraction = struct.unpack(">II", raw)
    return int((seconds - _NTP_EPOCH_S) * 1000 + fraction * 1000 // 2**32)
