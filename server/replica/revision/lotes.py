"""One lote read back: every byte hashed, every signature, and each row of the index against its bytes (SPEC §1, §6).

Pure but for reading: it runs on any thread, and what it finds comes back as a value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from server.clock import iso_utc
from server.diario.lote import Entrada, Miembro
from server.replica.revision.hallazgos import Hallazgo
from server.replica.revision.tar import LoteEntero
from server.store.registros import Registro
from server.store.revision import FilaConflicto, FilaLlave, FilaLote
from sync_protocol import acuse as acuses
from sync_protocol import jws, sealing, sobre
from sync_protocol import registro as contenidos
from sync_protocol.errors import ProtocolError
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PublicKey
from sync_protocol.sobre import Sobre


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to check with.

    `publicas`: the server's keys by thumbprint, None when they are not at hand; `nombres`: thumbprints that
    llaves.json names; `aperturas`: to open sobres, None not to; `llaves`: the keys of a phone, by its Id.
    """

    publicas: Mapping[str, PublicKey] | None
    nombres: frozenset[str]
    aperturas: Mapping[bytes, OpeningKey] | None
    llaves: Callable[[int], tuple[PublicKey, ...]]


@dataclass(frozen=True, slots=True)
class Filas:
    """What the index says of a lote."""

    lote: FilaLote | None
    registros: Mapping[str, Registro]
    conflictos: Mapping[tuple[str, bytes], FilaConflicto]
    llaves: tuple[FilaLlave, ...]
    bajas: frozenset[int]


@dataclass(slots=True)
class Revisado:
    """What came of a lote."""

    numero: int
    anterior: str = ""
    resumen: str = ""
    registros: int = 0
    conflictos: int = 0
    acuses: int = 0
    firmas: int = 0
    abiertos: int = 0
    bajas: set[int] = field(default_factory=set)
    hallazgos: list[Hallazgo] = field(default_factory=list)

    def found(self, codigo: str, donde: str, detalle: str = "") -> None:
        """Something that does not hold."""
        self.hallazgos.append(Hallazgo(codigo=codigo, donde=donde, detalle=detalle))


def review(whole: LoteEntero, material: Material, filas: Filas | None) -> Revisado:
    """Check a lote, and its rows if `filas` is given (a lote that is newer than the index has none)."""
    manifest = whole.manifiesto
    out = Revisado(manifest.lote, manifest.anterior, whole.resumen.hex())
    where = f"lote {manifest.lote}"
    seen: set[str] = set()
    conflicts: set[tuple[str, bytes]] = set()
    keys: set[bytes] = set()
    for entrada in manifest.entradas:
        try:
            if entrada.clase == "sobre":
                seen.add(_sobre(out, whole, entrada, material, filas))
            elif entrada.clase == "conflicto":
                conflicts.add(_conflicto(out, whole, entrada, material, filas))
            elif entrada.clase == "evento":
                _evento(out, entrada, filas, keys)
            else:
                out.found("evento_invalido", where, f"clase {entrada.clase}")
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            out.found("evento_invalido", where, type(error).__name__)
    if filas is not None:
        _lote_row(out, whole, filas.lote)
        for folio in filas.registros.keys() - seen:
            out.found("fila_sin_bytes", f"folio {folio}", where)
        for folio, codigo in filas.conflictos.keys() - conflicts:
            out.found("fila_sin_bytes", f"conflicto de {folio}", f"{where}, {codigo.hex()[:16]}")
        for key in filas.llaves:
            if key.punto not in keys:
                out.found("fila_sin_bytes", f"llave del dispositivo {key.dispositivo}", where)
    return out


def _lote_row(out: Revisado, whole: LoteEntero, row: FilaLote | None) -> None:
    where = f"lote {whole.manifiesto.lote}"
    if row is None:
        out.found("miembro_sin_fila", where, "el lote mismo")
        return
    if row.resumen != whole.resumen:
        out.found("lote_distinto", where)
    if row.sobres != len(whole.manifiesto.entradas):
        out.found("cuenta_distinta", where, f"anotadas {row.sobres} entradas, hay {len(whole.manifiesto.entradas)}")


def _bytes(out: Revisado, whole: LoteEntero, miembro: Miembro) -> memoryview | None:
    """A member's bytes, if they are those that the manifest seals."""
    content = whole.raw[miembro.posicion : miembro.posicion + miembro.tam]
    if hashlib.sha256(content).hexdigest() != miembro.sha256:
        out.found("miembro_alterado", f"lote {whole.manifiesto.lote}", miembro.nombre)
        return None
    return content


def _sobre(out: Revisado, whole: LoteEntero, entrada: Entrada, material: Material, filas: Filas | None) -> str:
    folio = str(entrada.datos["folio"])
    where = f"folio {folio}"
    out.registros += 1
    row = filas.registros.get(folio) if filas is not None else None
    if entrada.sobre is None or entrada.acuse is None:
        out.found("evento_invalido", where, "sin sobre o sin acuse")
        return folio
    if filas is not None and row is None:
        out.found("miembro_sin_fila", where, f"lote {whole.manifiesto.lote}")
    raw, acuse = _bytes(out, whole, entrada.sobre), _bytes(out, whole, entrada.acuse)
    parsed = _frame(out, raw, folio) if raw is not None else None
    if parsed is not None:
        _signature(out, parsed, material, where)
        _open(out, parsed, material, where)
    token = bytes(acuse).decode("ascii", "replace") if acuse is not None else None
    if token is not None:
        _acuse(out, token, entrada, material, folio)
    if row is not None:
        different = _differences(row, whole, entrada, parsed, token)
        if different:
            out.found("fila_distinta", where, ", ".join(different))
    return folio


def _differences(
    row: Registro, whole: LoteEntero, entrada: Entrada, parsed: Sobre | None, token: str | None
) -> list[str]:
    """Columns of a registro that do not say what the diario says."""
    assert entrada.sobre is not None
    pairs: list[tuple[str, object, object]] = [
        ("codigo", row.codigo.hex(), entrada.sobre.sha256),
        ("tam", row.tam, entrada.sobre.tam),
        ("posicion", row.posicion, entrada.sobre.posicion),
        ("recibido_ms", row.recibido_ms, entrada.datos["recibido_ms"]),
        ("marcas", list(row.marcas), entrada.datos["marcas"]),
    ]
    if token is not None:
        pairs.append(("acuse", row.acuse, token))
    if parsed is not None:
        head, folio = parsed.cabecera, parsed.cabecera.folio
        pairs += [
            ("solicitud", row.solicitud, folio.solicitud),
            ("auxiliar", row.auxiliar, folio.auxiliar),
            ("dispositivo", row.dispositivo, folio.dispositivo),
            ("registro", row.registro, folio.registro),
            ("tipo", row.tipo, head.tipo.nombre),
            ("anterior", row.anterior, head.anterior),
        ]
    return [name for name, mine, theirs in pairs if mine != theirs]


def _frame(out: Revisado, raw: memoryview, folio: str) -> Sobre | None:
    try:
        parsed = sobre.parse(raw)
    except ProtocolError as error:
        out.found("sobre_invalido", f"folio {folio}", error.code)
        return None
    if str(parsed.cabecera.folio) != folio:
        out.found("sobre_ajeno", f"folio {folio}", f"su cabecera dice {parsed.cabecera.folio}")
        return None
    return parsed


def _signature(out: Revisado, parsed: Sobre, material: Material, where: str) -> None:
    keys = material.llaves(parsed.cabecera.folio.dispositivo)
    if not keys:
        out.found("dispositivo_sin_llave", where)
    elif any(key.verify_low_s(parsed.signed_part, parsed.signature) for key in keys):
        out.firmas += 1
    else:
        out.found("sobre_firma", where)


def _open(out: Revisado, parsed: Sobre, material: Material, where: str) -> None:
    if material.aperturas is None:
        return
    key = material.aperturas.get(parsed.cabecera.key_id)
    if key is None:
        out.found("llave_de_apertura_faltante", where, parsed.cabecera.key_id.hex())
        return
    try:
        contenidos.decode(
            sealing.open_sobre(parsed, key), tipo=parsed.cabecera.tipo, folio=parsed.cabecera.folio
        )  # what was captured is looked at and forgotten
    except ProtocolError as error:
        out.found("sobre_no_abre", where, error.code)
    else:
        out.abiertos += 1


def _acuse(out: Revisado, token: str, entrada: Entrada, material: Material, folio: str) -> None:
    assert entrada.sobre is not None
    where = f"folio {folio}"
    try:
        if material.publicas is not None:
            said = acuses.read(token, material.publicas)
        else:
            unverified = jws.parse(token, typ=acuses.TYP, max_length=acuses.MAX_LENGTH)
            if material.nombres and unverified.kid not in material.nombres:
                out.found("acuse_firma", where, "la firma una llave que no es de este servidor")
                return
            said = msgspec.json.decode(unverified.payload, type=acuses.Acuse)
    except ProtocolError as error:
        forged = error.code in ("jws_firma", "llave_de_acuse_desconocida")
        out.found("acuse_firma" if forged else "acuse_invalido", where, error.code)
        return
    except (msgspec.MsgspecError, UnicodeDecodeError):
        out.found("acuse_invalido", where)
        return
    expected = (folio, entrada.sobre.sha256, entrada.sobre.tam, iso_utc(int(entrada.datos["recibido_ms"])))
    if (said.folio, said.codigo, said.tam, said.recibido) != expected:
        out.found("acuse_ajeno", where)
    elif material.publicas is not None:
        out.acuses += 1


def _conflicto(
    out: Revisado, whole: LoteEntero, entrada: Entrada, material: Material, filas: Filas | None
) -> tuple[str, bytes]:
    folio = str(entrada.datos["folio"])
    where = f"conflicto de {folio}"
    out.conflictos += 1
    if entrada.sobre is None:
        out.found("evento_invalido", where, "sin sobre")
        return folio, b""
    at, codigo = entrada.sobre, bytes.fromhex(entrada.sobre.sha256)
    out.found("folio_en_conflicto", f"folio {folio}", at.sha256[:16])
    raw = _bytes(out, whole, at)
    parsed = _frame(out, raw, folio) if raw is not None else None
    if parsed is not None:
        _signature(out, parsed, material, where)
        _open(out, parsed, material, where)
    if filas is not None:
        row = filas.conflictos.get((folio, codigo))
        if row is None:
            out.found("miembro_sin_fila", where, f"lote {whole.manifiesto.lote}")
        elif (row.tam, row.posicion, row.recibido_ms) != (at.tam, at.posicion, entrada.datos["recibido_ms"]):
            out.found("fila_distinta", where)
    return folio, codigo


def _evento(out: Revisado, entrada: Entrada, filas: Filas | None, keys: set[bytes]) -> None:
    datos = entrada.datos
    dispositivo = int(datos["dispositivo"])
    where = f"dispositivo {dispositivo}"
    if datos["evento"] == "alta":
        punto = base64.b64decode(datos["llave"], validate=True)
        keys.add(punto)
        if filas is not None and (punto, dispositivo) not in {(key.punto, key.dispositivo) for key in filas.llaves}:
            out.found("miembro_sin_fila", where, f"su alta, en el lote {out.numero}")
    elif datos["evento"] == "baja":
        out.bajas.add(dispositivo)
        if filas is not None and dispositivo not in filas.bajas:
            out.found("miembro_sin_fila", where, f"su baja, en el lote {out.numero}")
    else:
        out.found("evento_invalido", f"lote {out.numero}", str(datos["evento"]))
