"""Two aspirantes with data of every kind, whose every word and number can be told apart wherever it turns up.

Texts are planted in whatever columns the tables have, so that a new one is watched without anybody thinking of it.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

import msgspec

from server.domain.busqueda import clave
from server.registro.carga import CAMPOS, Mala
from server.registro.cargador import Nota, Resultado
from server.store.writer import Tx
from sync_protocol.folio import Folio
from tests.factories import DAY, NOW

FIXED: dict[tuple[str, str], str] = {
    ("aspirantes", "fecha_nacimiento"): "19{n}1-0{n}-1{n}",
    ("aspirantes", "fecha_manifestacion"): "2026-0{n}-2{n}",
    ("auxiliares", "fecha_nacimiento"): "19{n}2-0{n}-1{n}",
}
"""Columns of a form of their own; the rest takes a marker."""
LEFT: set[tuple[str, str]] = {
    ("apoyos", "folio"), ("apoyos", "marcas"), ("apoyos", "inciso"), ("apoyos", "busqueda"), ("registros", "folio"),
    ("registros", "marcas"), ("cargas", "hallazgos"), ("cargas", "codigo"), ("cuentas", "contrasena"),
    ("cuentas", "totp_secreto"), ("archivos", "medio"),
}  # fmt: skip
"""Columns that the code reads as something else than words, or that no page shows."""


@dataclass(frozen=True)
class Plantado:
    """What was planted for one aspirante. `marca`: in every text of theirs, and of nobody else's."""

    marca: str
    solicitud: int
    periodo: int
    cuenta: int
    auxiliar: int
    auxiliar_de_baja: int
    dispositivo: int
    carga: int
    archivo: int
    sesion: int
    folio: str
    folio_testigos: str
    apoyo: int
    audiencia: int
    audiencia_concluida: int

    @property
    def senas(self) -> tuple[str, ...]:
        """Whatever tells that a text comes from this aspirante."""
        numbers = (self.solicitud, self.auxiliar, self.auxiliar_de_baja, self.dispositivo)
        return (self.marca, self.marca.lower(), *(f"{number:06d}" for number in numbers))


def plant(tx: Tx, n: int) -> Plantado:
    """Everything that an aspirante may have; `n`: 1 to 9, no two alike. Numbers are long: they mean nothing else."""
    conn, mark = tx.conn, f"MARCADOR{n}XQ"
    solicitud, aux, baja, phone = n * 100_001, n * 100_010 + 3, n * 100_010 + 4, n * 1_000_100 + 5
    proceso = _row(conn, "procesos", tipo="candidatura_independiente", nombre=mark, creado_ms=NOW)
    periodo = _row(
        conn, "periodos", proceso_id=proceso, nombre=mark, ambito="local", entidad=mark, inicia_ms=NOW - 9 * DAY,
        termina_ms=NOW + 9 * DAY, estatus="activo", creado_ms=NOW, apoyos_requeridos=9, dispersion="municipio",
        unidades_requeridas=1,
    )  # fmt: skip
    conn.execute("INSERT INTO periodo_unidades VALUES (?, ?, ?, 2)", (periodo, f"{mark}m", mark))
    person = {"nombre": mark, "apellido_paterno": mark, "apellido_materno": mark, "tipo_cuenta": "google"}
    mail = f"{mark.lower()}@ejemplo.mx"
    _row(
        conn, "aspirantes", id=solicitud, periodo_id=periodo, **person, correo=mail, estatus="activo", creado_ms=NOW,
        confirmado_ms=NOW, emblema_png=mark.encode(),
    )  # fmt: skip
    cuenta = _row(
        conn, "cuentas", rol="aspirante", nombre=mark, cargo="", correo=mail, telefono=mark, aspirante_id=solicitud,
        estatus="activa", creada_ms=NOW,
    )  # fmt: skip
    archivo = _row(
        conn, "archivos", nombre=mark, medio="application/pdf", resumen=bytes([n]) * 32, contenido=mark.encode(),
        creado_ms=NOW,
    )  # fmt: skip
    _row(conn, "declaraciones", cuenta_id=cuenta, archivo_id=archivo, estado="entregada", entregada_ms=NOW)
    sesion = _row(
        conn, "sesiones_portal", resumen=bytes([100 + n]) * 32, cuenta_id=cuenta, segundo_factor=0, agente=mark,
        creada_ms=NOW, vista_ms=NOW, vence_ms=NOW + DAY,
    )  # fmt: skip
    of_aux = {**person, "aspirante_id": solicitud, "correo": mail, "creado_ms": NOW}
    _row(conn, "auxiliares", id=aux, **of_aux, estatus="activo")
    _row(conn, "auxiliares", id=baja, **of_aux, estatus="baja", baja_ms=NOW, baja_causa=mark, baja_por="aspirante")
    for one in (aux, baja):
        _row(conn, "movimientos_auxiliar", auxiliar_id=one, movimiento="alta", causa=mark, por="aspirante", en_ms=NOW)
    _row(conn, "dispositivos", id=phone, auxiliar_id=aux, modelo=mark, alta_ms=NOW)
    found = Resultado(
        malas=[Mala(2, (mark,) * len(CAMPOS), ())], bajas=[Nota(3, mark)], avisos=[Nota(4, mark)], ignoradas=[mark]
    )
    carga = _row(
        conn, "cargas", aspirante_id=solicitud, nombre=f"{mark}.csv", contenido=mark.encode(), estado="por_aceptar",
        filas=3, buenas=2, malas=1, hallazgos=msgspec.json.encode(found).decode(), creada_ms=NOW,
    )  # fmt: skip
    conn.execute(
        "INSERT INTO lotes (numero, resumen, sobres, tam, creado_ms) VALUES (1, zeroblob(32), 0, 0, 0) "
        "ON CONFLICT DO NOTHING"
    )
    folios = [str(Folio(solicitud, aux, phone, number)) for number in range(3)]
    for number, folio in enumerate(folios):
        _row(
            conn, "registros", folio=folio, solicitud=solicitud, auxiliar=aux, dispositivo=phone, registro=number,
            tipo="apoyo" if number else "testigos", codigo=mark.encode().ljust(32), anterior=bytes(32), tam=9,
            recibido_ms=NOW, marcas='["auxiliar_de_baja"]' if number == 2 else "[]", lote=1, posicion=0,
            acuse=f"{mark}.acuse.firma",
        )  # fmt: skip
    conn.execute(
        "UPDATE apoyos SET busqueda = ?, resultado = 'inconsistente', inciso = 'f', situacion = 'LISTA_NOMINAL' "
        "WHERE solicitud = ?",
        (clave(mark, mark, mark), solicitud),
    )
    for table, column in (
        ("aspirantes", "id"), ("auxiliares", "aspirante_id"), ("apoyos", "solicitud"), ("dispositivos", "auxiliar_id"),
        ("cargas", "aspirante_id"), ("cuentas", "aspirante_id"),
    ):  # fmt: skip
        _every_text(conn, table, column, aux if column == "auxiliar_id" else solicitud, n, mark)
    # -- garantía de audiencia: the first is contested and waits for a date, the second was heard; more can be contested
    apoyos = [row[0] for row in conn.execute("SELECT id FROM apoyos WHERE solicitud = ? ORDER BY id", (solicitud,))]
    said = [
        _row(
            conn, "dictamenes", apoyo_id=apoyo, ronda="primera", resultado="inconsistente", inciso="f", detalle=mark,
            criterios_version=0, cuenta_id=cuenta, abierto_ms=NOW, en_ms=NOW, en_pantalla="{}", firme=1,
        )
        for apoyo in apoyos
    ]  # fmt: skip
    hearing = {"solicitud": solicitud, "motivo": mark, "solicitada_ms": NOW, "solicitada_por": cuenta}
    heard = _row(
        conn, "audiencias", **hearing, estado="concluida", inicia_ms=NOW, lugar=mark, oficialia=mark, concluida_ms=NOW,
        acta_resumen=bytes(32), acta_archivo=archivo,
    )  # fmt: skip
    asked = _row(conn, "audiencias", **hearing, estado="solicitada")
    for audiencia, place, is_open in ((asked, 0, 1), (heard, 1, 0)):
        conn.execute(
            "INSERT INTO audiencia_registros (audiencia_id, apoyo_id, dictamen_inicial, argumento, abierta) "
            "VALUES (?, ?, ?, ?, ?)",
            (audiencia, apoyos[place], said[place], mark, is_open),
        )
    return Plantado(
        mark, solicitud, periodo, cuenta, aux, baja, phone, carga, archivo, sesion, folios[1], folios[0], apoyos[0],
        asked, heard,
    )  # fmt: skip


def _row(conn: sqlite3.Connection, table: str, **values: object) -> int:
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    return int(conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())).lastrowid or 0)


def _every_text(conn: sqlite3.Connection, table: str, column: str, value: int, n: int, mark: str) -> None:
    """Plant the marker in each column of free text of these rows."""
    source = conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    for _, name, kind, *_ in conn.execute(f"PRAGMA table_info({table})").fetchall():
        closed = re.search(rf"\b{name} TEXT[^,]*CHECK \({name} (= '\w*' OR {name} )?IN", source)
        if kind != "TEXT" or closed or (table, name) in LEFT:
            continue
        text = FIXED.get((table, name), f"{mark.lower()}@ejemplo.mx" if name == "correo" else f"{mark} {name}")
        conn.execute(
            f"UPDATE {table} SET {name} = ? WHERE {column} = ? AND {name} IS NOT NULL", (text.format(n=n), value)
        )


def rows_of(conn: sqlite3.Connection, who: Plantado) -> list[str]:
    """Every row of the index, of any table, that says anything of this aspirante; who saw what included."""
    found = []
    tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    numbers = {who.solicitud, who.auxiliar, who.auxiliar_de_baja, who.dispositivo}
    for table in tables:
        for row in conn.execute(f"SELECT * FROM {table}"):
            text = repr(tuple(row))
            if any(sign in text for sign in who.senas) or numbers & {cell for cell in row if isinstance(cell, int)}:
                found.append(f"{table} {text}")
    return sorted(found)
