"""One apoyo as those who work on it need it: its data in force, its images, opened in memory (rows F1, G1, B8)."""
