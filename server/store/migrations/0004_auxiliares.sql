-- The lists of auxiliares (C2, B4) by what they are filtered by, and the cargas that still have work to do (C3).
CREATE INDEX auxiliares_estatus ON auxiliares (aspirante_id, estatus, situacion, id);
CREATE INDEX auxiliares_revision ON auxiliares (revision, id);
CREATE INDEX cargas_por_hacer ON cargas (id) WHERE estado IN ('revisando', 'aplicando');
CREATE INDEX cargas_guardadas ON cargas (creada_ms) WHERE estado IN ('por_aceptar', 'aplicada', 'fallida');
