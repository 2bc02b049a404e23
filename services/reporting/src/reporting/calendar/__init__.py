"""Periods, working days and exchange rates as they were heard."""
