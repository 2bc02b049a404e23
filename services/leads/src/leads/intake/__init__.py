"""Intake: what comes in by the batch, verbs and the leads of other systems."""
