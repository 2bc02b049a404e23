"""Objections: what customers hold against an offer, and our answers."""
