"""Customers: the companies that we sell to, their owners and who owns whom among them."""
