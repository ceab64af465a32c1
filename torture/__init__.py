"""The torture bench: phones, faults and a model beside a real server; nothing lost, nothing twice (row X1)."""
