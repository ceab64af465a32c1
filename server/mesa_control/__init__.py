"""The mesa de control: what people look at, decide, correct and raise (rows B5, B7, B8, G1-G5)."""
