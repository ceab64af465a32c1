-- B2. Every baja and reactivación of an aspirante, with its cause and who did it.
CREATE TABLE movimientos_aspirante (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  aspirante_id INTEGER NOT NULL REFERENCES aspirantes (id),
  movimiento TEXT NOT NULL CHECK (movimiento IN ('baja', 'reactivacion')),
  causa TEXT NOT NULL,
  por INTEGER NOT NULL REFERENCES cuentas (id),
  en_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX movimientos_aspirante_aspirante ON movimientos_aspirante (aspirante_id, id);
