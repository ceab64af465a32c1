"""What makes the only copy safe: replicas, backups, and the reading back of everything (rows X1, X7)."""
