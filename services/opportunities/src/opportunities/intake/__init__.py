"""Intake: many rows in one request, of live work (batch) or of history (import)."""
