"""The review screen as an operator meets it: the next registro, its images, four hundred decisions by keyboard."""
