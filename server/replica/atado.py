"""Runs a program that must not outlive its parent: `atado.py <parent's pid> <program> <arguments…>`.

A program of its own and not a `preexec_fn`, which may deadlock in a process with threads. The kernel kills us when the
*thread* that started us ends, so we are started from the main thread. Nothing of the project is imported here: it
runs before the program, each time, and must be quick.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Tie this process to its parent, then become `command`. Returns only if the parent is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() == parent:  # otherwise it died before the kernel was asked
        os.execv(command[0], command)  # noqa: S606 -- the command is the server's own


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
