"""The sync protocol between a phone and the server, sans-IO: bytes and values in, values out (SPEC.md)."""

PROTOCOL_VERSION = 1
