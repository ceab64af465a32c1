"""Registros that the mesa found inconsistent, and people of an OPL, for tests of hearings."""

from __future__ import annotations

from server.domain.apoyo import Resultado, Situacion
from server.domain.garantia_audiencia import MINUTO
from server.mesa_control.garantia_audiencia import Decision, Programacion
from server.store import apoyos
from server.store.writer import Tx
from sync_protocol.folio import Folio
from tests.factories import NOW

HOUR = 60 * MINUTO
CONFIRMA = Decision("inconsistente", "e", "A color", 1, {"imagenes": ["anverso"]})
VALIDO = Decision("valido", "", "", 1, {"imagenes": ["anverso"]})


def cuenta(tx: Tx, rol: str, *, estatus: str = "activa", nombre: str = "Persona de Prueba") -> int:
    """An account of the OPL."""
    return int(
        tx.conn.execute(
            "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
            "VALUES (?, ?, 'Técnica', ? || (SELECT count(*) FROM cuentas) || '@ejemplo.mx', '', ?, ?)",
            (rol, nombre, rol, estatus, tx.now_ms),
        ).lastrowid
        or 0
    )


def cuenta_de_aspirante(tx: Tx, solicitud: int) -> int:
    """The aspirante's account, made when there is none."""
    found = tx.conn.execute("SELECT id FROM cuentas WHERE aspirante_id = ?", (solicitud,)).fetchone()
    if found:
        return int(found["id"])
    return int(
        tx.conn.execute(
            "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, creada_ms) "
            "VALUES ('aspirante', 'Aspirante', '', 'aspirante@ejemplo.mx', '', ?, 'activa', ?)",
            (solicitud, tx.now_ms),
        ).lastrowid
        or 0
    )


def dictar(
    tx: Tx, apoyo: int, operador: int, resultado: str = "inconsistente", inciso: str = "e", detalle: str = "A color",
    *, ronda: str = "primera", firme: bool = True, audiencia: int | None = None,
) -> int:  # fmt: skip
    """A decision of the mesa as it stays in the index."""
    inciso, detalle = (inciso, detalle) if resultado == "inconsistente" else ("", "")
    made = tx.conn.execute(
        "INSERT INTO dictamenes (apoyo_id, audiencia_id, ronda, resultado, inciso, detalle, criterios_version, "
        "cuenta_id, abierto_ms, en_ms, en_pantalla, firme) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, '{}', ?)",
        (apoyo, audiencia, ronda, resultado, inciso, detalle, operador, tx.now_ms, tx.now_ms, firme),
    ).lastrowid
    if firme:
        apoyos.set_resultado(tx.conn, apoyo, Resultado(resultado), inciso=inciso, detalle=detalle)
    return int(made or 0)


def inconsistentes(
    tx: Tx, count: int, operador: int, *, solicitud: int = 1, auxiliar: int = 1, dispositivo: int = 1,
    incisos: str = "e", desde: int = 1,
) -> list[int]:  # fmt: skip
    """Registros of an aspirante, one each minute, that the mesa found inconsistent; their ids."""
    conn = tx.conn
    conn.execute(
        "INSERT INTO lotes (numero, resumen, sobres, tam, creado_ms) VALUES (1, zeroblob(32), 0, 0, 0) "
        "ON CONFLICT DO NOTHING"
    )
    conn.execute(
        "INSERT INTO dispositivos (id, auxiliar_id, modelo, alta_ms) VALUES (?, ?, 'X', 1) ON CONFLICT DO NOTHING",
        (dispositivo, auxiliar),
    )
    made = []
    for n in range(desde, desde + count):
        id_ = conn.execute(
            "INSERT INTO registros (folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, tam, "
            "recibido_ms, marcas, lote, posicion, acuse) VALUES (?, ?, ?, ?, ?, 'apoyo', zeroblob(32), zeroblob(32), "
            "270000, ?, '[]', 1, 0, 'cabeza.cuerpo.firma')",
            (str(Folio(solicitud, auxiliar, dispositivo, n)), solicitud, auxiliar, dispositivo, n, NOW + n * MINUTO),
        ).lastrowid
        apoyos.set_situacion(conn, int(id_ or 0), Situacion.LISTA_NOMINAL)
        dictar(tx, int(id_ or 0), operador, inciso=incisos[n % len(incisos)])
        made.append(int(id_ or 0))
    return made


def cita(tx: Tx, *revisores: int, en_ms: int | None = None, minutos: int = 60) -> Programacion:
    """A date some hours from now."""
    inicia = tx.now_ms + 2 * HOUR if en_ms is None else en_ms
    return Programacion(inicia, minutos, "Sala de sesiones", "Lic. Oralia Campos", tuple(revisores))
