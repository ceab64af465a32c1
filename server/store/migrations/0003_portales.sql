-- The portals: accounts and how people enter, what the OPL and the aspirantes register, the read model of the apoyos
-- with its counters, and the mail of all that. Rows A1, A2, A4, B1-B4, B6, B13, C1-C8.

-- A1, A2, A4. One account per functionary, one per folio de solicitud. An address belongs to one account of the OPL.
CREATE TABLE cuentas (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rol TEXT NOT NULL CHECK (rol IN ('administracion', 'operacion', 'audiencia', 'ayuda', 'aspirante')),
  nombre TEXT NOT NULL,
  cargo TEXT NOT NULL,
  correo TEXT NOT NULL COLLATE NOCASE,
  telefono TEXT NOT NULL,
  aspirante_id INTEGER UNIQUE REFERENCES aspirantes (id),
  estatus TEXT NOT NULL CHECK (estatus IN ('invitada', 'por_declarar', 'por_aceptar', 'activa', 'suspendida')),
  contrasena TEXT,
  totp_secreto TEXT,
  totp_ultimo INTEGER NOT NULL DEFAULT 0,
  creada_ms INTEGER NOT NULL,
  CHECK ((rol = 'aspirante') = (aspirante_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX cuentas_correo ON cuentas (correo) WHERE aspirante_id IS NULL;

-- Second factor lost with its phone: codes that were printed, each good once.
CREATE TABLE codigos_respaldo (
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  resumen BLOB NOT NULL CHECK (length(resumen) = 32),
  usado_ms INTEGER,
  PRIMARY KEY (cuenta_id, resumen)
) STRICT, WITHOUT ROWID;

-- Files that people upload and that must outlive the box: they travel with the index's replica, so they are few and small.
CREATE TABLE archivos (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  nombre TEXT NOT NULL,
  medio TEXT NOT NULL,
  resumen BLOB NOT NULL CHECK (length(resumen) = 32),
  contenido BLOB NOT NULL CHECK (length(contenido) <= 5000000),
  creado_ms INTEGER NOT NULL
) STRICT;

-- A1: the signed Declaración de Confidencialidad, and who accepted it.
CREATE TABLE declaraciones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  archivo_id INTEGER NOT NULL REFERENCES archivos (id),
  estado TEXT NOT NULL CHECK (estado IN ('entregada', 'aceptada', 'devuelta')),
  motivo TEXT NOT NULL DEFAULT '',
  entregada_ms INTEGER NOT NULL,
  resuelta_ms INTEGER,
  resuelta_por INTEGER REFERENCES cuentas (id)
) STRICT;
CREATE INDEX declaraciones_cuenta ON declaraciones (cuenta_id);

-- Who is in. The cookie holds the token, the row its SHA-256.
CREATE TABLE sesiones_portal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  resumen BLOB NOT NULL UNIQUE CHECK (length(resumen) = 32),
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  segundo_factor INTEGER NOT NULL CHECK (segundo_factor IN (0, 1)),
  agente TEXT NOT NULL,
  creada_ms INTEGER NOT NULL,
  vista_ms INTEGER NOT NULL,
  vence_ms INTEGER NOT NULL,
  cerrada_ms INTEGER
) STRICT;
CREATE INDEX sesiones_portal_cuenta ON sesiones_portal (cuenta_id);

-- One-time links and codes that reach people by mail; only their hash is here. A code counts its wrong tries.
CREATE TABLE llaves_correo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  clase TEXT NOT NULL CHECK (clase IN ('invitacion', 'restablecer', 'acceso')),
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  resumen BLOB NOT NULL CHECK (length(resumen) = 32),
  intentos INTEGER NOT NULL DEFAULT 0,
  creada_ms INTEGER NOT NULL,
  vence_ms INTEGER NOT NULL,
  usada_ms INTEGER
) STRICT;
CREATE INDEX llaves_correo_cuenta ON llaves_correo (cuenta_id, clase, id);
CREATE INDEX llaves_correo_resumen ON llaves_correo (resumen);

-- B1. Thresholds: how many apoyos, and in how many units of the territory at least how many each (dispersión).
ALTER TABLE periodos ADD COLUMN apoyos_requeridos INTEGER CHECK (apoyos_requeridos > 0);
ALTER TABLE periodos ADD COLUMN dispersion TEXT NOT NULL DEFAULT 'ninguna' CHECK (dispersion IN ('ninguna', 'municipio', 'seccion'));
ALTER TABLE periodos ADD COLUMN unidades_requeridas INTEGER CHECK (unidades_requeridas > 0);
CREATE TABLE periodo_unidades (
  periodo_id INTEGER NOT NULL REFERENCES periodos (id),
  clave TEXT NOT NULL,
  nombre TEXT NOT NULL,
  requeridos INTEGER NOT NULL CHECK (requeridos > 0),
  PRIMARY KEY (periodo_id, clave)
) STRICT, WITHOUT ROWID;

-- B2, B3. `confirmado_ms`: the cédula is signed and the mail with the folio único was queued; before it nobody enters.
ALTER TABLE aspirantes ADD COLUMN lugar_nacimiento TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN fecha_nacimiento TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN tel_domicilio TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN tel_oficina TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN tel_movil TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN clave_elector TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN curp TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN ocr TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN cic TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN entidad TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN municipio TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN seccion TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN fecha_manifestacion TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN oficio TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN folio_interno TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN observaciones TEXT NOT NULL DEFAULT '';
ALTER TABLE aspirantes ADD COLUMN confirmado_ms INTEGER;
CREATE INDEX aspirantes_periodo ON aspirantes (periodo_id);

-- B2: every baja and reactivación of an aspirante, with its cause and who did it.
CREATE TABLE movimientos_aspirante (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  aspirante_id INTEGER NOT NULL REFERENCES aspirantes (id),
  movimiento TEXT NOT NULL CHECK (movimiento IN ('baja', 'reactivacion')),
  causa TEXT NOT NULL,
  por INTEGER NOT NULL REFERENCES cuentas (id),
  en_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX movimientos_aspirante_aspirante ON movimientos_aspirante (aspirante_id, id);

-- C2-C4, B4. `revision`: what the OPL found when it compared the testigos visuales with who was registered.
ALTER TABLE auxiliares ADD COLUMN fecha_nacimiento TEXT NOT NULL DEFAULT '';
ALTER TABLE auxiliares ADD COLUMN telefono TEXT NOT NULL DEFAULT '';
ALTER TABLE auxiliares ADD COLUMN clave_elector TEXT NOT NULL DEFAULT '';
ALTER TABLE auxiliares ADD COLUMN curp TEXT NOT NULL DEFAULT '';
ALTER TABLE auxiliares ADD COLUMN referencia TEXT NOT NULL DEFAULT '';
ALTER TABLE auxiliares ADD COLUMN situacion TEXT NOT NULL DEFAULT 'SIN_RESPUESTA' CHECK (situacion IN ('LISTA_NOMINAL', 'PADRON', 'BAJA', 'NO_ENCONTRADO', 'SIN_RESPUESTA'));
ALTER TABLE auxiliares ADD COLUMN baja_por TEXT NOT NULL DEFAULT '' CHECK (baja_por IN ('', 'opl', 'aspirante', 'padron'));
ALTER TABLE auxiliares ADD COLUMN revision TEXT NOT NULL DEFAULT 'pendiente' CHECK (revision IN ('pendiente', 'corresponde', 'no_corresponde'));
ALTER TABLE auxiliares ADD COLUMN revisado_ms INTEGER;
ALTER TABLE auxiliares ADD COLUMN revisado_por INTEGER REFERENCES cuentas (id);
CREATE INDEX auxiliares_correo ON auxiliares (aspirante_id, correo);
CREATE INDEX auxiliares_clave ON auxiliares (aspirante_id, clave_elector);
CREATE INDEX auxiliares_estatus ON auxiliares (aspirante_id, estatus, situacion, id);
CREATE INDEX auxiliares_revision ON auxiliares (revision, id);
-- B4: the testigos visuales of each.
CREATE INDEX registros_testigos ON registros (auxiliar, id) WHERE tipo = 'testigos';

-- Every alta and baja of an auxiliar, with its cause and who did it.
CREATE TABLE movimientos_auxiliar (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  auxiliar_id INTEGER NOT NULL REFERENCES auxiliares (id),
  movimiento TEXT NOT NULL CHECK (movimiento IN ('alta', 'baja')),
  causa TEXT NOT NULL,
  por TEXT NOT NULL CHECK (por IN ('opl', 'aspirante', 'padron', 'consola')),
  en_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX movimientos_auxiliar_auxiliar ON movimientos_auxiliar (auxiliar_id, id);

-- C3: a file of auxiliares on its way: looked at first, then taken or dropped. The file is kept until then.
CREATE TABLE cargas (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  aspirante_id INTEGER NOT NULL REFERENCES aspirantes (id),
  nombre TEXT NOT NULL,
  contenido BLOB,
  estado TEXT NOT NULL CHECK (estado IN ('revisando', 'por_aceptar', 'aplicando', 'aplicada', 'descartada', 'fallida')),
  codigo TEXT NOT NULL DEFAULT '',
  avance INTEGER NOT NULL DEFAULT 0,
  filas INTEGER NOT NULL DEFAULT 0,
  buenas INTEGER NOT NULL DEFAULT 0,
  malas INTEGER NOT NULL DEFAULT 0,
  hallazgos TEXT NOT NULL DEFAULT '[]',
  creada_ms INTEGER NOT NULL,
  resuelta_ms INTEGER
) STRICT;
CREATE INDEX cargas_aspirante ON cargas (aspirante_id, id);
CREATE INDEX cargas_por_hacer ON cargas (id) WHERE estado IN ('revisando', 'aplicando');
CREATE INDEX cargas_guardadas ON cargas (creada_ms) WHERE estado IN ('por_aceptar', 'aplicada', 'fallida');

-- C5-C7. The read model of an apoyo: what is known of it beside where its sobre lies. `id` is that of its registro.
-- The pipeline and the mesa fill what they find; until then it is SIN_RESPUESTA and pendiente. The checks ask first for
-- what every arrival has: SQLite makes a temporary table of a longer IN each time that it comes to one in a trigger.
CREATE TABLE apoyos (
  id INTEGER PRIMARY KEY,
  folio TEXT NOT NULL,
  solicitud INTEGER NOT NULL,
  auxiliar INTEGER NOT NULL,
  dispositivo INTEGER NOT NULL,
  recibido_ms INTEGER NOT NULL,
  dia INTEGER NOT NULL,
  marcas TEXT NOT NULL,
  origen TEXT NOT NULL CHECK (origen IN ('bien', 'inconsistente')),
  nombre TEXT NOT NULL DEFAULT '',
  apellido_paterno TEXT NOT NULL DEFAULT '',
  apellido_materno TEXT NOT NULL DEFAULT '',
  busqueda TEXT NOT NULL DEFAULT '',
  situacion TEXT NOT NULL DEFAULT 'SIN_RESPUESTA' CHECK (situacion = 'SIN_RESPUESTA' OR situacion IN ('LISTA_NOMINAL', 'PADRON', 'BAJA', 'NO_ENCONTRADO')),
  motivo_baja TEXT NOT NULL DEFAULT '' CHECK (motivo_baja = '' OR motivo_baja IN ('cancelacion_tramite', 'datos_irregulares', 'defuncion', 'domicilio_irregular', 'duplicado', 'migracion', 'perdida_nacionalidad', 'perdida_vigencia')),
  municipio TEXT NOT NULL DEFAULT '',
  seccion TEXT NOT NULL DEFAULT '',
  resultado TEXT NOT NULL DEFAULT 'pendiente' CHECK (resultado = 'pendiente' OR resultado IN ('valido', 'inconsistente')),
  inciso TEXT NOT NULL DEFAULT '',
  detalle TEXT NOT NULL DEFAULT ''
) STRICT;
-- The ways of the consulta (server.store.vias). An arrival is put into these four …
CREATE INDEX apoyos_solicitud ON apoyos (solicitud, id);
CREATE INDEX apoyos_auxiliar ON apoyos (auxiliar, id);
CREATE INDEX apoyos_situacion ON apoyos (solicitud, situacion, id);
CREATE INDEX apoyos_resultado ON apoyos (solicitud, resultado, id);
-- … and these are partial on what it does not have yet (a name, an inciso; nor a mark, in the ordinary case), so that
-- the write thread pays nothing for them there.
CREATE INDEX apoyos_busqueda ON apoyos (solicitud, busqueda) WHERE busqueda <> '';
CREATE INDEX apoyos_materno ON apoyos (solicitud, substr(busqueda, instr(busqueda, '|'))) WHERE busqueda <> '';
CREATE INDEX apoyos_nombre ON apoyos (solicitud, substr(busqueda, instr(busqueda, '>'))) WHERE busqueda <> '';
CREATE INDEX apoyos_inciso ON apoyos (solicitud, inciso, id) WHERE inciso <> '';
CREATE INDEX apoyos_origen ON apoyos (solicitud, id) WHERE origen = 'inconsistente';
CREATE INDEX apoyos_marcados ON apoyos (solicitud, id) WHERE marcas <> '[]';

-- B6, C6. The counters of every report, kept by the same statement that changes an apoyo; `acopio verify` counts again.
-- All apoyos of an aspirante, by everything that may be asked of an apoyo together.
CREATE TABLE conteos_totales (
  solicitud INTEGER NOT NULL,
  situacion TEXT NOT NULL CHECK (situacion = 'SIN_RESPUESTA' OR situacion IN ('LISTA_NOMINAL', 'PADRON', 'BAJA', 'NO_ENCONTRADO')),
  resultado TEXT NOT NULL CHECK (resultado = 'pendiente' OR resultado IN ('valido', 'inconsistente')),
  origen TEXT NOT NULL CHECK (origen IN ('bien', 'inconsistente')),
  n INTEGER NOT NULL,
  PRIMARY KEY (solicitud, situacion, resultado, origen)
) STRICT, WITHOUT ROWID;

-- The figures of a Cuenta (server.domain.apoyo) by something else too, a row each, so that reading them costs by the
-- number of days, auxiliares and places alone. `eje` says by what: 'dia' (of hora del centro), 'auxiliar', 'diario' (what
-- each auxiliar brought on each day), 'municipio', 'seccion' (both in `lugar`, once known); columns of other axes are 0 or ''.
-- `primero`, `ultimo`: ids between which its apoyos lie. They do not come closer when one goes.
CREATE TABLE conteos (
  solicitud INTEGER NOT NULL,
  eje TEXT NOT NULL,
  dia INTEGER NOT NULL,
  auxiliar INTEGER NOT NULL,
  lugar TEXT NOT NULL,
  primero INTEGER NOT NULL,
  ultimo INTEGER NOT NULL,
  recibidos INTEGER NOT NULL,
  lista_nominal INTEGER NOT NULL,
  padron INTEGER NOT NULL,
  baja INTEGER NOT NULL,
  no_encontrado INTEGER NOT NULL,
  sin_respuesta INTEGER NOT NULL,
  pendientes INTEGER NOT NULL,
  validos INTEGER NOT NULL,
  inconsistentes INTEGER NOT NULL,
  de_origen INTEGER NOT NULL,
  cuentan INTEGER NOT NULL,
  en_espera INTEGER NOT NULL,
  PRIMARY KEY (solicitud, eje, dia, auxiliar, lugar)
) STRICT, WITHOUT ROWID;

-- Not read: what is inserted here is added to the counters, or taken off, by `signo`. Every way to change an apoyo but the
-- ordinary arrival goes by it. It goes to each row by its whole key; a counter that was never there would show as less
-- than nothing, and `acopio verify` names it.
CREATE VIEW cambios_de_conteo AS
  SELECT 1 AS signo, id, solicitud, dia, auxiliar, municipio, seccion, situacion, resultado, origen FROM apoyos;
CREATE TRIGGER conteo_cambiado INSTEAD OF INSERT ON cambios_de_conteo BEGIN
  INSERT INTO conteos_totales VALUES (NEW.solicitud, NEW.situacion, NEW.resultado, NEW.origen, NEW.signo)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO conteos
    SELECT NEW.solicitud, eje, dia, auxiliar, lugar, NEW.id, NEW.id, NEW.signo,
      NEW.signo * (NEW.situacion = 'LISTA_NOMINAL'), NEW.signo * (NEW.situacion = 'PADRON'),
      NEW.signo * (NEW.situacion = 'BAJA'), NEW.signo * (NEW.situacion = 'NO_ENCONTRADO'),
      NEW.signo * (NEW.situacion = 'SIN_RESPUESTA'), NEW.signo * (NEW.resultado = 'pendiente'),
      NEW.signo * (NEW.resultado = 'valido'), NEW.signo * (NEW.resultado = 'inconsistente'),
      NEW.signo * (NEW.origen = 'inconsistente'),
      NEW.signo * (NEW.situacion = 'LISTA_NOMINAL' AND NEW.resultado <> 'inconsistente' AND NEW.origen = 'bien'),
      NEW.signo * (NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado <> 'inconsistente' AND NEW.origen = 'bien')
    FROM (SELECT 'dia' AS eje, NEW.dia AS dia, 0 AS auxiliar, '' AS lugar
      UNION ALL SELECT 'auxiliar', 0, NEW.auxiliar, ''
      UNION ALL SELECT 'diario', NEW.dia, NEW.auxiliar, ''
      UNION ALL SELECT 'municipio', 0, 0, NEW.municipio WHERE NEW.municipio <> ''
      UNION ALL SELECT 'seccion', 0, 0, NEW.seccion WHERE NEW.seccion <> '')
    WHERE TRUE ON CONFLICT DO UPDATE SET
      primero = min(primero, excluded.primero), ultimo = max(ultimo, excluded.ultimo),
      recibidos = recibidos + excluded.recibidos, lista_nominal = lista_nominal + excluded.lista_nominal,
      padron = padron + excluded.padron, baja = baja + excluded.baja,
      no_encontrado = no_encontrado + excluded.no_encontrado, sin_respuesta = sin_respuesta + excluded.sin_respuesta,
      pendientes = pendientes + excluded.pendientes, validos = validos + excluded.validos,
      inconsistentes = inconsistentes + excluded.inconsistentes, de_origen = de_origen + excluded.de_origen,
      cuentan = cuentan + excluded.cuentan, en_espera = en_espera + excluded.en_espera;
END;

-- What arrives is always in the same cell of the counters: the write thread adds constants, to as few columns as will do.
CREATE TRIGGER apoyo_contado AFTER INSERT ON apoyos
WHEN NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado = 'pendiente' AND NEW.municipio = '' AND NEW.seccion = '' BEGIN
  INSERT INTO conteos_totales VALUES (NEW.solicitud, 'SIN_RESPUESTA', 'pendiente', NEW.origen, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
  INSERT INTO conteos VALUES
    (NEW.solicitud, 'dia', NEW.dia, 0, '', NEW.id, NEW.id, 1, 0, 0, 0, 0, 1, 1, 0, 0, NEW.origen <> 'bien', 0, NEW.origen = 'bien'),
    (NEW.solicitud, 'auxiliar', 0, NEW.auxiliar, '', NEW.id, NEW.id, 1, 0, 0, 0, 0, 1, 1, 0, 0, NEW.origen <> 'bien', 0, NEW.origen = 'bien'),
    (NEW.solicitud, 'diario', NEW.dia, NEW.auxiliar, '', NEW.id, NEW.id, 1, 0, 0, 0, 0, 1, 1, 0, 0, NEW.origen <> 'bien', 0, NEW.origen = 'bien')
    ON CONFLICT DO UPDATE SET primero = min(primero, excluded.primero), ultimo = max(ultimo, excluded.ultimo),
      recibidos = recibidos + 1, sin_respuesta = sin_respuesta + 1, pendientes = pendientes + 1,
      de_origen = de_origen + excluded.de_origen, en_espera = en_espera + excluded.en_espera;
END;
CREATE TRIGGER apoyo_contado_tarde AFTER INSERT ON apoyos
WHEN NOT (NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado = 'pendiente' AND NEW.municipio = '' AND NEW.seccion = '') BEGIN
  INSERT INTO cambios_de_conteo VALUES (1, NEW.id, NEW.solicitud, NEW.dia, NEW.auxiliar, NEW.municipio, NEW.seccion, NEW.situacion, NEW.resultado, NEW.origen);
END;
CREATE TRIGGER apoyo_descontado AFTER DELETE ON apoyos BEGIN
  INSERT INTO cambios_de_conteo VALUES (-1, OLD.id, OLD.solicitud, OLD.dia, OLD.auxiliar, OLD.municipio, OLD.seccion, OLD.situacion, OLD.resultado, OLD.origen);
END;
CREATE TRIGGER apoyo_recontado AFTER UPDATE OF situacion, resultado, origen, municipio, seccion ON apoyos
WHEN OLD.situacion <> NEW.situacion OR OLD.resultado <> NEW.resultado OR OLD.origen <> NEW.origen
  OR OLD.municipio <> NEW.municipio OR OLD.seccion <> NEW.seccion BEGIN
  INSERT INTO cambios_de_conteo VALUES
    (-1, OLD.id, OLD.solicitud, OLD.dia, OLD.auxiliar, OLD.municipio, OLD.seccion, OLD.situacion, OLD.resultado, OLD.origen),
    (1, NEW.id, NEW.solicitud, NEW.dia, NEW.auxiliar, NEW.municipio, NEW.seccion, NEW.situacion, NEW.resultado, NEW.origen);
END;

-- An apoyo comes and goes with its registro. Days are of hora del centro since 1970: UTC-6 all year since 2022.
CREATE TRIGGER apoyo_recibido AFTER INSERT ON registros WHEN NEW.tipo = 'apoyo' BEGIN
  INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen)
    VALUES (NEW.id, NEW.folio, NEW.solicitud, NEW.auxiliar, NEW.dispositivo, NEW.recibido_ms,
      (NEW.recibido_ms - 21600000) / 86400000, NEW.marcas,
      CASE WHEN instr(NEW.marcas, 'de_baja') OR instr(NEW.marcas, 'captura_fuera_de_periodo') THEN 'inconsistente' ELSE 'bien' END);
END;
CREATE TRIGGER apoyo_retirado AFTER DELETE ON registros WHEN OLD.tipo = 'apoyo' BEGIN
  DELETE FROM apoyos WHERE id = OLD.id;
END;
-- What was received before there were portals; counted by the triggers.
INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen)
  SELECT id, folio, solicitud, auxiliar, dispositivo, recibido_ms, (recibido_ms - 21600000) / 86400000, marcas,
    CASE WHEN instr(marcas, 'de_baja') OR instr(marcas, 'captura_fuera_de_periodo') THEN 'inconsistente' ELSE 'bien' END
  FROM registros WHERE tipo = 'apoyo' ORDER BY id;

-- What an institute says of itself: name, colours, legal texts. One row a setting; server.domain.ajustes has the list.
CREATE TABLE ajustes (
  clave TEXT PRIMARY KEY,
  valor TEXT NOT NULL,
  archivo_id INTEGER REFERENCES archivos (id),
  cambiado_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- B13: every version of an aviso de privacidad that was published.
CREATE TABLE avisos_privacidad (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  clase TEXT NOT NULL CHECK (clase IN ('integral', 'simplificado')),
  titulo TEXT NOT NULL,
  texto TEXT NOT NULL,
  publicado_ms INTEGER NOT NULL,
  publicado_por INTEGER REFERENCES cuentas (id)
) STRICT;

-- B13: who looked at what is asked of the bitácora by event, by person and by object.
CREATE INDEX bitacora_evento ON bitacora (evento, id);
CREATE INDEX bitacora_actor ON bitacora (actor, id);
CREATE INDEX bitacora_objeto ON bitacora (objeto, id);

-- Mail to accounts beside that to auxiliares and the administrator. What is secret in `datos` is wiped once it is sent.
CREATE TABLE correos_nueva (
  id INTEGER PRIMARY KEY,
  clave TEXT NOT NULL UNIQUE,
  clase TEXT NOT NULL CHECK (clase IN ('codigo_alta', 'acuses', 'aviso', 'invitacion', 'declaracion_devuelta', 'cuenta_activa', 'cuenta_suspendida', 'restablecer', 'contrasena_cambiada', 'acceso', 'aspirante_registrado', 'aspirante_baja', 'auxiliar_alta', 'auxiliar_baja')),
  auxiliar_id INTEGER REFERENCES auxiliares (id),
  cuenta_id INTEGER REFERENCES cuentas (id),
  datos TEXT NOT NULL,
  estado TEXT NOT NULL CHECK (estado IN ('pendiente', 'enviado', 'fallido')),
  intentos INTEGER NOT NULL DEFAULT 0,
  creado_ms INTEGER NOT NULL,
  proximo_ms INTEGER NOT NULL,
  enviado_ms INTEGER,
  ultimo_error TEXT,
  CHECK (clase NOT IN ('codigo_alta', 'acuses', 'auxiliar_alta', 'auxiliar_baja') OR auxiliar_id IS NOT NULL),
  CHECK (clase = 'aviso' OR (auxiliar_id IS NULL) <> (cuenta_id IS NULL))
) STRICT;
INSERT INTO correos_nueva (id, clave, clase, auxiliar_id, datos, estado, intentos, creado_ms, proximo_ms, enviado_ms, ultimo_error)
  SELECT id, clave, clase, auxiliar_id, datos, estado, intentos, creado_ms, proximo_ms, enviado_ms, ultimo_error FROM correos;
DROP TABLE correos;
ALTER TABLE correos_nueva RENAME TO correos;
CREATE INDEX correos_pendientes ON correos (proximo_ms) WHERE estado = 'pendiente';
CREATE INDEX correos_fallidos ON correos (id) WHERE estado = 'fallido';
