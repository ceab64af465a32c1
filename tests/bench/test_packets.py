"""The line of real packets: whose flow a packet is, and a reset that a kernel believes."""

from __future__ import annotations

import struct

from bench.weak_line.packets import ACK, RST, SYN, parse, reset

PHONE, SERVER = bytes([10, 77, 0, 1]), bytes([10, 77, 0, 2])


def segment(flags: int, *, seq: int = 7, ack: int = 9, payload: bytes = b"") -> bytes:
    tcp = struct.pack("!HHIIBBHHH", 4000, 8000, seq, ack, 5 << 4, flags, 65535, 0, 0) + payload
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + PHONE + SERVER
    return ip + tcp


def folded(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_a_segment_is_read_as_it_stands() -> None:
    seen = parse(segment(SYN | ACK, seq=5, ack=2**32 - 1, payload=b"x" * 40))
    assert seen is not None
    assert (seen.source, seen.target, seen.source_port, seen.target_port) == (PHONE, SERVER, 4000, 8000)
    assert (seen.seq, seen.ack, seen.flags) == (5, 2**32 - 1, SYN | ACK)


def test_what_is_not_tcp_over_ipv4_is_passed_over() -> None:
    good = segment(ACK)
    assert parse(good[:39]) is None
    assert parse(bytes([0x60]) + good[1:]) is None
    assert parse(good[:9] + bytes([17]) + good[10:]) is None


def test_a_reset_stands_exactly_where_the_phone_expects_the_next_byte() -> None:
    seen = parse(segment(ACK, ack=123_456))
    assert seen is not None
    packet = reset(seen)
    back = parse(packet)
    assert back is not None
    assert (back.source, back.target, back.source_port, back.target_port) == (SERVER, PHONE, 8000, 4000)
    assert (back.seq, back.flags) == (123_456, RST)
    assert folded(packet[:20]) == 0xFFFF, "the header's checksum"
    pseudo = packet[12:20] + struct.pack("!BBH", 0, 6, len(packet) - 20)
    assert folded(pseudo + packet[20:]) == 0xFFFF, "TCP's checksum"
