"""Commands of the console that look after a box, a module each; `server.__main__` joins them to the others."""
