"""How long a deal takes, from the first contact to its close."""
