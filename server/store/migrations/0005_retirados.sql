-- What a restore took out of the index because no lote holds it. Decisions about it stay where they were, under its number:
-- so that number is never given again, and says here whose it was.
CREATE TABLE retirados (
  id INTEGER PRIMARY KEY,
  folio TEXT NOT NULL,
  retirado_ms INTEGER NOT NULL
) STRICT;
