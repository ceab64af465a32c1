"""Mail: what it says (messages), when it goes (outbox), and the demo's inbox."""
