"""A small service that uses the whole frame; the tests ask it."""
