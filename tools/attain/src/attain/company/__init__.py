"""A small believable company: made up from a seed, played through the services' own APIs."""
