"""The phones, as they would be: they know the server only by `sync_protocol` and the addresses of its SPEC."""
