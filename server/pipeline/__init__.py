"""From the acuse to the mesa: opened, read, compared, looked up, decided about duplicates and territory (rows F1-F5)."""
