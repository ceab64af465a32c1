-- What the foundation needs: the catalogue (proceso … auxiliar), devices, sync, registros, mail, bitácora.
-- Instants are INTEGER milliseconds of Unix time, UTC. Identifiers with leading zeros are TEXT.

CREATE TABLE procesos (
  id INTEGER PRIMARY KEY,
  tipo TEXT NOT NULL CHECK (tipo IN ('candidatura_independiente', 'consulta_popular', 'iniciativa_ciudadana', 'revocacion_mandato')),
  nombre TEXT NOT NULL,
  creado_ms INTEGER NOT NULL
) STRICT;

-- B1, D7. The end is exclusive; sending is allowed for 24 h more.
CREATE TABLE periodos (
  id INTEGER PRIMARY KEY,
  proceso_id INTEGER NOT NULL REFERENCES procesos (id),
  nombre TEXT NOT NULL,
  ambito TEXT NOT NULL CHECK (ambito IN ('federal', 'local')),
  entidad TEXT NOT NULL,
  inicia_ms INTEGER NOT NULL,
  termina_ms INTEGER NOT NULL,
  estatus TEXT NOT NULL CHECK (estatus IN ('activo', 'inactivo')),
  creado_ms INTEGER NOT NULL,
  CHECK (inicia_ms < termina_ms)
) STRICT;

-- id is the folio de solicitud. 'por_restaurar': known only from the diario, its data still to be restored.
CREATE TABLE aspirantes (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 999999),
  periodo_id INTEGER REFERENCES periodos (id),
  nombre TEXT NOT NULL,
  apellido_paterno TEXT NOT NULL,
  apellido_materno TEXT NOT NULL,
  correo TEXT NOT NULL,
  tipo_cuenta TEXT NOT NULL CHECK (tipo_cuenta IN ('google', 'facebook', 'x')),
  emblema_png BLOB,
  estatus TEXT NOT NULL CHECK (estatus IN ('activo', 'inactivo', 'por_restaurar')),
  creado_ms INTEGER NOT NULL,
  CHECK (periodo_id IS NOT NULL OR estatus = 'por_restaurar')
) STRICT;

CREATE TABLE auxiliares (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 999999),
  aspirante_id INTEGER NOT NULL REFERENCES aspirantes (id),
  nombre TEXT NOT NULL,
  apellido_paterno TEXT NOT NULL,
  apellido_materno TEXT NOT NULL,
  correo TEXT NOT NULL,
  tipo_cuenta TEXT NOT NULL CHECK (tipo_cuenta IN ('google', 'facebook', 'x')),
  estatus TEXT NOT NULL CHECK (estatus IN ('activo', 'baja', 'por_restaurar')),
  baja_ms INTEGER,
  baja_causa TEXT,
  creado_ms INTEGER NOT NULL,
  CHECK ((estatus = 'baja') = (baja_ms IS NOT NULL))
) STRICT;
CREATE INDEX auxiliares_aspirante ON auxiliares (aspirante_id);

-- D1: the mailed one-time code, kept only as a salted hash.
CREATE TABLE codigos_alta (
  id INTEGER PRIMARY KEY,
  auxiliar_id INTEGER NOT NULL REFERENCES auxiliares (id),
  sal BLOB NOT NULL,
  resumen BLOB NOT NULL,
  creado_ms INTEGER NOT NULL,
  vence_ms INTEGER NOT NULL,
  intentos INTEGER NOT NULL DEFAULT 0,
  usado_ms INTEGER
) STRICT;
CREATE INDEX codigos_alta_auxiliar ON codigos_alta (auxiliar_id, creado_ms);

-- D2. AUTOINCREMENT: an Id is never given to a second phone.
CREATE TABLE dispositivos (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 9999999),
  auxiliar_id INTEGER NOT NULL REFERENCES auxiliares (id),
  modelo TEXT NOT NULL,
  alta_ms INTEGER NOT NULL,
  baja_ms INTEGER
) STRICT;
CREATE INDEX dispositivos_auxiliar ON dispositivos (auxiliar_id);

-- A re-keyed phone has several; sobres signed by an older one stay good.
CREATE TABLE llaves_dispositivo (
  punto BLOB PRIMARY KEY CHECK (length(punto) = 65),
  dispositivo_id INTEGER NOT NULL REFERENCES dispositivos (id),
  desde_ms INTEGER NOT NULL,
  lote INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX llaves_dispositivo_dispositivo ON llaves_dispositivo (dispositivo_id);

-- SPEC §8.1: the manifest is kept with its time of reception.
CREATE TABLE sesiones_sync (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dispositivo_id INTEGER NOT NULL REFERENCES dispositivos (id),
  nonce TEXT NOT NULL,
  token_resumen BLOB NOT NULL UNIQUE,
  manifiesto BLOB NOT NULL,
  pendientes INTEGER NOT NULL,
  reloj_ms INTEGER NOT NULL,
  recibida_ms INTEGER NOT NULL,
  vence_ms INTEGER NOT NULL,
  UNIQUE (dispositivo_id, nonce)
) STRICT;

-- Uploads that are under way. The offset is never here: it is the length of the partial file.
CREATE TABLE subidas (
  id TEXT PRIMARY KEY,
  dispositivo_id INTEGER NOT NULL REFERENCES dispositivos (id),
  registro INTEGER NOT NULL,
  tam INTEGER NOT NULL CHECK (tam > 0),
  codigo BLOB NOT NULL CHECK (length(codigo) = 32),
  vence_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subidas_vence ON subidas (vence_ms);

-- One row a lote: one group commit, one file of the diario.
CREATE TABLE lotes (
  numero INTEGER PRIMARY KEY,
  resumen BLOB NOT NULL CHECK (length(resumen) = 32),
  sobres INTEGER NOT NULL,
  tam INTEGER NOT NULL,
  creado_ms INTEGER NOT NULL
) STRICT;

-- Where each sobre lies, and the acuse it got. UNIQUE (folio) is the idempotency of the whole system.
CREATE TABLE registros (
  id INTEGER PRIMARY KEY,
  folio TEXT NOT NULL UNIQUE,
  solicitud INTEGER NOT NULL,
  auxiliar INTEGER NOT NULL,
  dispositivo INTEGER NOT NULL,
  registro INTEGER NOT NULL,
  tipo TEXT NOT NULL CHECK (tipo IN ('apoyo', 'testigos')),
  codigo BLOB NOT NULL CHECK (length(codigo) = 32),
  anterior BLOB NOT NULL CHECK (length(anterior) = 32),
  tam INTEGER NOT NULL,
  recibido_ms INTEGER NOT NULL,
  marcas TEXT NOT NULL,
  lote INTEGER NOT NULL REFERENCES lotes (numero) DEFERRABLE INITIALLY DEFERRED,
  posicion INTEGER NOT NULL,
  acuse TEXT NOT NULL,
  sesion_id INTEGER,
  correo_id INTEGER,
  UNIQUE (dispositivo, registro)
) STRICT;
CREATE INDEX registros_sesion ON registros (sesion_id) WHERE sesion_id IS NOT NULL;
CREATE INDEX registros_lote ON registros (lote);

-- A folio that arrived again with another content: kept in the diario, never overwritten.
CREATE TABLE conflictos (
  id INTEGER PRIMARY KEY,
  folio TEXT NOT NULL,
  dispositivo INTEGER NOT NULL,
  registro INTEGER NOT NULL,
  codigo BLOB NOT NULL CHECK (length(codigo) = 32),
  tam INTEGER NOT NULL,
  recibido_ms INTEGER NOT NULL,
  lote INTEGER NOT NULL REFERENCES lotes (numero) DEFERRABLE INITIALLY DEFERRED,
  posicion INTEGER NOT NULL,
  UNIQUE (folio, codigo)
) STRICT;
CREATE INDEX conflictos_dispositivo ON conflictos (dispositivo, registro);

-- Sobres refused for good: told again in every session, without sending them again.
CREATE TABLE rechazos (
  dispositivo INTEGER NOT NULL,
  registro INTEGER NOT NULL,
  codigo BLOB NOT NULL CHECK (length(codigo) = 32),
  motivo TEXT NOT NULL,
  en_ms INTEGER NOT NULL,
  PRIMARY KEY (dispositivo, registro, codigo)
) STRICT, WITHOUT ROWID;

-- Work that the next stage takes: steps hand over by a row, never by a call.
CREATE TABLE trabajos (
  id INTEGER PRIMARY KEY,
  folio TEXT NOT NULL,
  etapa TEXT NOT NULL CHECK (etapa IN ('abrir', 'leer_codigos', 'verificar_padron', 'buscar_duplicados', 'clasificar')),
  estado TEXT NOT NULL CHECK (estado IN ('pendiente', 'tomado', 'hecho', 'cuarentena')),
  creado_ms INTEGER NOT NULL,
  UNIQUE (folio, etapa)
) STRICT;
CREATE INDEX trabajos_pendientes ON trabajos (etapa, id) WHERE estado = 'pendiente';

-- What follows from a new registro, in the same statement: its upload is over, its session has one less to come, and
-- an apoyo has its first job. Here and not in calls, because each call costs the write thread a turn of its lock.
CREATE TRIGGER registro_tomado AFTER INSERT ON registros BEGIN
  DELETE FROM subidas
    WHERE id = NEW.dispositivo || '-' || NEW.registro || '-' || lower(hex(substr(NEW.codigo, 1, 8)));
  UPDATE sesiones_sync SET pendientes = pendientes - 1 WHERE id = NEW.sesion_id;
  INSERT INTO trabajos (folio, etapa, estado, creado_ms)
    SELECT NEW.folio, 'abrir', 'pendiente', NEW.recibido_ms WHERE NEW.tipo = 'apoyo';
END;

-- Outbox of mail. `datos` holds ids only (and a one-time code until it is sent): what a message says is rendered then.
CREATE TABLE correos (
  id INTEGER PRIMARY KEY,
  clave TEXT NOT NULL UNIQUE,
  clase TEXT NOT NULL CHECK (clase IN ('codigo_alta', 'acuses')),
  auxiliar_id INTEGER NOT NULL REFERENCES auxiliares (id),
  datos TEXT NOT NULL,
  estado TEXT NOT NULL CHECK (estado IN ('pendiente', 'enviado', 'fallido')),
  intentos INTEGER NOT NULL DEFAULT 0,
  creado_ms INTEGER NOT NULL,
  proximo_ms INTEGER NOT NULL,
  enviado_ms INTEGER,
  ultimo_error TEXT
) STRICT;
CREATE INDEX correos_pendientes ON correos (proximo_ms) WHERE estado = 'pendiente';

-- F2: a copy of the padrón with its date of cut.
CREATE TABLE padron_versiones (
  id INTEGER PRIMARY KEY,
  corte TEXT NOT NULL,
  importado_ms INTEGER NOT NULL,
  filas INTEGER NOT NULL,
  vigente INTEGER NOT NULL CHECK (vigente IN (0, 1))
) STRICT;

CREATE TABLE padron (
  version_id INTEGER NOT NULL REFERENCES padron_versiones (id),
  clave_elector TEXT NOT NULL,
  curp TEXT NOT NULL,
  cic TEXT NOT NULL,
  ocr TEXT NOT NULL,
  nombre TEXT NOT NULL,
  apellido_paterno TEXT NOT NULL,
  apellido_materno TEXT NOT NULL,
  fecha_nacimiento TEXT NOT NULL,
  sexo TEXT NOT NULL,
  entidad TEXT NOT NULL,
  municipio TEXT NOT NULL,
  seccion TEXT NOT NULL,
  situacion TEXT NOT NULL CHECK (situacion IN ('LISTA_NOMINAL', 'PADRON', 'BAJA')),
  motivo_baja TEXT NOT NULL,
  PRIMARY KEY (version_id, clave_elector)
) STRICT, WITHOUT ROWID;

-- Every fact is an event too: append-only and hash-chained.
CREATE TABLE bitacora (
  id INTEGER PRIMARY KEY,
  en_ms INTEGER NOT NULL,
  evento TEXT NOT NULL,
  actor TEXT NOT NULL,
  objeto TEXT NOT NULL,
  datos TEXT NOT NULL,
  anterior BLOB NOT NULL CHECK (length(anterior) = 32),
  resumen BLOB NOT NULL CHECK (length(resumen) = 32)
) STRICT;
CREATE TRIGGER bitacora_sin_cambios BEFORE UPDATE ON bitacora BEGIN
  SELECT RAISE(ABORT, 'la bitácora no se modifica');
END;
CREATE TRIGGER bitacora_sin_borrados BEFORE DELETE ON bitacora BEGIN
  SELECT RAISE(ABORT, 'la bitácora no se borra');
END;
