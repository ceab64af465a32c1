"""Who checks whole sobres: threads of this process, or processes of their own (conditions 1 to 3 of the promise)."""
