"""`ACOPIO_SEGUNDA_COPIA` as a place: a path, `sftp://…` or `s3://…`. What cannot work is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from server.diario.places.folder import FolderPlace
from server.diario.places.place import SecondPlace
from server.errors import ConfigurationError

NAME = "ACOPIO_SEGUNDA_COPIA"


def open_place(folder: Path | None, url: str | None, *, espera_s: float, diario: Path) -> SecondPlace | None:
    """The second place of this box, not reached yet; None when there is none. Raises ConfigurationError.

    `espera_s`: how long it may be silent. `diario`: the folder of the first copy.
    """
    if url is None:
        return None if folder is None else FolderPlace(folder, diario)
    parts = urlsplit(url)
    return _sftp(parts, espera_s) if parts.scheme == "sftp" else _s3(parts, espera_s)


def _sftp(parts: SplitResult, espera_s: float) -> SecondPlace:
    from server.diario.places.sftp import SftpAddress, SftpPlace  # only who uses it pays for loading it

    given = _parameters(parts, {"llave", "conocidos"})
    if not parts.hostname or not parts.username:
        raise ConfigurationError(f"{NAME} debe tener la forma sftp://usuario@servidor:22/carpeta.")
    if "conocidos" not in given:
        raise ConfigurationError(
            f"A {NAME} le falta «?conocidos=archivo»: la lista con la llave del servidor SFTP (se hace con ssh-keyscan "
            "y se coteja con quien lo administra). Sin ella no se sabría a quién se entregan los lotes."
        )
    if "llave" not in given and parts.password is None:
        raise ConfigurationError(
            f"A {NAME} le falta «llave=archivo»: la llave privada con que se entra al servidor SFTP."
        )
    folder = unquote(parts.path)
    if folder.strip("/") == "":
        raise ConfigurationError(f"A {NAME} le falta la carpeta: sftp://usuario@servidor/carpeta.")
    return SftpPlace(
        SftpAddress(
            parts.hostname,
            _port(parts) or 22,
            unquote(parts.username),
            folder.removeprefix("/~/"),
            _file(given["conocidos"]),
            _file(given["llave"]) if "llave" in given else None,
            unquote(parts.password) if parts.password is not None else None,
        ),
        espera_s=espera_s,
    )


def _s3(parts: SplitResult, espera_s: float) -> SecondPlace:
    from server.diario.places.s3 import S3Address, S3Place  # likewise

    given = _parameters(parts, {"endpoint", "region", "ca"})
    if not parts.hostname or parts.username or _port(parts):
        raise ConfigurationError(
            f"{NAME} debe tener la forma s3://depósito/prefijo?endpoint=…&region=…; las credenciales van aparte, en "
            "AWS_ACCESS_KEY_ID y AWS_SECRET_ACCESS_KEY."
        )
    endpoint = given.get("endpoint")
    if endpoint is not None and urlsplit(endpoint).scheme not in ("http", "https"):
        raise ConfigurationError(f"En {NAME}, endpoint debe empezar con https:// (o http:// en la propia red).")
    prefix = unquote(parts.path).strip("/")
    address = S3Address(
        parts.netloc,
        f"{prefix}/" if prefix else "",
        endpoint,
        given.get("region"),
        _file(given["ca"]) if "ca" in given else None,
    )
    return S3Place(address, espera_s=espera_s)


def _parameters(parts: SplitResult, known: set[str]) -> Mapping[str, str]:
    given = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    for name in sorted(given.keys() - known):
        raise ConfigurationError(f"En {NAME} no se entiende «{name}»; se admite: {', '.join(sorted(known))}.")
    for name in sorted(name for name, value in given.items() if not value):
        raise ConfigurationError(f"En {NAME}, «{name}» está vacío.")
    return given


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise ConfigurationError(f"En {NAME}, el puerto no es un número entre 1 y 65535.") from error


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise ConfigurationError(f"En {NAME} se indica el archivo {name}, que no existe o no se puede leer.")
    return path
