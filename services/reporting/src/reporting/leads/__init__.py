"""Leads as they were heard: where they came from, how far they got, and their funnel."""
