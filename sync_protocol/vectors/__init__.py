"""Test vectors of the protocol, good and bad, with their generator and their runner (README.md).

Only `generate` and `run` touch files; the rest of `sync_protocol` stays sans-IO.
"""
