"""What can be done with customers: load, ask the rule, record the fact, change the row."""

from opportunities.customers.actions.batch import upsert_customers
from opportunities.customers.actions.verbs import change_customer, change_owner, open_customer

__all__ = ["change_customer", "change_owner", "open_customer", "upsert_customers"]
