"""What people print or keep: cédulas, the declaración, the FURA, the manuals. Values in, bytes of a PDF out; no IO."""
