"""What the OPL and the aspirantes register, as operations of the write thread (rows B1-B4, C2-C4)."""
