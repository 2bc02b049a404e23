"""Sources: where leads come from, channels and their campaigns, and what those cost."""
