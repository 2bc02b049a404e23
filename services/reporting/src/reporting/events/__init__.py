"""Everything heard, kept as it was said: the source of restatements, new metrics, explanations and histories."""
