-- C6: what each auxiliar brought on each day, so that the reporte detallado of any range of days is a sum of counters too.
-- Kept, like `conteos`, by the statement that changes an apoyo; `acopio verify` counts again.
CREATE TABLE conteos_diarios (
  solicitud INTEGER NOT NULL,
  dia INTEGER NOT NULL,
  auxiliar INTEGER NOT NULL,
  situacion TEXT NOT NULL CHECK (situacion IN ('LISTA_NOMINAL', 'PADRON', 'BAJA', 'NO_ENCONTRADO', 'SIN_RESPUESTA')),
  resultado TEXT NOT NULL CHECK (resultado IN ('pendiente', 'valido', 'inconsistente')),
  origen TEXT NOT NULL CHECK (origen IN ('bien', 'inconsistente')),
  n INTEGER NOT NULL,
  PRIMARY KEY (solicitud, dia, auxiliar, situacion, resultado, origen)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER apoyo_contado_diario AFTER INSERT ON apoyos BEGIN
  INSERT INTO conteos_diarios VALUES (NEW.solicitud, NEW.dia, NEW.auxiliar, NEW.situacion, NEW.resultado, NEW.origen, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER apoyo_descontado_diario AFTER DELETE ON apoyos BEGIN
  UPDATE conteos_diarios SET n = n - 1 WHERE solicitud = OLD.solicitud AND dia = OLD.dia AND auxiliar = OLD.auxiliar
    AND situacion = OLD.situacion AND resultado = OLD.resultado AND origen = OLD.origen;
END;
CREATE TRIGGER apoyo_recontado_diario AFTER UPDATE OF situacion, resultado, origen ON apoyos
WHEN OLD.situacion <> NEW.situacion OR OLD.resultado <> NEW.resultado OR OLD.origen <> NEW.origen BEGIN
  UPDATE conteos_diarios SET n = n - 1 WHERE solicitud = OLD.solicitud AND dia = OLD.dia AND auxiliar = OLD.auxiliar
    AND situacion = OLD.situacion AND resultado = OLD.resultado AND origen = OLD.origen;
  INSERT INTO conteos_diarios VALUES (NEW.solicitud, NEW.dia, NEW.auxiliar, NEW.situacion, NEW.resultado, NEW.origen, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
INSERT INTO conteos_diarios
  SELECT solicitud, dia, auxiliar, situacion, resultado, origen, count(*) FROM apoyos GROUP BY 1, 2, 3, 4, 5, 6;

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
