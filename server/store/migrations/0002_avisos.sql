-- Mail to the administrator: a message of the outbox need not belong to an auxiliar.

CREATE TABLE correos_nueva (
  id INTEGER PRIMARY KEY,
  clave TEXT NOT NULL UNIQUE,
  clase TEXT NOT NULL CHECK (clase IN ('codigo_alta', 'acuses', 'aviso')),
  auxiliar_id INTEGER REFERENCES auxiliares (id),
  datos TEXT NOT NULL,
  estado TEXT NOT NULL CHECK (estado IN ('pendiente', 'enviado', 'fallido')),
  intentos INTEGER NOT NULL DEFAULT 0,
  creado_ms INTEGER NOT NULL,
  proximo_ms INTEGER NOT NULL,
  enviado_ms INTEGER,
  ultimo_error TEXT,
  CHECK ((auxiliar_id IS NULL) = (clase = 'aviso'))
) STRICT;
INSERT INTO correos_nueva
  SELECT id, clave, clase, auxiliar_id, datos, estado, intentos, creado_ms, proximo_ms, enviado_ms, ultimo_error
  FROM correos;
DROP TABLE correos;
ALTER TABLE correos_nueva RENAME TO correos;
CREATE INDEX correos_pendientes ON correos (proximo_ms) WHERE estado = 'pendiente';
