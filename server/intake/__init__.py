"""Bytes from the device: enrolment, sessions, uploads, and the moment a registro is taken."""
