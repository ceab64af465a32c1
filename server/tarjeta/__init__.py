"""A memory card at the OPL: which files on it are sobres, what became of each, and the answers for the phones (X7)."""
