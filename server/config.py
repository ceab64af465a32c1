"""Settings, read from the environment once, at start. Every variable is documented in LEEME.md (a test sees to it)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server.errors import ConfigurationError


@dataclass(frozen=True)
class ProveedorOidc:
    """A provider of identities. `nombre`: google, facebook or x; `descubrimiento`: URL of its metadata."""

    nombre: str
    client_id: str
    secreto: str
    descubrimiento: str


OIDC = {"google": "ACOPIO_OIDC_GOOGLE", "facebook": "ACOPIO_OIDC_FACEBOOK", "x": "ACOPIO_OIDC_X"}


@dataclass(frozen=True)
class Settings:
    """How this box runs. Times in milliseconds unless the name says otherwise; sizes in bytes."""

    datos: Path
    llave_archivo: Path | None = None
    frase: str | None = None
    segunda_copia: Path | None = None
    segunda_copia_url: str | None = None
    """`sftp://…` or `s3://…`, in place of a folder; server.diario.places.address reads it."""
    segunda_copia_espera_s: float = 30.0
    """How long the second place may be silent, or a lote wait for it, before it counts as away."""
    replica: str | None = None
    institucion: str = "Organismo Público Local"
    escucha: str = "127.0.0.1:8000"
    url_publica: str = "http://127.0.0.1:8000"
    smtp_url: str | None = None
    correo_de: str = "acopio@localhost"
    correo_administrador: str | None = None
    aviso_tras_ms: int = 5 * 60_000
    """How long a fault must last before the administrator is written to, and how long all must be well again."""
    cic_completo: bool = False
    demo: bool = False
    en_vuelo: int = 4
    gracia_ms: int = 24 * 3600 * 1000
    token_ms: int = 2 * 3600 * 1000
    subida_vence_ms: int = 7 * 24 * 3600 * 1000
    sesion_quieta_ms: int = 60_000
    """How long a session must be silent before its mail goes out, when not all of its queue has arrived."""
    espera_acuse_ms: int = 10_000
    """How long an answer waits for the second copy before it says `recibido` instead of giving the acuse."""
    cuerpo_silencio_s: float = 60.0
    """A body that says nothing for so long is taken for a line that died."""
    memoria_cuerpos: int = 48 * 1024 * 1024
    """Bytes of bodies held in memory at once; past it new uploads are told `ocupado`."""
    revisores: int = 0
    """Processes that check sobres; 0: threads of the server's own."""
    lectores: int = 0
    """Processes that look at images after the acuse; 0: one thread of the server's own."""
    subidas: int = 512
    """Uploads that may run at once, of all phones; past it who has had most waits (intake/admission.py)."""
    espera_lugar_s: int = 2
    """How long an upload waits for a place before its phone is told when to come back; phones bear more silence."""

    # what is done after the acuse (F1-F5)
    tuberia: bool = False
    """Whether this server works on what it took: codes, padrón, duplicates … Without it, registros wait in line."""

    # the padrón (F2)
    padron_url: str | None = None
    """The institute's own service, asked instead of the copy on this box."""
    padron_llave_archivo: Path | None = None
    """The file with its bearer token."""

    oidc: tuple[ProveedorOidc, ...] = ()
    """Who may vouch for an aspirante's address; none unless it is set up."""

    @property
    def host(self) -> str:
        """Address to listen on."""
        return self.escucha.rpartition(":")[0]

    @property
    def port(self) -> int:
        """Port to listen on."""
        return int(self.escucha.rpartition(":")[2])

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the `ACOPIO_…` variables. Raises ConfigurationError with a sentence for the administrator."""
        datos = Path(env.get("ACOPIO_DATOS", "datos"))
        segunda = env.get("ACOPIO_SEGUNDA_COPIA", "").strip()
        remote = "://" in segunda
        settings = cls(
            datos=datos,
            llave_archivo=Path(env["ACOPIO_LLAVE_ARCHIVO"]) if env.get("ACOPIO_LLAVE_ARCHIVO") else None,
            frase=env.get("ACOPIO_FRASE") or None,
            segunda_copia=Path(segunda) if segunda and not remote else None,
            segunda_copia_url=segunda if remote else None,
            segunda_copia_espera_s=_integer(env, "ACOPIO_SEGUNDA_COPIA_ESPERA_S", 30, 5, 600),
            replica=env.get("ACOPIO_REPLICA") or None,
            institucion=env.get("ACOPIO_INSTITUCION", cls.institucion),
            escucha=env.get("ACOPIO_ESCUCHA", cls.escucha),
            url_publica=env.get("ACOPIO_URL_PUBLICA", "").rstrip("/")
            or f"http://{env.get('ACOPIO_ESCUCHA', cls.escucha)}",
            smtp_url=env.get("ACOPIO_SMTP_URL") or None,
            correo_de=env.get("ACOPIO_CORREO_DE", cls.correo_de),
            correo_administrador=env.get("ACOPIO_CORREO_ADMINISTRADOR", "").strip() or None,
            aviso_tras_ms=_integer(env, "ACOPIO_AVISO_TRAS_MIN", cls.aviso_tras_ms // 60_000, 1, 1_440) * 60_000,
            cic_completo=_flag(env, "ACOPIO_CIC_COMPLETO"),
            demo=_flag(env, "ACOPIO_DEMO"),
            en_vuelo=_integer(env, "ACOPIO_EN_VUELO", cls.en_vuelo, 1, 8),
            revisores=_integer(env, "ACOPIO_REVISORES", _spare_cores(), 0, 32),
            lectores=_integer(env, "ACOPIO_LECTORES", _spare_cores(), 0, 32),
            subidas=_integer(env, "ACOPIO_SUBIDAS", cls.subidas, 1, 20_000),
            espera_lugar_s=_integer(env, "ACOPIO_ESPERA_LUGAR_S", cls.espera_lugar_s, 0, 10),
            tuberia=_flag(env, "ACOPIO_TUBERIA", default=True),
            padron_url=env.get("ACOPIO_PADRON_URL", "").strip() or None,
            padron_llave_archivo=Path(env["ACOPIO_PADRON_LLAVE_ARCHIVO"])
            if env.get("ACOPIO_PADRON_LLAVE_ARCHIVO")
            else None,
            oidc=tuple(_oidc(env, name, variable) for name, variable in OIDC.items() if env.get(variable, "").strip()),
            sesion_quieta_ms=_integer(env, "ACOPIO_SESION_QUIETA_S", cls.sesion_quieta_ms // 1000, 1, 86_400) * 1000,
        )
        settings.check()
        return settings

    def check(self) -> None:
        """What cannot work is said before anything starts."""
        if self.segunda_copia and self.segunda_copia.resolve() == (self.datos / "diario").resolve():
            raise ConfigurationError("ACOPIO_SEGUNDA_COPIA no puede ser la carpeta del propio diario.")
        if self.segunda_copia_url and urlsplit(self.segunda_copia_url).scheme not in ("sftp", "s3"):
            raise ConfigurationError("ACOPIO_SEGUNDA_COPIA debe ser una carpeta, o empezar con sftp:// o s3://.")
        if self.correo_administrador and "@" not in self.correo_administrador:
            raise ConfigurationError("ACOPIO_CORREO_ADMINISTRADOR no es una dirección de correo.")
        if self.llave_archivo and self.llave_archivo.resolve().is_relative_to(self.datos.resolve()):
            raise ConfigurationError("ACOPIO_LLAVE_ARCHIVO debe estar fuera de la carpeta de datos (ACOPIO_DATOS).")
        if self.padron_url and not _https_or_here(self.padron_url):
            raise ConfigurationError("ACOPIO_PADRON_URL debe empezar con https:// (o ser de este mismo equipo).")
        if self.padron_llave_archivo and not self.padron_url:
            raise ConfigurationError("ACOPIO_PADRON_LLAVE_ARCHIVO no sirve sin ACOPIO_PADRON_URL.")
        if not self.escucha.rpartition(":")[2].isdigit():
            raise ConfigurationError("ACOPIO_ESCUCHA debe tener la forma dirección:puerto.")
        if self.smtp_url and urlsplit(self.smtp_url).scheme not in ("smtp", "smtps", "smtp+starttls"):
            raise ConfigurationError("ACOPIO_SMTP_URL debe empezar con smtp://, smtps:// o smtp+starttls://.")


def _spare_cores() -> int:
    """One core for lines, rows and disk; what is left checks sobres."""
    return max(1, min(4, len(os.sched_getaffinity(0)) - 1))


def _https_or_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or local)


def _oidc(env: Mapping[str, str], nombre: str, variable: str) -> ProveedorOidc:
    client_id, _, rest = env[variable].strip().partition("|")
    secret, _, url = rest.rpartition("|")
    if not (client_id and secret and _https_or_here(url)):
        raise ConfigurationError(f"{variable} debe tener la forma cliente|secreto|https://…/.well-known/…")
    return ProveedorOidc(nombre, client_id, secret, url)


def _flag(env: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    value = env.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("si", "sí", "1", "true", "yes"):
        return True
    if value in ("no", "0", "false"):
        return False
    raise ConfigurationError(f"{name} debe ser «si» o «no».")


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = env.get(name, "").strip()
    if not value:
        return default
    if not value.isdigit() or not low <= int(value) <= high:
        raise ConfigurationError(f"{name} debe ser un entero entre {low} y {high}.")
    return int(value)
