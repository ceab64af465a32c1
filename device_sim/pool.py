"""The processes that draw and read the fleet's pictures: the one part of a capture that is heavy for the processor."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor

WORKERS = 2


def open_pool(workers: int = WORKERS) -> ProcessPoolExecutor:
    """Fresh processes, not forks of one that has threads and an event loop; already starting when this returns."""
    # What they run must live in a module like this one: a process started afresh does not know the `__main__` of ours.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_parent)
    for _ in range(workers):
        pool.submit(_leave_interrupts_to_parent)
    return pool


def _leave_interrupts_to_parent() -> None:
    # Ctrl+C is for the process that a person started; it ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
