"""The plans 目标: targets, their decomposition and their revisions."""
