"""Reading images again: codes, what they say, perceptual hashes, in processes of their own (rows F1, X9)."""
