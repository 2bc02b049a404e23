"""Assignment: who gets a lead, by rules that are versioned data; the pool (公海) and what falls back into it."""
