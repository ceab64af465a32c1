"""Where the index's replica lives: a folder, `s3://…` or `sftp://…`, as ACOPIO_REPLICA says it.

A folder carries a mark of ours: an unmounted disk, or a folder that somebody emptied, must not look like a new one
while Litestream runs, because it would go on there with what comes next and nothing could be restored from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from server.errors import ConfigurationError

MARK = "replica-de-acopio"
INSIDE = "indice"
SCHEMES = ("s3", "sftp")


@dataclass(frozen=True, slots=True)
class Destino:
    """A place for the replica. Exactly one of `folder` and `url` is set."""

    folder: Path | None = None
    url: str = ""

    @classmethod
    def parse(cls, text: str) -> Destino:
        """Read the setting. Raises ConfigurationError."""
        if "://" not in text:
            return cls(folder=Path(text).absolute())
        parts = urlsplit(text)
        if parts.scheme == "file":
            return cls(folder=Path(unquote(parts.path)))
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ConfigurationError(
                "ACOPIO_REPLICA debe ser una carpeta, s3://cubeta/ruta o sftp://usuario@servidor/ruta."
            )
        return cls(url=text)

    @property
    def config(self) -> dict[str, Any]:
        """The `replica` section of Litestream's configuration."""
        if self.folder is not None:
            return {"type": "file", "path": str(self.folder / INSIDE)}
        parts = urlsplit(self.url)
        if parts.scheme == "s3":
            return {"url": self.url}
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        section = {
            "type": "sftp",
            "host": f"{parts.hostname}:{parts.port or 22}",
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "path": unquote(parts.path),
            "key-path": query.get("key-path", ""),
            "host-key": query.get("host-key", ""),
        }
        return {name: value for name, value in section.items() if value}

    def describe(self) -> str:
        """What the administrator calls it, without a password."""
        if self.folder is not None:
            return str(self.folder)
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{parts.path}"

    def prepare(self) -> str | None:
        """Get the folder ready for a first replica, or recognise it; why it cannot be used, or None.

        A folder in which only a replica without our mark is left was begun anew by Litestream after it was emptied:
        that cannot be restored from, so it is put aside and a whole one begins.
        """
        if self.folder is None:
            return None
        try:
            if not self.folder.is_dir():
                return "no existe la carpeta de ACOPIO_REPLICA: monte el disco, o créela si es nueva"
            mark = self.folder / MARK
            if not mark.exists():
                inside = {path.name for path in self.folder.iterdir() if path.name != "lost+found"}
                if {name for name in inside if not name.startswith(INSIDE)}:
                    return "la carpeta de ACOPIO_REPLICA tiene otras cosas: use una para ella sola"
                if INSIDE in inside:
                    (self.folder / INSIDE).rename(self.folder / f"{INSIDE}-incompleto-{len(inside)}")
                mark.write_text("Réplica del índice de Acopio. No cambie nada aquí.\n", encoding="utf-8")
        except OSError as error:
            return f"no se puede escribir en la carpeta de ACOPIO_REPLICA ({error.strerror or type(error).__name__})"
        return None

    def present(self) -> bool:
        """Whether the place is still the one that was prepared; always true of a remote one."""
        return self.folder is None or (self.folder / MARK).exists()
