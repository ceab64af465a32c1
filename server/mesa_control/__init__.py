"""The mesa de control: review of registros, captura manual, hearings: operations of the write thread (G, B5, B8)."""
