"""Leads: who may become a customer, from capture to conversion."""
