"""Metrics as data: their definitions, the facts that count for them, and the sums of these."""
