"""`attain demo`: a made-up company in a running instance, and what can be seen of it."""
