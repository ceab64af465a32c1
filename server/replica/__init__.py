"""The index's replica (Litestream as a child of the one writer process), backup by hand, and restore (row X1)."""
