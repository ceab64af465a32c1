-- The consulta de registros (C5). All five are partial on what a registro does not have when it is received (no name is
-- read, nothing is found wrong yet, and it has no mark in the ordinary case), so that the write thread pays nothing for them there.
CREATE INDEX apoyos_materno ON apoyos (solicitud, substr(busqueda, instr(busqueda, '|'))) WHERE busqueda <> '';
CREATE INDEX apoyos_nombre ON apoyos (solicitud, substr(busqueda, instr(busqueda, '>'))) WHERE busqueda <> '';
CREATE INDEX apoyos_origen ON apoyos (solicitud, id) WHERE origen = 'inconsistente';
CREATE INDEX apoyos_marcados ON apoyos (solicitud, id) WHERE marcas <> '[]';
CREATE INDEX apoyos_inciso ON apoyos (solicitud, inciso, id) WHERE inciso <> '';
