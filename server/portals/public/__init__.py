"""Pages that need no account: the front page, health, and the demo's inbox."""
