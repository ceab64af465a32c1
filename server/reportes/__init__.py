"""What is counted and listed: avance, graphs, exports (rows B6, C5, C6)."""
