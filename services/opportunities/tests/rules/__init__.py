"""The rules, tested without any fixture."""
