"""Incidents: what fired, who is to act, and what came of it."""
