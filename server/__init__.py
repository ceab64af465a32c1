"""The server: intake, diario, index, acuse, mail, portals. The flow is the layout (ARCHITECTURE.md)."""
