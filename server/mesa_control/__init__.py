"""The mesa de control: reviewing registros, captura manual, hearings; operations of the write thread (rows G1-G5, B5, B8)."""
