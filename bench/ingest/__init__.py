"""How fast sobres are taken, beside servers that do less, with one load generator for all: `bench/ingest/run`."""
