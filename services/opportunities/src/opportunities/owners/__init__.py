"""Owners: which people records may be given to."""
