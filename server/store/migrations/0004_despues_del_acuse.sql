-- After the acuse: the pipeline, the mesa de control, captura manual and the garantía de audiencia.
-- Rows F1-F5, G1-G5, B5, B7, B8, C7, X9.

-- -- the pipeline -------------------------------------------------------------------------------------------------------

-- One row an apoyo, handed from stage to stage: `etapa` is what is to be done next. `id` is the apoyo's.
-- `proximo_ms`: not before; `intentos`: of this stage; `motivo`: a code of why it failed last.
DROP TRIGGER registro_tomado;
DROP TABLE trabajos;
CREATE TABLE trabajos (
  id INTEGER PRIMARY KEY,
  etapa TEXT NOT NULL DEFAULT 'abrir' CHECK (etapa = 'abrir' OR etapa IN ('leer_codigos', 'compulsar', 'verificar_padron', 'buscar_duplicados', 'verificar_ambito', 'clasificar')),
  estado TEXT NOT NULL DEFAULT 'pendiente' CHECK (estado = 'pendiente' OR estado IN ('hecho', 'cuarentena')),
  intentos INTEGER NOT NULL DEFAULT 0,
  proximo_ms INTEGER NOT NULL,
  motivo TEXT NOT NULL DEFAULT '',
  creado_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX trabajos_pendientes ON trabajos (etapa, proximo_ms, id) WHERE estado = 'pendiente';
CREATE INDEX trabajos_cuarentena ON trabajos (id) WHERE estado = 'cuarentena';
INSERT INTO trabajos (id, proximo_ms, creado_ms) SELECT id, recibido_ms, recibido_ms FROM apoyos;

-- As in 0001, but for the shape of a job.
CREATE TRIGGER registro_tomado AFTER INSERT ON registros BEGIN
  DELETE FROM subidas
    WHERE id = NEW.dispositivo || '-' || NEW.registro || '-' || lower(hex(substr(NEW.codigo, 1, 8)));
  UPDATE sesiones_sync SET pendientes = pendientes - 1 WHERE id = NEW.sesion_id;
  INSERT INTO trabajos (id, proximo_ms, creado_ms)
    SELECT NEW.id, NEW.recibido_ms, NEW.recibido_ms WHERE NEW.tipo = 'apoyo';
END;

-- What is known of an apoyo beside 0003's columns. `via`: by phone, or typed from paper (then `id` is above 2^40 and there
-- is no registro). `duplicado`: of the same aspirante or of another; `ambito`: the person's home against the periodo's
-- territory; `regimen`: paper of somebody to whom it was not granted; `entidad`: of the person's home. `padron_*`: which answer it was, and when.
ALTER TABLE apoyos ADD COLUMN via TEXT NOT NULL DEFAULT 'app' CHECK (via IN ('app', 'papel'));
ALTER TABLE apoyos ADD COLUMN duplicado TEXT NOT NULL DEFAULT '' CHECK (duplicado = '' OR duplicado IN ('mismo', 'otro'));
ALTER TABLE apoyos ADD COLUMN ambito TEXT NOT NULL DEFAULT '' CHECK (ambito = '' OR ambito IN ('dentro', 'fuera'));
ALTER TABLE apoyos ADD COLUMN regimen TEXT NOT NULL DEFAULT '' CHECK (regimen IN ('', 'fuera'));
ALTER TABLE apoyos ADD COLUMN entidad TEXT NOT NULL DEFAULT '';
ALTER TABLE apoyos ADD COLUMN padron_version INTEGER REFERENCES padron_versiones (id);
ALTER TABLE apoyos ADD COLUMN padron_corte TEXT NOT NULL DEFAULT '';
ALTER TABLE apoyos ADD COLUMN padron_ms INTEGER;
-- The one class that it is counted in (server.domain.apoyo.clase is the same rule; a test compares them).
ALTER TABLE apoyos ADD COLUMN clase TEXT GENERATED ALWAYS AS (CASE
  WHEN resultado = 'inconsistente' OR origen = 'inconsistente' THEN 'con_inconsistencia'
  WHEN situacion = 'SIN_RESPUESTA' THEN 'en_procesamiento'
  WHEN regimen = 'fuera' THEN 'fuera_de_regimen'
  WHEN situacion = 'BAJA' THEN 'bajas'
  WHEN situacion = 'NO_ENCONTRADO' THEN 'no_encontrados'
  WHEN situacion = 'PADRON' THEN 'en_padron'
  WHEN ambito = 'fuera' THEN 'fuera_de_ambito'
  WHEN duplicado = 'mismo' THEN 'duplicado_mismo'
  WHEN duplicado = 'otro' THEN 'duplicado_otro'
  WHEN resultado = 'pendiente' THEN 'en_mesa'
  ELSE 'lista_nominal' END) VIRTUAL;

-- F1: what the server's own readers found on the images, wrapped by the keyring (`lectura:<id>`).
CREATE TABLE lecturas (
  id INTEGER PRIMARY KEY REFERENCES apoyos (id) ON DELETE CASCADE,
  leido BLOB NOT NULL,
  lector TEXT NOT NULL,
  en_ms INTEGER NOT NULL
) STRICT;

-- What the mesa must be told of an apoyo: codes of server.domain.banderas. `dato`: which datum, or how many; never a value.
CREATE TABLE banderas (
  apoyo_id INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  codigo TEXT NOT NULL,
  dato TEXT NOT NULL DEFAULT '',
  en_ms INTEGER NOT NULL,
  PRIMARY KEY (apoyo_id, codigo, dato)
) STRICT, WITHOUT ROWID;

-- F3. Who gave it, as keyed hashes: nobody can be looked up here without the server's keys.
CREATE TABLE identidades (
  clase TEXT NOT NULL CHECK (clase IN ('clave', 'cic', 'ocr')),
  huella BLOB NOT NULL CHECK (length(huella) = 16),
  apoyo_id INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  PRIMARY KEY (clase, huella, apoyo_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identidades_apoyo ON identidades (apoyo_id);
-- One that goes (a restore took out its lote) may be the one that counted: whoever shares a datum with it is looked at again.
CREATE TRIGGER identidad_retirada BEFORE DELETE ON apoyos BEGIN
  UPDATE trabajos SET etapa = 'buscar_duplicados', estado = 'pendiente', intentos = 0, proximo_ms = 0, motivo = ''
    WHERE id IN (SELECT o.apoyo_id FROM identidades i JOIN identidades o ON o.clase = i.clase AND o.huella = i.huella
      WHERE i.apoyo_id = OLD.id AND o.apoyo_id <> OLD.id)
    AND (estado = 'hecho' OR (estado = 'pendiente' AND etapa = 'verificar_padron' AND motivo = 'sin_respuesta'));
END;

-- X9. Perceptual hashes of the images, cut in bands by which near-equal ones are found, and the pairs that were.
CREATE TABLE huellas_imagen (
  apoyo_id INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  tipo TEXT NOT NULL CHECK (tipo IN ('anverso', 'reverso', 'foto', 'firma')),
  huella BLOB NOT NULL,
  PRIMARY KEY (apoyo_id, tipo)
) STRICT, WITHOUT ROWID;
CREATE TABLE bandas_imagen (
  tipo TEXT NOT NULL CHECK (tipo IN ('anverso', 'reverso', 'foto', 'firma')),
  banda INTEGER NOT NULL,
  valor INTEGER NOT NULL,
  apoyo_id INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  PRIMARY KEY (tipo, banda, valor, apoyo_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bandas_imagen_apoyo ON bandas_imagen (apoyo_id);
CREATE TABLE imagenes_parecidas (
  menor INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  mayor INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  tipo TEXT NOT NULL CHECK (tipo IN ('anverso', 'reverso', 'foto', 'firma')),
  distancia INTEGER NOT NULL,
  PRIMARY KEY (menor, mayor, tipo),
  CHECK (menor < mayor)
) STRICT, WITHOUT ROWID;
CREATE INDEX imagenes_parecidas_mayor ON imagenes_parecidas (mayor);

-- F2. A padrón is a file of its own, below the data folder: millions of rows stay out of the index and of its replica.
ALTER TABLE padron_versiones ADD COLUMN archivo TEXT NOT NULL DEFAULT '';
ALTER TABLE padron_versiones ADD COLUMN resumen BLOB CHECK (length(resumen) = 32);
DROP TABLE padron;
UPDATE padron_versiones SET vigente = 0;
CREATE UNIQUE INDEX padron_versiones_vigente ON padron_versiones (vigente) WHERE vigente = 1;
-- What is to be asked again of the padrón, in pieces: of which apoyos, and up to which auxiliar and apoyo it was done.
CREATE TABLE padron_repaso (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  que TEXT NOT NULL CHECK (que IN ('sin_respuesta', 'no_encontrados', 'todos')),
  auxiliar INTEGER NOT NULL,
  apoyo INTEGER NOT NULL,
  cuantos INTEGER NOT NULL
) STRICT;

-- B1, F3. The territory of a periodo where it is less than the whole entidad; none listed: all of it.
CREATE TABLE periodo_territorio (
  periodo_id INTEGER NOT NULL REFERENCES periodos (id),
  unidad TEXT NOT NULL CHECK (unidad IN ('municipio', 'seccion')),
  clave TEXT NOT NULL,
  nombre TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (periodo_id, unidad, clave)
) STRICT, WITHOUT ROWID;

-- -- counters, by class -------------------------------------------------------------------------------------------------

DROP TRIGGER conteo_cambiado;
DROP VIEW cambios_de_conteo;
DROP TRIGGER apoyo_contado;
DROP TRIGGER apoyo_contado_tarde;
DROP TRIGGER apoyo_descontado;
DROP TRIGGER apoyo_recontado;
DROP TABLE conteos_totales;

-- All apoyos of an aspirante, by everything that may be asked of an apoyo together.
CREATE TABLE conteos_totales (
  solicitud INTEGER NOT NULL,
  clase TEXT NOT NULL CHECK (clase = 'en_procesamiento' OR clase IN ('lista_nominal', 'en_mesa', 'duplicado_mismo', 'duplicado_otro', 'en_padron', 'bajas', 'fuera_de_ambito', 'no_encontrados', 'con_inconsistencia', 'fuera_de_regimen')),
  situacion TEXT NOT NULL CHECK (situacion = 'SIN_RESPUESTA' OR situacion IN ('LISTA_NOMINAL', 'PADRON', 'BAJA', 'NO_ENCONTRADO')),
  resultado TEXT NOT NULL CHECK (resultado = 'pendiente' OR resultado IN ('valido', 'inconsistente')),
  origen TEXT NOT NULL CHECK (origen IN ('bien', 'inconsistente')),
  n INTEGER NOT NULL,
  PRIMARY KEY (solicitud, clase, situacion, resultado, origen)
) STRICT, WITHOUT ROWID;
INSERT INTO conteos_totales
  SELECT solicitud, clase, situacion, resultado, origen, count(*) FROM apoyos
  GROUP BY solicitud, clase, situacion, resultado, origen;

-- As in 0003, but that what counts, and what waits, is said by the class; and `conteos` has an axis more, the incisos
-- of what the mesa found inconsistent.
CREATE VIEW cambios_de_conteo AS
  SELECT 1 AS signo, id, solicitud, dia, auxiliar, municipio, seccion, situacion, resultado, origen, clase, inciso
  FROM apoyos;
CREATE TRIGGER conteo_cambiado INSTEAD OF INSERT ON cambios_de_conteo BEGIN
  INSERT INTO conteos_totales VALUES (NEW.solicitud, NEW.clase, NEW.situacion, NEW.resultado, NEW.origen, NEW.signo)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO conteos
    SELECT NEW.solicitud, eje, dia, auxiliar, lugar, NEW.id, NEW.id, NEW.signo,
      NEW.signo * (NEW.situacion = 'LISTA_NOMINAL'), NEW.signo * (NEW.situacion = 'PADRON'),
      NEW.signo * (NEW.situacion = 'BAJA'), NEW.signo * (NEW.situacion = 'NO_ENCONTRADO'),
      NEW.signo * (NEW.situacion = 'SIN_RESPUESTA'), NEW.signo * (NEW.resultado = 'pendiente'),
      NEW.signo * (NEW.resultado = 'valido'), NEW.signo * (NEW.resultado = 'inconsistente'),
      NEW.signo * (NEW.origen = 'inconsistente'),
      NEW.signo * (NEW.clase = 'lista_nominal' OR NEW.clase = 'en_mesa'),
      NEW.signo * (NEW.clase = 'en_procesamiento')
    FROM (SELECT 'dia' AS eje, NEW.dia AS dia, 0 AS auxiliar, '' AS lugar
      UNION ALL SELECT 'auxiliar', 0, NEW.auxiliar, ''
      UNION ALL SELECT 'diario', NEW.dia, NEW.auxiliar, ''
      UNION ALL SELECT 'municipio', 0, 0, NEW.municipio WHERE NEW.municipio <> ''
      UNION ALL SELECT 'seccion', 0, 0, NEW.seccion WHERE NEW.seccion <> ''
      UNION ALL SELECT 'inciso', 0, 0, NEW.inciso WHERE NEW.inciso <> '')
    WHERE TRUE ON CONFLICT DO UPDATE SET
      primero = min(primero, excluded.primero), ultimo = max(ultimo, excluded.ultimo),
      recibidos = recibidos + excluded.recibidos, lista_nominal = lista_nominal + excluded.lista_nominal,
      padron = padron + excluded.padron, baja = baja + excluded.baja,
      no_encontrado = no_encontrado + excluded.no_encontrado, sin_respuesta = sin_respuesta + excluded.sin_respuesta,
      pendientes = pendientes + excluded.pendientes, validos = validos + excluded.validos,
      inconsistentes = inconsistentes + excluded.inconsistentes, de_origen = de_origen + excluded.de_origen,
      cuentan = cuentan + excluded.cuentan, en_espera = en_espera + excluded.en_espera;
END;

-- What arrives is always in one of two cells of the counters: the write thread adds constants, to as few columns as will do.
CREATE TRIGGER apoyo_contado AFTER INSERT ON apoyos
WHEN NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado = 'pendiente' AND NEW.municipio = '' AND NEW.seccion = '' AND NEW.inciso = '' BEGIN
  INSERT INTO conteos_totales VALUES (NEW.solicitud, iif(NEW.origen = 'bien', 'en_procesamiento', 'con_inconsistencia'), 'SIN_RESPUESTA', 'pendiente', NEW.origen, 1)
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
WHEN NOT (NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado = 'pendiente' AND NEW.municipio = '' AND NEW.seccion = '' AND NEW.inciso = '') BEGIN
  INSERT INTO cambios_de_conteo VALUES (1, NEW.id, NEW.solicitud, NEW.dia, NEW.auxiliar, NEW.municipio, NEW.seccion, NEW.situacion, NEW.resultado, NEW.origen, NEW.clase, NEW.inciso);
END;
CREATE TRIGGER apoyo_descontado AFTER DELETE ON apoyos BEGIN
  INSERT INTO cambios_de_conteo VALUES (-1, OLD.id, OLD.solicitud, OLD.dia, OLD.auxiliar, OLD.municipio, OLD.seccion, OLD.situacion, OLD.resultado, OLD.origen, OLD.clase, OLD.inciso);
  DELETE FROM trabajos WHERE id = OLD.id;
  DELETE FROM revisiones WHERE apoyo_id = OLD.id;
END;
CREATE TRIGGER apoyo_recontado AFTER UPDATE OF situacion, resultado, origen, municipio, seccion, inciso, duplicado, ambito, regimen ON apoyos
WHEN OLD.situacion <> NEW.situacion OR OLD.resultado <> NEW.resultado OR OLD.origen <> NEW.origen
  OR OLD.municipio <> NEW.municipio OR OLD.seccion <> NEW.seccion OR OLD.inciso <> NEW.inciso OR OLD.clase <> NEW.clase BEGIN
  INSERT INTO cambios_de_conteo VALUES
    (-1, OLD.id, OLD.solicitud, OLD.dia, OLD.auxiliar, OLD.municipio, OLD.seccion, OLD.situacion, OLD.resultado, OLD.origen, OLD.clase, OLD.inciso),
    (1, NEW.id, NEW.solicitud, NEW.dia, NEW.auxiliar, NEW.municipio, NEW.seccion, NEW.situacion, NEW.resultado, NEW.origen, NEW.clase, NEW.inciso);
END;
-- What was counted before there was this axis.
INSERT INTO conteos
  SELECT solicitud, 'inciso', 0, 0, inciso, min(id), max(id), count(*), sum(situacion = 'LISTA_NOMINAL'),
    sum(situacion = 'PADRON'), sum(situacion = 'BAJA'), sum(situacion = 'NO_ENCONTRADO'),
    sum(situacion = 'SIN_RESPUESTA'), sum(resultado = 'pendiente'), sum(resultado = 'valido'),
    sum(resultado = 'inconsistente'), sum(origen = 'inconsistente'),
    sum(clase = 'lista_nominal' OR clase = 'en_mesa'), sum(clase = 'en_procesamiento')
  FROM apoyos WHERE inciso <> '' GROUP BY solicitud, inciso;

-- Ways of the consulta more. An ordinary arrival is put into neither.
CREATE INDEX apoyos_clase ON apoyos (solicitud, clase, id) WHERE clase <> 'en_procesamiento';
CREATE INDEX apoyos_papel ON apoyos (solicitud, id) WHERE via = 'papel';
CREATE UNIQUE INDEX apoyos_folio_papel ON apoyos (folio) WHERE via = 'papel';

-- -- the mesa de control ------------------------------------------------------------------------------------------------

-- G4. Versions of the criteria that the OPL published; version 0 is the protocol's, in server.domain.inconsistencias.
CREATE TABLE criterios_versiones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  nota TEXT NOT NULL,
  publicada_ms INTEGER NOT NULL,
  publicada_por INTEGER NOT NULL REFERENCES cuentas (id)
) STRICT;
CREATE TABLE criterios (
  version_id INTEGER NOT NULL REFERENCES criterios_versiones (id),
  orden INTEGER NOT NULL,
  inciso TEXT NOT NULL,
  via TEXT NOT NULL CHECK (via IN ('app', 'papel')),
  categoria TEXT NOT NULL,
  texto TEXT NOT NULL,
  detalle TEXT NOT NULL,
  pide_detalle INTEGER NOT NULL CHECK (pide_detalle IN (0, 1)),
  PRIMARY KEY (version_id, inciso)
) STRICT, WITHOUT ROWID;

-- G2, G5, B7. A piece of work of the mesa: one opinion to be given on one expediente. At most one waits for each apoyo, so
-- that two people never hold the same; the second opinion is asked for once the first was given. `motivo`, `pedida_por`:
-- why a decided one is looked at again, and who ordered it.
CREATE TABLE revisiones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  apoyo_id INTEGER NOT NULL,
  solicitud INTEGER NOT NULL,
  ronda TEXT NOT NULL CHECK (ronda IN ('primera', 'segunda', 'tercera', 'reapertura')),
  estado TEXT NOT NULL CHECK (estado IN ('pendiente', 'hecha', 'cancelada')),
  entrada_ms INTEGER NOT NULL,
  limite_ms INTEGER NOT NULL,
  asignada_a INTEGER REFERENCES cuentas (id),
  reclamada_por INTEGER REFERENCES cuentas (id),
  reclamada_ms INTEGER,
  vence_ms INTEGER,
  motivo TEXT NOT NULL DEFAULT '',
  pedida_por INTEGER REFERENCES cuentas (id),
  CHECK ((reclamada_por IS NULL) = (vence_ms IS NULL))
) STRICT;
CREATE UNIQUE INDEX revisiones_una ON revisiones (apoyo_id) WHERE estado = 'pendiente';
CREATE INDEX revisiones_apoyo ON revisiones (apoyo_id, id);
CREATE INDEX revisiones_libres ON revisiones (ronda, limite_ms, id) WHERE estado = 'pendiente' AND asignada_a IS NULL;
CREATE INDEX revisiones_asignadas ON revisiones (asignada_a, ronda, limite_ms, id) WHERE estado = 'pendiente' AND asignada_a IS NOT NULL;
CREATE INDEX revisiones_limite ON revisiones (limite_ms, id) WHERE estado = 'pendiente';
CREATE INDEX revisiones_solicitud ON revisiones (solicitud, limite_ms, id) WHERE estado = 'pendiente';
CREATE INDEX revisiones_reclamadas ON revisiones (reclamada_por, vence_ms) WHERE reclamada_por IS NOT NULL;

-- Every decision, for ever: by whom, when, on which version of the criteria, with what on the screen (codes, no data).
-- `firme`: it set the apoyo's resultado. Reversed only by a new one, which names it in `sustituye`.
CREATE TABLE dictamenes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  apoyo_id INTEGER NOT NULL,
  revision_id INTEGER,
  audiencia_id INTEGER,
  ronda TEXT NOT NULL CHECK (ronda IN ('primera', 'segunda', 'tercera', 'reapertura', 'audiencia')),
  resultado TEXT NOT NULL CHECK (resultado IN ('valido', 'inconsistente', 'elevado', 'anulado')),
  inciso TEXT NOT NULL DEFAULT '',
  detalle TEXT NOT NULL DEFAULT '',
  criterios_version INTEGER NOT NULL,
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  abierto_ms INTEGER NOT NULL,
  en_ms INTEGER NOT NULL,
  en_pantalla TEXT NOT NULL,
  firme INTEGER NOT NULL CHECK (firme IN (0, 1)),
  sustituye INTEGER REFERENCES dictamenes (id),
  CHECK ((resultado = 'inconsistente') = (inciso <> ''))
) STRICT;
CREATE INDEX dictamenes_apoyo ON dictamenes (apoyo_id, id);
CREATE INDEX dictamenes_cuenta ON dictamenes (cuenta_id, id);
CREATE INDEX dictamenes_segundas ON dictamenes (en_ms) WHERE ronda = 'segunda';
CREATE TRIGGER dictamenes_sin_cambios BEFORE UPDATE ON dictamenes BEGIN
  SELECT RAISE(ABORT, 'un dictamen no se modifica');
END;
CREATE TRIGGER dictamenes_sin_borrados BEFORE DELETE ON dictamenes BEGIN
  SELECT RAISE(ABORT, 'un dictamen no se borra');
END;

-- B7, G5. What waits, and what was decided, counted by the statement that changes it: a page of a million revisiones reads
-- some hundred rows. `dia`: of the limit, or of the decision (hora del centro); `asignada`: 0 for nobody.
CREATE TABLE conteos_mesa (
  solicitud INTEGER NOT NULL,
  dia INTEGER NOT NULL,
  asignada INTEGER NOT NULL,
  ronda TEXT NOT NULL CHECK (ronda IN ('primera', 'segunda', 'tercera', 'reapertura')),
  n INTEGER NOT NULL,
  PRIMARY KEY (solicitud, dia, asignada, ronda)
) STRICT, WITHOUT ROWID;
CREATE TABLE conteos_dictamenes (
  dia INTEGER NOT NULL,
  cuenta_id INTEGER NOT NULL,
  ronda TEXT NOT NULL CHECK (ronda IN ('primera', 'segunda', 'tercera', 'reapertura', 'audiencia')),
  resultado TEXT NOT NULL CHECK (resultado IN ('valido', 'inconsistente', 'elevado', 'anulado')),
  n INTEGER NOT NULL,
  PRIMARY KEY (dia, cuenta_id, ronda, resultado)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER revision_contada AFTER INSERT ON revisiones WHEN NEW.estado = 'pendiente' BEGIN
  INSERT INTO conteos_mesa VALUES (NEW.solicitud, (NEW.limite_ms - 21600000) / 86400000, coalesce(NEW.asignada_a, 0), NEW.ronda, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER revision_descontada AFTER DELETE ON revisiones WHEN OLD.estado = 'pendiente' BEGIN
  UPDATE conteos_mesa SET n = n - 1 WHERE solicitud = OLD.solicitud AND dia = (OLD.limite_ms - 21600000) / 86400000
    AND asignada = coalesce(OLD.asignada_a, 0) AND ronda = OLD.ronda;
END;
CREATE TRIGGER revision_recontada AFTER UPDATE OF estado, asignada_a, limite_ms ON revisiones
WHEN OLD.estado <> NEW.estado OR OLD.asignada_a IS NOT NEW.asignada_a OR OLD.limite_ms <> NEW.limite_ms BEGIN
  UPDATE conteos_mesa SET n = n - 1 WHERE OLD.estado = 'pendiente' AND solicitud = OLD.solicitud
    AND dia = (OLD.limite_ms - 21600000) / 86400000 AND asignada = coalesce(OLD.asignada_a, 0) AND ronda = OLD.ronda;
  INSERT INTO conteos_mesa
    SELECT NEW.solicitud, (NEW.limite_ms - 21600000) / 86400000, coalesce(NEW.asignada_a, 0), NEW.ronda, 1
    WHERE NEW.estado = 'pendiente' ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER dictamen_contado AFTER INSERT ON dictamenes BEGIN
  INSERT INTO conteos_dictamenes VALUES ((NEW.en_ms - 21600000) / 86400000, NEW.cuenta_id, NEW.ronda, NEW.resultado, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

-- G1. Misread data made right; both values wrapped by the keyring (`correccion:<apoyo>`). The newest of a campo holds.
CREATE TABLE correcciones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  apoyo_id INTEGER NOT NULL REFERENCES apoyos (id) ON DELETE CASCADE,
  campo TEXT NOT NULL CHECK (campo IN ('nombre', 'apellido_paterno', 'apellido_materno', 'clave_elector', 'curp', 'cic', 'ocr')),
  antes BLOB NOT NULL,
  despues BLOB NOT NULL,
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  en_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX correcciones_apoyo ON correcciones (apoyo_id, id);

-- P13.8: cases that the criteria do not foresee, for the authority to resolve.
CREATE TABLE elevaciones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  apoyo_id INTEGER NOT NULL,
  dictamen_id INTEGER NOT NULL REFERENCES dictamenes (id),
  motivo TEXT NOT NULL,
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  en_ms INTEGER NOT NULL,
  resolucion TEXT NOT NULL DEFAULT '',
  resuelta_por INTEGER REFERENCES cuentas (id),
  resuelta_ms INTEGER
) STRICT;
CREATE INDEX elevaciones_abiertas ON elevaciones (id) WHERE resuelta_ms IS NULL;
CREATE INDEX elevaciones_apoyo ON elevaciones (apoyo_id);

-- A verdict that makes an apoyo inconsistent, or no longer so, changes which of a person's apoyos counts: they are looked
-- at again from there on. One that only waits to ask the padrón again does so too, and goes back to waiting.
CREATE TRIGGER apoyo_dictaminado AFTER UPDATE OF resultado ON apoyos
WHEN (OLD.resultado = 'inconsistente') <> (NEW.resultado = 'inconsistente') BEGIN
  UPDATE trabajos SET etapa = 'buscar_duplicados', estado = 'pendiente', intentos = 0, proximo_ms = 0, motivo = ''
    WHERE id = NEW.id AND (estado = 'hecho' OR (estado = 'pendiente' AND etapa = 'verificar_padron' AND motivo = 'sin_respuesta'));
END;

-- -- captura manual -----------------------------------------------------------------------------------------------------

-- B5. To whom the régimen de excepción was granted; `municipio` '': for the whole territory.
CREATE TABLE excepciones (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  solicitud INTEGER NOT NULL REFERENCES aspirantes (id),
  municipio TEXT NOT NULL,
  oficio TEXT NOT NULL,
  otorgada_ms INTEGER NOT NULL,
  otorgada_por INTEGER NOT NULL REFERENCES cuentas (id),
  revocada_ms INTEGER,
  revocada_por INTEGER REFERENCES cuentas (id)
) STRICT;
CREATE UNIQUE INDEX excepciones_vigentes ON excepciones (solicitud, municipio) WHERE revocada_ms IS NULL;
-- What it changes for the paper that is here already is found out by the pipeline. Paper is above 2^40.
CREATE TRIGGER excepcion_otorgada AFTER INSERT ON excepciones BEGIN
  UPDATE trabajos SET etapa = 'verificar_ambito', estado = 'pendiente', intentos = 0, proximo_ms = 0, motivo = ''
    WHERE id IN (SELECT id FROM apoyos WHERE solicitud = NEW.solicitud AND id >= 1099511627776)
    AND (estado = 'hecho' OR (estado = 'pendiente' AND etapa = 'verificar_padron' AND motivo = 'sin_respuesta'));
END;
CREATE TRIGGER excepcion_revocada AFTER UPDATE OF revocada_ms ON excepciones BEGIN
  UPDATE trabajos SET etapa = 'verificar_ambito', estado = 'pendiente', intentos = 0, proximo_ms = 0, motivo = ''
    WHERE id IN (SELECT id FROM apoyos WHERE solicitud = NEW.solicitud AND id >= 1099511627776)
    AND (estado = 'hecho' OR (estado = 'pendiente' AND etapa = 'verificar_padron' AND motivo = 'sin_respuesta'));
END;

-- `antes`: cédulas in the aspirante's earlier packages, from which the folios of this one's follow: neither ever changes.
CREATE TABLE paquetes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  solicitud INTEGER NOT NULL REFERENCES aspirantes (id),
  folio TEXT NOT NULL,
  cedulas INTEGER NOT NULL CHECK (cedulas > 0),
  antes INTEGER NOT NULL DEFAULT 0 CHECK (antes >= 0),
  recibido_ms INTEGER NOT NULL,
  observaciones TEXT NOT NULL DEFAULT '',
  estado TEXT NOT NULL CHECK (estado IN ('abierto', 'cerrado')),
  creado_ms INTEGER NOT NULL,
  creado_por INTEGER NOT NULL REFERENCES cuentas (id),
  cerrado_ms INTEGER,
  UNIQUE (solicitud, folio)
) STRICT;

-- One cédula of paper. What was typed is wrapped by the keyring (`papel:<paquete>:<numero>`); `segunda`: typed again by
-- somebody else, for a share; `primera`: what was typed first, kept where two that differed were settled. `errores`,
-- `errores_segunda`: how many campos of each were not as settled. `apoyo_id`: once it is an apoyo like any other.
CREATE TABLE cedulas_papel (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  paquete_id INTEGER NOT NULL REFERENCES paquetes (id),
  numero INTEGER NOT NULL CHECK (numero > 0),
  doble INTEGER NOT NULL CHECK (doble IN (0, 1)),
  estado TEXT NOT NULL CHECK (estado IN ('por_repetir', 'por_conciliar', 'lista')),
  datos BLOB NOT NULL,
  criterio TEXT NOT NULL DEFAULT '' CHECK (criterio IN ('', 'copia', 'sin_copia_credencial', 'sin_leyenda', 'sin_firma', 'otra')),
  comentario TEXT NOT NULL DEFAULT '',
  capturada_por INTEGER NOT NULL REFERENCES cuentas (id),
  capturada_ms INTEGER NOT NULL,
  segunda BLOB,
  segunda_por INTEGER REFERENCES cuentas (id),
  segunda_ms INTEGER,
  conciliada_por INTEGER REFERENCES cuentas (id),
  conciliada_ms INTEGER,
  primera BLOB,
  errores INTEGER NOT NULL DEFAULT 0,
  errores_segunda INTEGER NOT NULL DEFAULT 0,
  apoyo_id INTEGER UNIQUE,
  UNIQUE (paquete_id, numero),
  CHECK ((estado = 'lista') = (apoyo_id IS NOT NULL))
) STRICT;
CREATE INDEX cedulas_papel_por_hacer ON cedulas_papel (paquete_id, estado, numero) WHERE estado <> 'lista';
CREATE INDEX cedulas_papel_capturada ON cedulas_papel (capturada_ms, capturada_por);
CREATE INDEX cedulas_papel_segunda ON cedulas_papel (segunda_ms, segunda_por) WHERE segunda_ms IS NOT NULL;

-- Numbers of a package for which there is no cédula to type, and why.
CREATE TABLE faltantes_papel (
  paquete_id INTEGER NOT NULL REFERENCES paquetes (id),
  numero INTEGER NOT NULL CHECK (numero > 0),
  motivo TEXT NOT NULL,
  declarada_por INTEGER NOT NULL REFERENCES cuentas (id),
  declarada_ms INTEGER NOT NULL,
  PRIMARY KEY (paquete_id, numero)
) STRICT, WITHOUT ROWID;

-- -- garantía de audiencia ----------------------------------------------------------------------------------------------

-- B8, P14. `motivo`: the argument for all of it. `inicia_ms`, `minutos`: as it is scheduled now; `concluida_ms`, `acta_*`: once
-- it ended. `acta_resumen` is the SHA-256 of what was signed; `acta_archivo` is it, where it fits.
CREATE TABLE audiencias (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  solicitud INTEGER NOT NULL REFERENCES aspirantes (id),
  estado TEXT NOT NULL CHECK (estado IN ('solicitada', 'programada', 'en_desahogo', 'concluida', 'desistida')),
  motivo TEXT NOT NULL DEFAULT '',
  solicitada_ms INTEGER NOT NULL,
  solicitada_por INTEGER NOT NULL REFERENCES cuentas (id),
  inicia_ms INTEGER,
  minutos INTEGER NOT NULL DEFAULT 60 CHECK (minutos > 0),
  lugar TEXT NOT NULL DEFAULT '',
  oficialia TEXT NOT NULL DEFAULT '',
  concluida_ms INTEGER,
  acta_archivo INTEGER REFERENCES archivos (id),
  acta_resumen BLOB CHECK (length(acta_resumen) = 32),
  CHECK (estado IN ('solicitada', 'desistida') OR inicia_ms IS NOT NULL),
  CHECK ((estado = 'concluida') = (concluida_ms IS NOT NULL)),
  CHECK ((concluida_ms IS NULL) = (acta_resumen IS NULL))
) STRICT;
CREATE INDEX audiencias_solicitud ON audiencias (solicitud, id);
CREATE INDEX audiencias_inicia ON audiencias (inicia_ms) WHERE inicia_ms IS NOT NULL;
CREATE UNIQUE INDEX audiencias_por_programar ON audiencias (solicitud) WHERE estado = 'solicitada';

-- What is contested. `abierta`: its hearing is not over; a registro is in one such at most. `revisor`: whose turn it is.
-- `sin_revisar`: why nobody looked at it again, and it stays as it was.
CREATE TABLE audiencia_registros (
  audiencia_id INTEGER NOT NULL REFERENCES audiencias (id),
  apoyo_id INTEGER NOT NULL,
  dictamen_inicial INTEGER NOT NULL REFERENCES dictamenes (id),
  dictamen_final INTEGER REFERENCES dictamenes (id),
  argumento TEXT NOT NULL DEFAULT '',
  revisor INTEGER REFERENCES cuentas (id),
  sin_revisar TEXT NOT NULL DEFAULT '' CHECK (sin_revisar IN ('', 'desistido', 'no_abre')),
  abierta INTEGER NOT NULL DEFAULT 1 CHECK (abierta IN (0, 1)),
  PRIMARY KEY (audiencia_id, apoyo_id),
  CHECK (dictamen_final IS NULL OR sin_revisar = '')
) STRICT, WITHOUT ROWID;
CREATE INDEX audiencia_registros_apoyo ON audiencia_registros (apoyo_id, audiencia_id);
CREATE UNIQUE INDEX audiencia_registros_abiertos ON audiencia_registros (apoyo_id) WHERE abierta = 1;
CREATE INDEX audiencia_registros_pendientes ON audiencia_registros (audiencia_id, revisor, apoyo_id)
  WHERE abierta = 1 AND dictamen_final IS NULL AND sin_revisar = '';
CREATE TRIGGER audiencia_terminada AFTER UPDATE OF estado ON audiencias
WHEN NEW.estado IN ('concluida', 'desistida') BEGIN
  UPDATE audiencia_registros SET abierta = 0 WHERE audiencia_id = NEW.id;
END;

-- `mirando`: what this reviewer has before those in the room, for the screens that follow.
CREATE TABLE audiencia_revisores (
  audiencia_id INTEGER NOT NULL REFERENCES audiencias (id),
  cuenta_id INTEGER NOT NULL REFERENCES cuentas (id),
  mirando INTEGER,
  PRIMARY KEY (audiencia_id, cuenta_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audiencia_revisores_cuenta ON audiencia_revisores (cuenta_id);

-- Each day on which it was held: when, where, who was there, and why it went on another day.
CREATE TABLE audiencia_sesiones (
  audiencia_id INTEGER NOT NULL REFERENCES audiencias (id),
  numero INTEGER NOT NULL CHECK (numero > 0),
  iniciada_ms INTEGER NOT NULL,
  iniciada_por INTEGER NOT NULL REFERENCES cuentas (id),
  terminada_ms INTEGER,
  minutos INTEGER NOT NULL,
  lugar TEXT NOT NULL,
  oficialia TEXT NOT NULL,
  asistentes TEXT NOT NULL,
  suspendida_por TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (audiencia_id, numero)
) STRICT, WITHOUT ROWID;

-- Mail of the hearings: a kind more.
CREATE TABLE correos_nueva (
  id INTEGER PRIMARY KEY,
  clave TEXT NOT NULL UNIQUE,
  clase TEXT NOT NULL CHECK (clase IN ('codigo_alta', 'acuses', 'aviso', 'invitacion', 'declaracion_devuelta', 'cuenta_activa', 'cuenta_suspendida', 'restablecer', 'contrasena_cambiada', 'acceso', 'aspirante_registrado', 'aspirante_baja', 'auxiliar_alta', 'auxiliar_baja', 'audiencia_programada', 'audiencia_concluida')),
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
INSERT INTO correos_nueva SELECT * FROM correos;
DROP TABLE correos;
ALTER TABLE correos_nueva RENAME TO correos;
CREATE INDEX correos_pendientes ON correos (proximo_ms) WHERE estado = 'pendiente';
CREATE INDEX correos_fallidos ON correos (id) WHERE estado = 'fallido';
