"""Pages of the mesa de control: the operator's review, and the coordination's (rows B7, G1-G5)."""
