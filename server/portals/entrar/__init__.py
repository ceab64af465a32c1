"""How people come in and go out, and their own account (rows A1, A2)."""
