"""Measures phones on bad lines, beside other ways to upload."""
