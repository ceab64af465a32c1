-- C6: what each auxiliar brought on each day, so that the reporte detallado of any range of days is a sum of counters too.
-- One row with every figure of a Cuenta (server.domain.apoyo): there are few days and few auxiliares. Kept, like
-- `conteos`, by the statement that changes an apoyo; `acopio verify` counts again.
CREATE TABLE conteos_diarios (
  solicitud INTEGER NOT NULL,
  dia INTEGER NOT NULL,
  auxiliar INTEGER NOT NULL,
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
  PRIMARY KEY (solicitud, dia, auxiliar)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER apoyo_contado_diario AFTER INSERT ON apoyos BEGIN
  INSERT INTO conteos_diarios VALUES (NEW.solicitud, NEW.dia, NEW.auxiliar,
    1, (NEW.situacion = 'LISTA_NOMINAL'), (NEW.situacion = 'PADRON'),
    (NEW.situacion = 'BAJA'), (NEW.situacion = 'NO_ENCONTRADO'), (NEW.situacion = 'SIN_RESPUESTA'),
    (NEW.resultado = 'pendiente'), (NEW.resultado = 'valido'), (NEW.resultado = 'inconsistente'),
    (NEW.origen = 'inconsistente'), (NEW.situacion = 'LISTA_NOMINAL' AND NEW.resultado <> 'inconsistente' AND NEW.origen = 'bien'), (NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado <> 'inconsistente' AND NEW.origen = 'bien'))
    ON CONFLICT DO UPDATE SET
    recibidos = recibidos + excluded.recibidos, lista_nominal = lista_nominal + excluded.lista_nominal, padron = padron + excluded.padron,
    baja = baja + excluded.baja, no_encontrado = no_encontrado + excluded.no_encontrado, sin_respuesta = sin_respuesta + excluded.sin_respuesta,
    pendientes = pendientes + excluded.pendientes, validos = validos + excluded.validos, inconsistentes = inconsistentes + excluded.inconsistentes,
    de_origen = de_origen + excluded.de_origen, cuentan = cuentan + excluded.cuentan, en_espera = en_espera + excluded.en_espera;
END;
CREATE TRIGGER apoyo_descontado_diario AFTER DELETE ON apoyos BEGIN
  INSERT INTO conteos_diarios VALUES (OLD.solicitud, OLD.dia, OLD.auxiliar,
    -1, -(OLD.situacion = 'LISTA_NOMINAL'), -(OLD.situacion = 'PADRON'),
    -(OLD.situacion = 'BAJA'), -(OLD.situacion = 'NO_ENCONTRADO'), -(OLD.situacion = 'SIN_RESPUESTA'),
    -(OLD.resultado = 'pendiente'), -(OLD.resultado = 'valido'), -(OLD.resultado = 'inconsistente'),
    -(OLD.origen = 'inconsistente'), -(OLD.situacion = 'LISTA_NOMINAL' AND OLD.resultado <> 'inconsistente' AND OLD.origen = 'bien'), -(OLD.situacion = 'SIN_RESPUESTA' AND OLD.resultado <> 'inconsistente' AND OLD.origen = 'bien'))
    ON CONFLICT DO UPDATE SET
    recibidos = recibidos + excluded.recibidos, lista_nominal = lista_nominal + excluded.lista_nominal, padron = padron + excluded.padron,
    baja = baja + excluded.baja, no_encontrado = no_encontrado + excluded.no_encontrado, sin_respuesta = sin_respuesta + excluded.sin_respuesta,
    pendientes = pendientes + excluded.pendientes, validos = validos + excluded.validos, inconsistentes = inconsistentes + excluded.inconsistentes,
    de_origen = de_origen + excluded.de_origen, cuentan = cuentan + excluded.cuentan, en_espera = en_espera + excluded.en_espera;
END;
CREATE TRIGGER apoyo_recontado_diario AFTER UPDATE OF situacion, resultado, origen ON apoyos
WHEN OLD.situacion <> NEW.situacion OR OLD.resultado <> NEW.resultado OR OLD.origen <> NEW.origen BEGIN
  INSERT INTO conteos_diarios VALUES (OLD.solicitud, OLD.dia, OLD.auxiliar,
    -1, -(OLD.situacion = 'LISTA_NOMINAL'), -(OLD.situacion = 'PADRON'),
    -(OLD.situacion = 'BAJA'), -(OLD.situacion = 'NO_ENCONTRADO'), -(OLD.situacion = 'SIN_RESPUESTA'),
    -(OLD.resultado = 'pendiente'), -(OLD.resultado = 'valido'), -(OLD.resultado = 'inconsistente'),
    -(OLD.origen = 'inconsistente'), -(OLD.situacion = 'LISTA_NOMINAL' AND OLD.resultado <> 'inconsistente' AND OLD.origen = 'bien'), -(OLD.situacion = 'SIN_RESPUESTA' AND OLD.resultado <> 'inconsistente' AND OLD.origen = 'bien'))
    ON CONFLICT DO UPDATE SET
    recibidos = recibidos + excluded.recibidos, lista_nominal = lista_nominal + excluded.lista_nominal, padron = padron + excluded.padron,
    baja = baja + excluded.baja, no_encontrado = no_encontrado + excluded.no_encontrado, sin_respuesta = sin_respuesta + excluded.sin_respuesta,
    pendientes = pendientes + excluded.pendientes, validos = validos + excluded.validos, inconsistentes = inconsistentes + excluded.inconsistentes,
    de_origen = de_origen + excluded.de_origen, cuentan = cuentan + excluded.cuentan, en_espera = en_espera + excluded.en_espera;
  INSERT INTO conteos_diarios VALUES (NEW.solicitud, NEW.dia, NEW.auxiliar,
    1, (NEW.situacion = 'LISTA_NOMINAL'), (NEW.situacion = 'PADRON'),
    (NEW.situacion = 'BAJA'), (NEW.situacion = 'NO_ENCONTRADO'), (NEW.situacion = 'SIN_RESPUESTA'),
    (NEW.resultado = 'pendiente'), (NEW.resultado = 'valido'), (NEW.resultado = 'inconsistente'),
    (NEW.origen = 'inconsistente'), (NEW.situacion = 'LISTA_NOMINAL' AND NEW.resultado <> 'inconsistente' AND NEW.origen = 'bien'), (NEW.situacion = 'SIN_RESPUESTA' AND NEW.resultado <> 'inconsistente' AND NEW.origen = 'bien'))
    ON CONFLICT DO UPDATE SET
    recibidos = recibidos + excluded.recibidos, lista_nominal = lista_nominal + excluded.lista_nominal, padron = padron + excluded.padron,
    baja = baja + excluded.baja, no_encontrado = no_encontrado + excluded.no_encontrado, sin_respuesta = sin_respuesta + excluded.sin_respuesta,
    pendientes = pendientes + excluded.pendientes, validos = validos + excluded.validos, inconsistentes = inconsistentes + excluded.inconsistentes,
    de_origen = de_origen + excluded.de_origen, cuentan = cuentan + excluded.cuentan, en_espera = en_espera + excluded.en_espera;
END;
INSERT INTO conteos_diarios SELECT solicitud, dia, auxiliar, count(*),
    sum(situacion = 'LISTA_NOMINAL'), sum(situacion = 'PADRON'), sum(situacion = 'BAJA'), sum(situacion = 'NO_ENCONTRADO'),
    sum(situacion = 'SIN_RESPUESTA'), sum(resultado = 'pendiente'), sum(resultado = 'valido'),
    sum(resultado = 'inconsistente'), sum(origen = 'inconsistente'),
    sum(situacion = 'LISTA_NOMINAL' AND resultado <> 'inconsistente' AND origen = 'bien'),
    sum(situacion = 'SIN_RESPUESTA' AND resultado <> 'inconsistente' AND origen = 'bien')
  FROM apoyos GROUP BY solicitud, dia, auxiliar;

-- Taking off goes to its rows by the whole key, as adding does: a list of pairs in a WHERE made SQLite read every counter
-- of the aspirante. What was never counted would show as less than nothing, and `acopio verify` names it.
DROP TRIGGER apoyo_descontado;
DROP TRIGGER apoyo_recontado;
CREATE TRIGGER apoyo_descontado AFTER DELETE ON apoyos BEGIN
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n) VALUES
    (OLD.solicitud, 'total', '', OLD.situacion, OLD.resultado, OLD.origen, -1),
    (OLD.solicitud, 'dia', OLD.dia, OLD.situacion, OLD.resultado, OLD.origen, -1),
    (OLD.solicitud, 'auxiliar', OLD.auxiliar, OLD.situacion, OLD.resultado, OLD.origen, -1)
    ON CONFLICT DO UPDATE SET n = n - 1;
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n)
    SELECT OLD.solicitud, 'municipio', OLD.municipio, OLD.situacion, OLD.resultado, OLD.origen, -1 WHERE OLD.municipio <> ''
    ON CONFLICT DO UPDATE SET n = n - 1;
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n)
    SELECT OLD.solicitud, 'seccion', OLD.seccion, OLD.situacion, OLD.resultado, OLD.origen, -1 WHERE OLD.seccion <> ''
    ON CONFLICT DO UPDATE SET n = n - 1;
END;
CREATE TRIGGER apoyo_recontado AFTER UPDATE OF situacion, resultado, origen, municipio, seccion ON apoyos
WHEN OLD.situacion <> NEW.situacion OR OLD.resultado <> NEW.resultado OR OLD.origen <> NEW.origen
  OR OLD.municipio <> NEW.municipio OR OLD.seccion <> NEW.seccion BEGIN
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n) VALUES
    (OLD.solicitud, 'total', '', OLD.situacion, OLD.resultado, OLD.origen, -1),
    (OLD.solicitud, 'dia', OLD.dia, OLD.situacion, OLD.resultado, OLD.origen, -1),
    (OLD.solicitud, 'auxiliar', OLD.auxiliar, OLD.situacion, OLD.resultado, OLD.origen, -1),
    (NEW.solicitud, 'total', '', NEW.situacion, NEW.resultado, NEW.origen, 1),
    (NEW.solicitud, 'dia', NEW.dia, NEW.situacion, NEW.resultado, NEW.origen, 1),
    (NEW.solicitud, 'auxiliar', NEW.auxiliar, NEW.situacion, NEW.resultado, NEW.origen, 1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n)
    SELECT OLD.solicitud, 'municipio', OLD.municipio, OLD.situacion, OLD.resultado, OLD.origen, -1 WHERE OLD.municipio <> ''
    ON CONFLICT DO UPDATE SET n = n - 1;
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n)
    SELECT NEW.solicitud, 'municipio', NEW.municipio, NEW.situacion, NEW.resultado, NEW.origen, 1 WHERE NEW.municipio <> ''
    ON CONFLICT DO UPDATE SET n = n + 1;
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n)
    SELECT OLD.solicitud, 'seccion', OLD.seccion, OLD.situacion, OLD.resultado, OLD.origen, -1 WHERE OLD.seccion <> ''
    ON CONFLICT DO UPDATE SET n = n - 1;
  INSERT INTO conteos (solicitud, eje, clave, situacion, resultado, origen, n)
    SELECT NEW.solicitud, 'seccion', NEW.seccion, NEW.situacion, NEW.resultado, NEW.origen, 1 WHERE NEW.seccion <> ''
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
