"""What is durable: the only rooms that speak SQL. Plain functions (conn, …) -> dataclass, one module per noun."""
