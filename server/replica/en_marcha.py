"""Whether a server (or another command that writes) holds a data folder. Asks, and never takes the folder itself."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

LOCK = "candado"


def held(datos: Path) -> bool:
    """True when the folder's lock is taken. A shared lock is asked for and given back at once."""
    try:
        fd = os.open(datos / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False
