"""What must be true: every acuse that ever left the server, and what the disk, the index and the phones say of it.

The witness hears all answers on all lines. A folio with two acuses, an answer that is no answer of the catalogue, an
acuse for bytes that are nowhere: each is a `Finding`, and one is enough for the run to fail.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sync_protocol import acuse as acuses
from sync_protocol.errors import ProtocolError
from sync_protocol.signing import PublicKey
from torture.line import Answer


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise. `fault`: number of the fault after which it showed."""

    kind: str
    detail: str
    fault: int = 0


@dataclass(slots=True)
class Witness:
    """Hears every answer of the server. `given`: for each folio every acuse string, and what it says."""

    keys: Mapping[str, PublicKey]
    given: dict[str, dict[str, acuses.Acuse]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    fault: int = 0
    told: int = 0
    """How many times an acuse was told, repeats included."""

    def __call__(self, answer: Answer) -> None:
        """One answer went by."""
        self.statuses[str(answer.status)] += 1
        if answer.status >= 500:
            code = answer.headers.get("acopio-codigo", "") or _code(answer.body)
            self.statuses[f"{answer.status} {code}"] += 1
        if token := answer.headers.get("acopio-acuse"):
            self.hear(token)
        if answer.status != 200:
            return
        if answer.path.startswith("/sync/sesiones"):
            for sobre in msgspec.json.decode(answer.body).get("sobres", ()):
                if token := sobre.get("acuse"):
                    self.hear(token)
        elif answer.path.startswith("/sync/acuses/"):
            self.hear(answer.body.decode("ascii").strip())

    def hear(self, token: str) -> None:
        """An acuse was given."""
        self.told += 1
        try:
            said = acuses.read(token, self.keys)
        except ProtocolError as error:
            self.findings.append(Finding("acuse_ilegible", error.code, self.fault))
            return
        known = self.given.setdefault(said.folio, {})
        if token not in known:
            known[token] = said
            if len(known) > 1:
                self.findings.append(Finding("dos_acuses", said.folio, self.fault))


def _code(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body).get("codigo", ""))
    except (msgspec.MsgspecError, AttributeError):
        return ""


@dataclass(frozen=True, slots=True)
class Held:
    """A sobre in a lote: its SHA-256 as computed here, its acuse, and the lote's number."""

    codigo: str
    tam: int
    acuse: str
    lote: int


class TornLoteError(Exception):
    """A lote that is not whole."""


@dataclass(slots=True)
class LoteReader:
    """Reads lotes with nothing of the server's own code. What has been read is not read again while its bytes stay."""

    _known: dict[tuple[str, bytes], tuple[str, str, list[tuple[str, Held]]]] = field(default_factory=dict)

    def folder(self, folder: Path) -> dict[str, list[Held]]:
        """Every sobre in the lotes of a folder, by folio. Raises TornLoteError at damage, a hole, or a broken chain."""
        found: dict[str, list[Held]] = {}
        previous = bytes(32).hex()
        for number, path in enumerate(sorted(folder.glob("*.tar")), 1):
            if path.name != f"{number:010d}.tar":
                raise TornLoteError(f"falta el lote {number} en {folder.name}; hay {path.name}")
            anterior, resumen, sobres = self._read(path, number)
            if anterior != previous:
                raise TornLoteError(f"el lote {number} de {folder.name} no sigue al anterior")
            previous = resumen
            for folio, held in sobres:
                found.setdefault(folio, []).append(held)
        return found

    def _read(self, path: Path, number: int) -> tuple[str, str, list[tuple[str, Held]]]:
        raw = path.read_bytes()
        key = (path.name, hashlib.sha256(raw).digest())
        if key not in self._known:
            self._known[key] = _parse(raw, f"{path.parent.name}/{path.name}", number)
        return self._known[key]


def _parse(raw: bytes, name: str, number: int) -> tuple[str, str, list[tuple[str, Held]]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as tar:
            members = {one.name: raw[one.offset_data : one.offset_data + one.size] for one in tar.getmembers()}
        manifest_raw = members["manifiesto.json"]
        manifest = msgspec.json.decode(manifest_raw)
        sobres = []
        for entry in manifest["entradas"]:
            for member in (entry.get("sobre"), entry.get("acuse")):
                if member and hashlib.sha256(members[member["nombre"]]).hexdigest() != member["sha256"]:
                    raise TornLoteError(f"{name}: {member['nombre']} está alterado")
            if entry["clase"] == "sobre":
                content = members[entry["sobre"]["nombre"]]
                acuse = members[entry["acuse"]["nombre"]].decode("ascii")
                held = Held(hashlib.sha256(content).hexdigest(), len(content), acuse, number)
                sobres.append((entry["datos"]["folio"], held))
    except (tarfile.TarError, msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
        raise TornLoteError(f"{name} no se puede leer: {type(error).__name__}") from error
    if manifest["lote"] != number:
        raise TornLoteError(f"{name} dice ser el lote {manifest['lote']}")
    return manifest["anterior"], hashlib.sha256(manifest_raw).hexdigest(), sobres


def promises_kept(
    given: Mapping[str, Mapping[str, acuses.Acuse]], places: Mapping[str, Mapping[str, Iterable[Held]]], fault: int
) -> list[Finding]:
    """Every acuse given must be in each place, once, with its very bytes."""
    findings = []
    for folio, tokens in given.items():
        for where, sobres in places.items():
            held = list(sobres.get(folio, ()))
            if not held:
                findings.append(Finding("acuse_sin_sobre", f"{folio} no está en {where}", fault))
                continue
            if len(held) > 1:
                findings.append(Finding("folio_repetido", f"{folio} está {len(held)} veces en {where}", fault))
            for token, said in tokens.items():
                one = held[0]
                if (one.acuse, one.codigo, one.tam) != (token, said.codigo, said.tam):
                    findings.append(Finding("acuse_falso", f"{folio}: {where} tiene otra cosa", fault))
    return findings
