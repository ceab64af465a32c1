"""What happens after the acuse, measured: reading codes from photos of cards, beside each library alone."""
