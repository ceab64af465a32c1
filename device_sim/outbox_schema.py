"""The tables of the queue on a phone's disk, and its laws as triggers (SPEC §2, §8.5; rows D4, D5).

The laws stand here too, so that no path through the code can break them: the counter never goes back, and nothing
leaves the queue but by `acusado`, with its ledger line already written.
"""

from __future__ import annotations

VERSION = 1

# TRUNCATE with FULL syncs the journal's end too, so a committed capture cannot roll back with the power.
PRAGMAS = """
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA foreign_keys = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
"""

TABLES = """
CREATE TABLE telefono (
    una INTEGER PRIMARY KEY CHECK (una = 1),
    solicitud INTEGER NOT NULL,
    auxiliar INTEGER NOT NULL,
    dispositivo INTEGER NOT NULL,
    siguiente INTEGER NOT NULL CHECK (siguiente BETWEEN 0 AND 1000000),
    anterior BLOB NOT NULL CHECK (length(anterior) = 32),
    desfase_ms INTEGER,
    inicia_ms INTEGER,
    termina_ms INTEGER
) STRICT;

CREATE TRIGGER el_contador_no_retrocede BEFORE UPDATE OF siguiente ON telefono
WHEN new.siguiente <= old.siguiente
BEGIN SELECT RAISE(ABORT, 'el contador no retrocede'); END;

CREATE TABLE cola (
    registro INTEGER PRIMARY KEY,
    tipo INTEGER NOT NULL,
    tam INTEGER NOT NULL,
    codigo BLOB NOT NULL UNIQUE CHECK (length(codigo) = 32),
    estado TEXT NOT NULL CHECK (
        estado IN ('capturado', 'ofrecido', 'enviando', 'recibido', 'acusado', 'rechazado', 'cuarentena')
    ),
    motivo TEXT NOT NULL DEFAULT '',
    acuse TEXT NOT NULL DEFAULT '',
    CHECK ((estado = 'acusado') = (acuse <> ''))
) STRICT;

-- Apart from its row in `cola`, so that a change of state does not write the whole sobre again.
CREATE TABLE sobres (
    registro INTEGER PRIMARY KEY REFERENCES cola (registro),
    datos BLOB NOT NULL
) STRICT;

CREATE TABLE libro (
    registro INTEGER PRIMARY KEY,
    folio TEXT NOT NULL UNIQUE,
    codigo TEXT NOT NULL,
    acuse TEXT NOT NULL CHECK (acuse <> ''),
    borrado_ms INTEGER NOT NULL,
    informado INTEGER NOT NULL DEFAULT 0 CHECK (informado IN (0, 1))
) STRICT;

CREATE TRIGGER solo_se_borra_lo_acusado BEFORE DELETE ON sobres
WHEN NOT EXISTS (
    SELECT 1 FROM cola JOIN libro ON libro.registro = cola.registro AND libro.acuse = cola.acuse
    WHERE cola.registro = old.registro AND cola.estado = 'acusado'
)
BEGIN SELECT RAISE(ABORT, 'solo se borra lo acusado'); END;

CREATE TRIGGER el_libro_no_se_borra BEFORE DELETE ON libro
BEGIN SELECT RAISE(ABORT, 'el libro no se borra'); END;

CREATE TABLE bitacora (
    id INTEGER PRIMARY KEY,
    instante_ms INTEGER NOT NULL,
    suceso TEXT NOT NULL,
    registro INTEGER,
    detalle TEXT NOT NULL
) STRICT;
"""
