"""Measures the portals' reports and consulta at three sizes, beside the same without counters and beside Datasette."""
