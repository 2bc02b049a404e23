"""Payments: the money that comes in."""
