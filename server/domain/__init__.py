"""The nouns and their rules; no IO, no SQL, no HTTP."""
