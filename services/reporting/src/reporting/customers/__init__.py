"""Customers as they were heard: what opportunities are listed and searched by."""
