"""Processes that the bench starts: they are ended by their id, and their CPU and memory are read from /proc."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """The run cannot go on; the message says why."""


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(
    command: Sequence[str], log: Path, port: int, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[int]:
    """Start a server, wait until it takes connections on `port`, yield its id, and end it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(env) if env else None, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            _wait_for(process, port, log)
            yield process.pid
        finally:
            end(process)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise BenchError(f"the server did not start:\n{tail(log)}")


def tail(log: Path) -> str:
    """The end of what a server said."""
    return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, then make it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    found = [pid]
    for member in found:
        found.extend(child for child, parent in parents.items() if parent == member)
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name: state first."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time of these processes, all threads, with the children that they have waited for."""
    ticks = 0
    for pid in pids:
        ticks += sum(int(field) for field in _stat(pid)[11:15])
    return ticks / _TICKS


def memory_mb(pids: Sequence[int], what: str = "VmHWM") -> float:
    """Resident memory in MB, summed: the peak (`VmHWM`) or as it is now (`VmRSS`)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(what + ":"):
                total += int(line.split()[1])
    return total / 1024


def shared_out_mb(pids: Sequence[int]) -> float:
    """Resident memory in MB with pages that processes share counted once (PSS); 0 where the kernel does not say."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def output(command: Sequence[str], timeout: float) -> bytes:
    """Run a program of the bench to its end and return what it printed. Raises BenchError when it failed."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{command[2]} did not end within {timeout:.0f} s") from error
    finally:
        end(process)
    if process.returncode:
        raise BenchError(f"{command[2]} failed:\n{err.decode('utf-8', 'replace')[-2000:]}")
    return out
