"""The diario: what phones have been told, as immutable files. It is the truth; the index can be rebuilt from it."""
