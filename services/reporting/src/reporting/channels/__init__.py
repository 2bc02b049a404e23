"""Channels: what each is worth, beside what it costs (F8)."""
