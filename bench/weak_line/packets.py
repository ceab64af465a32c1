"""What the line must know of IPv4 and TCP: whose flow a packet is, and how to say that a flow is over."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_TCP = 6
FIN, SYN, RST, ACK = 1, 2, 4, 16


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment as it was seen: addresses as they stand in the packet, ports, numbers, flags."""

    source: bytes
    target: bytes
    source_port: int
    target_port: int
    seq: int
    ack: int
    flags: int


def parse(packet: bytes) -> Segment | None:
    """None for what is not TCP over IPv4."""
    if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != _TCP:
        return None
    start = (packet[0] & 15) * 4
    source_port, target_port, seq, ack, _, flags = struct.unpack_from("!HHIIBB", packet, start)
    return Segment(packet[12:16], packet[16:20], source_port, target_port, seq, ack, flags)


def reset(seen: Segment) -> bytes:
    """The packet that ends a flow at whoever sent this segment, as if the other end had sent it."""
    tcp = struct.pack("!HHIIBBHHH", seen.target_port, seen.source_port, seen.ack, 0, 5 << 4, RST, 0, 0, 0)
    pseudo = seen.target + seen.source + struct.pack("!BBH", 0, _TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", _checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, _TCP, 0) + seen.target + seen.source
    return ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:] + tcp


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
