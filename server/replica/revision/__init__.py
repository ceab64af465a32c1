"""The parts of `acopio verify`: what can be found (`hallazgos`), and where it is looked for, a module each."""
