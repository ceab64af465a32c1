"""Measurements beside other servers. Nothing of the product imports this package."""
