"""From the acuse to the mesa: opened, read, compared, looked up, judged for duplicates and territory (rows F1-F5)."""
