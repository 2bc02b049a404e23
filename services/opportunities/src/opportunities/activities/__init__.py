"""Activities: what happens between us and the customer."""
