"""What the OPL and the aspirantes register: operations on a transaction, each with its event on the record."""
