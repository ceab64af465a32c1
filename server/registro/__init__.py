"""What the OPL and the aspirantes register: operations on a transaction, below the pages."""
