"""Asking the padrón electoral: of a copy on this box, or of the institute's own service (row F2)."""
