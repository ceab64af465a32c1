"""Perceptual hashes of images, the parts by which they are looked up, and the pairs that were found near (row X9)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MUCHAS = 500
"""Candidates up to which all are fetched at once."""


@dataclass(frozen=True, slots=True)
class Par:
    """Another apoyo with an image near one of this apoyo's. `distancia`: bits that differ."""

    apoyo_id: int
    folio: str
    solicitud: int
    auxiliar: int
    tipo: str
    distancia: int
    mismo_auxiliar: bool


def huella(conn: sqlite3.Connection, apoyo_id: int, tipo: str) -> bytes | None:
    """The hash that is kept."""
    row = conn.execute("SELECT huella FROM huellas_imagen WHERE apoyo_id = ? AND tipo = ?", (apoyo_id, tipo)).fetchone()
    return bytes(row[0]) if row else None


def guardar(conn: sqlite3.Connection, apoyo_id: int, tipo: str, hecha: bytes, bandas: Iterable[int]) -> None:
    """A hash and its parts, where there is none."""
    conn.execute("INSERT INTO huellas_imagen (apoyo_id, tipo, huella) VALUES (?, ?, ?)", (apoyo_id, tipo, hecha))
    conn.executemany(
        "INSERT INTO bandas_imagen (tipo, banda, valor, apoyo_id) VALUES (?, ?, ?, ?)",
        [(tipo, banda, valor, apoyo_id) for banda, valor in enumerate(bandas)],
    )


def quitar(conn: sqlite3.Connection, apoyo_id: int, tipo: str) -> tuple[list[int], list[int]]:
    """Forget an image's hash, parts and pairs; returns the earlier and the later apoyos that it was paired with."""
    rows = conn.execute(
        "SELECT menor, mayor FROM imagenes_parecidas WHERE (menor = ?1 OR mayor = ?1) AND tipo = ?2",
        (apoyo_id, tipo),
    ).fetchall()
    conn.execute("DELETE FROM imagenes_parecidas WHERE menor = ? AND tipo = ?", (apoyo_id, tipo))
    conn.execute("DELETE FROM imagenes_parecidas WHERE mayor = ? AND tipo = ?", (apoyo_id, tipo))
    conn.execute("DELETE FROM bandas_imagen WHERE apoyo_id = ? AND tipo = ?", (apoyo_id, tipo))
    conn.execute("DELETE FROM huellas_imagen WHERE apoyo_id = ? AND tipo = ?", (apoyo_id, tipo))
    earlier = [row[0] for row in rows if row[0] != apoyo_id]
    return earlier, sorted(row[1] for row in rows if row[1] != apoyo_id)


def pocas(
    conn: sqlite3.Connection, tipo: str, buscadas: Mapping[int, Sequence[int]], *, desde: int, hasta: int
) -> list[int] | None:
    """Apoyos with one of these values in one of these parts, in order, `desde` <= id < `hasta`; None: a crowd."""
    # A part at a time, by the primary key; SQLite is kept from walking all apoyos of the range instead.
    selects = [
        "SELECT apoyo_id FROM bandas_imagen NOT INDEXED WHERE tipo = ? AND banda = ? "  # noqa: S608 -- marks only
        f"AND valor IN ({', '.join('?' * len(values))}) AND apoyo_id >= ? AND apoyo_id < ?"
        for values in buscadas.values()
    ]
    parameters: list[object] = []
    for banda, values in buscadas.items():
        parameters += [tipo, banda, *values, desde, hasta]
    found = conn.execute(f"{' UNION ALL '.join(selects)} LIMIT {MUCHAS + 1}", parameters).fetchall()
    return None if len(found) > MUCHAS else sorted({row[0] for row in found})


def por_tramos(
    conn: sqlite3.Connection, tipo: str, buscadas: Mapping[int, Sequence[int]], *, desde: int, hasta: int
) -> Iterator[int]:
    """The same for a crowd, as one image in thousands of apoyos is, a stretch of ids at a time: whoever asks may stop
    early."""
    last = conn.execute("SELECT coalesce(max(apoyo_id), 0) FROM huellas_imagen").fetchone()[0]
    hasta = min(hasta, last + 1)
    wide = max(1, hasta - desde)
    while desde < hasta:
        found = pocas(conn, tipo, buscadas, desde=desde, hasta=min(desde + wide, hasta))
        if found is None:
            wide //= 2  # never down to nothing: one apoyo has fewer parts than MUCHAS
            continue
        yield from found
        desde += wide
        wide *= 2


def anotar(conn: sqlite3.Connection, menor: int, mayor: int, tipo: str, distancia: int) -> bool:
    """A pair; says whether it is new."""
    cursor = conn.execute(
        "INSERT INTO imagenes_parecidas (menor, mayor, tipo, distancia) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (menor, mayor, tipo, distancia),
    )
    return cursor.rowcount == 1


def recortar(conn: sqlite3.Connection, mayor: int, tipo: str, cuantas: int) -> list[int]:
    """Keep an apoyo's earliest pairs with earlier ones, so many; returns the earlier ones that it lost."""
    rows = conn.execute(
        "DELETE FROM imagenes_parecidas WHERE mayor = ?1 AND tipo = ?2 AND menor NOT IN "
        "(SELECT menor FROM imagenes_parecidas WHERE mayor = ?1 AND tipo = ?2 ORDER BY menor LIMIT ?3) RETURNING menor",
        (mayor, tipo, cuantas),
    )
    return [row[0] for row in rows]


def pares(conn: sqlite3.Connection, apoyo_id: int, limite: int) -> list[Par]:
    """Those near an apoyo: of the same auxiliar first, then the nearest, then the earliest."""
    rows = conn.execute(
        "SELECT a.id AS apoyo_id, a.folio, a.solicitud, a.auxiliar, p.tipo, p.distancia, "
        "a.auxiliar = yo.auxiliar AS mismo_auxiliar FROM ("
        "SELECT menor AS otro, tipo, distancia FROM imagenes_parecidas WHERE mayor = ?1 "
        "UNION ALL SELECT mayor, tipo, distancia FROM imagenes_parecidas WHERE menor = ?1) p "
        "JOIN apoyos a ON a.id = p.otro JOIN apoyos yo ON yo.id = ?1 "
        "ORDER BY mismo_auxiliar DESC, p.distancia, a.id, p.tipo LIMIT ?2",
        (apoyo_id, limite),
    )
    return [Par(**{**dict(row), "mismo_auxiliar": bool(row["mismo_auxiliar"])}) for row in rows]


def tipos(conn: sqlite3.Connection, apoyo_id: int) -> tuple[str, ...]:
    """Which of an apoyo's images have another near them."""
    rows = conn.execute(
        "SELECT tipo FROM imagenes_parecidas WHERE mayor = ?1 UNION SELECT tipo FROM imagenes_parecidas "
        "WHERE menor = ?1 ORDER BY 1",
        (apoyo_id,),
    )
    return tuple(row[0] for row in rows)
