"""Conversions: leads that become opportunities."""
