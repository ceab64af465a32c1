"""Bad lines (row X6): what they do to bytes (`profiles`, `channel`); a proxy that does it to any client (`proxy`)."""
