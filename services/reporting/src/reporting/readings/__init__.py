"""Readings: what a finished week came to, published as facts, and restated when a late fact changes it."""
