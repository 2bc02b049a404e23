"""The tests of the opportunities service."""
