"""A line between two network namespaces: real TCP of the kernel at both ends, and in between two TUN devices.

`python -m bench.weak_line.tun` is the line: it takes every packet from one device, keeps it for as long as the profile
says, loses some, and puts it into the other. `Street` makes the namespaces and starts it. Only Linux, only root.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import heapq
import json
import os
import random
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from bench.ingest.procs import BenchError, end, tail
from bench.weak_line.packets import FIN, RST, SYN, Segment, parse, reset
from device_sim.lines.channel import Channel
from device_sim.lines.profiles import PROFILES, LineProfile

PHONE, SERVER = "10.77.0.1", "10.77.0.2"
_DEVICE = "linea0"
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_CLONE_NEWNET = 0x40000000
MTU = 1500


@dataclass(frozen=True, slots=True)
class Street:
    """Two namespaces with a line between them. Commands run at either end with `at_phone` and `at_server`."""

    name: str

    @property
    def at_phone(self) -> list[str]:
        """What to put before a command, so that it runs where the phone is."""
        return ["ip", "netns", "exec", f"{self.name}-t"]

    @property
    def at_server(self) -> list[str]:
        """The same, where the server is."""
        return ["ip", "netns", "exec", f"{self.name}-s"]


def available() -> str | None:
    """None when such a line can be made here; else why not."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux can make network namespaces"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    probe = f"acopio-{os.getpid()}-x"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"ip netns add: {made.stderr.strip()}"
    try:
        with contextlib.suppress(OSError):
            os.close(_device(probe))
            return None
        return "a TUN device could not be made"
    finally:
        _ip("netns", "del", probe)


@contextlib.contextmanager
def street(name: str, profile: str, seed: int, folder: Path) -> Iterator[tuple[Street, Path]]:
    """A line of that profile, and the file with its figures, which is there once the line has ended."""
    made, figures = Street(name), folder / "line.json"
    ends = {f"{name}-t": (PHONE, SERVER), f"{name}-s": (SERVER, PHONE)}
    process = None
    try:
        for namespace in ends:
            _ip("netns", "add", namespace)
        with (folder / "line.log").open("wb") as log:
            command = [sys.executable, "-m", "bench.weak_line.tun", name, profile, str(seed), str(figures)]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        assert process.stdout is not None
        if process.stdout.readline().strip() != b"ready":
            raise BenchError(f"the line did not start:\n{tail(folder / 'line.log')}")
        for namespace, (own, other) in ends.items():
            _ip("-n", namespace, "addr", "add", own, "peer", other, "dev", _DEVICE)
            _ip("-n", namespace, "link", "set", "lo", "up")
            _ip("-n", namespace, "link", "set", _DEVICE, "mtu", str(MTU), "up")
            # Cubic is what phones have. By the route: a namespace may not always choose its default.
            _ip("-n", namespace, "route", "replace", other, "dev", _DEVICE, "src", own, "congctl", "cubic")
        yield made, figures
    finally:
        if process is not None:
            end(process)
            assert process.stdout is not None
            process.stdout.close()
        for namespace in ends:
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _device(namespace: str) -> int:
    """A TUN device in a namespace, by its file descriptor, which is good in every namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open("rb") as home, Path("/run/netns", namespace).open("rb") as there:
        if libc.setns(there.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH22x", _DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
        finally:
            libc.setns(home.fileno(), _CLONE_NEWNET)
    return fd


@dataclass(slots=True)
class _Figures:
    """What the line saw. Bytes are of whole packets; `up` comes from the phone."""

    up: int = 0
    down: int = 0
    lost: int = 0
    cuts: int = 0
    began: float = 0.0


class _Line:
    """The devices of both ends by their file descriptors, and what is between them."""

    def __init__(self, phone: int, server: int, profile: LineProfile, seed: int) -> None:
        self.phone, self.server, self.profile = phone, server, profile
        self.figures = _Figures()
        # Its own source for each, so that the cuts of all contestants come at the same seconds.
        self.up = Channel(profile, random.Random(seed))
        self.down = Channel(profile, random.Random(seed + 1))
        self.cuts = random.Random(seed + 2)
        self.on_the_way: list[tuple[float, int, int, bytes]] = []
        self.flows: dict[int, Segment] = {}
        self.forgotten: set[int] = set()
        self.cut_at = float("inf")
        self.back_at = 0.0
        self.count = 0

    def run(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self.phone, selectors.EVENT_READ)
        selector.register(self.server, selectors.EVENT_READ)
        while True:
            now = time.monotonic()
            while self.on_the_way and self.on_the_way[0][0] <= now:
                _, _, target, packet = heapq.heappop(self.on_the_way)
                _write(target, packet)
            if now >= self.cut_at:
                self.cut(now)
            due = min(self.cut_at, self.on_the_way[0][0] if self.on_the_way else float("inf"))
            for key, _ in selector.select(max(0.0, min(1.0, due - now))):
                self.take(key.fd)

    def take(self, source: int) -> None:
        while True:
            try:
                packet = os.read(source, 65536)
            except BlockingIOError:
                return
            self.packet(source, packet, time.monotonic())

    def packet(self, source: int, packet: bytes, now: float) -> None:
        seen = parse(packet)
        if seen is None:
            return  # Router solicitations and their like: no line of a phone's is charged for them.
        from_phone = source == self.phone
        if not self.figures.began and from_phone and seen.flags & SYN:
            self.figures.began = now
            self.next_cut(now)
        if from_phone:
            self.figures.up += len(packet)
        if now < self.back_at:
            return
        port = seen.source_port if from_phone else seen.target_port
        if from_phone and seen.flags & SYN:
            self.forgotten.discard(port)
        if port in self.forgotten:
            # To the phone a new line is a new address: its old connections are nobody's. The server hears nothing.
            if from_phone and not seen.flags & RST:
                _write(self.phone, reset(seen))
            return
        if from_phone:
            self.note(port, seen)
        else:
            self.figures.down += len(packet)
        arrives = (self.up if from_phone else self.down).packet(now, len(packet))
        if arrives is None:
            self.figures.lost += 1
            return
        self.count += 1
        heapq.heappush(self.on_the_way, (arrives, self.count, self.server if from_phone else self.phone, packet))

    def note(self, port: int, seen: Segment) -> None:
        if seen.flags & (RST | FIN):
            self.flows.pop(port, None)
        elif not seen.flags & SYN:
            self.flows[port] = seen

    def next_cut(self, now: float) -> None:
        if self.profile.cut_seconds is not None:
            self.cut_at = now + self.cuts.uniform(*self.profile.cut_seconds)

    def cut(self, now: float) -> None:
        self.figures.cuts += 1
        self.on_the_way.clear()
        self.up.clear(now)
        self.down.clear(now)
        for port, seen in self.flows.items():
            _write(self.phone, reset(seen))
            self.forgotten.add(port)
        self.flows.clear()
        self.back_at = now + self.profile.away_s
        self.next_cut(now)


def _write(fd: int, packet: bytes) -> None:
    with contextlib.suppress(OSError):  # A device whose queue is full loses it, as a line does.
        os.write(fd, packet)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: list[str]) -> None:
    """Be the line until SIGTERM; then write the figures."""
    name, profile, seed, path = arguments
    signal.signal(signal.SIGTERM, _stop)
    line = _Line(_device(f"{name}-t"), _device(f"{name}-s"), PROFILES[profile], int(seed))
    print("ready", flush=True)
    try:
        line.run()
    finally:
        figures = line.figures
        said = {"up": figures.up, "down": figures.down, "lost": figures.lost, "cuts": figures.cuts}
        Path(path).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
