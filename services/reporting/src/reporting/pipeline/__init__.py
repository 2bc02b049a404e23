"""Pipelines and opportunities: how they stand, how they stood at any instant, which stages they visited."""
