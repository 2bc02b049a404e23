"""What may be done with a customer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.opportunities import CustomerAttributes, CustomerChanged, CustomerOpened, CustomerOwnerChanged
from opportunities.customers.refusals import CustomerIsOwnParent
from opportunities.intake.refusals import HistoryFixed

type Parents = Mapping[UUID, UUID | None]
"""The parent of each customer, for all customers above those in question."""


def open_customer(
    customer_id: UUID,
    parents: Parents,
    *,
    name: str,
    sector: str | None = None,
    country: str | None = None,
    parent_id: UUID | None = None,
    owner_id: UUID | None = None,
) -> CustomerOpened:
    """A new customer; it may belong to another."""
    refuse_cycle(customer_id, parent_id, parents)
    return CustomerOpened(
        customer_id=customer_id,
        name=name,
        sector=sector,
        country=country,
        parent_id=parent_id,
        owner_id=owner_id,
    )


def change_customer(
    customer: CustomerAttributes, wanted: Mapping[str, Any], parents: Parents
) -> list[CustomerChanged]:
    """The fact of another name, sector, country or parent; none when all stands so already."""
    if all(getattr(customer, name) == value for name, value in wanted.items()):
        return []
    changed = CustomerChanged(**{**dict(customer), **wanted})
    refuse_cycle(changed.customer_id, changed.parent_id, parents)
    return [changed]


def change_owner(customer: CustomerAttributes, owner_id: UUID | None) -> list[CustomerOwnerChanged]:
    """The fact of another owner, or of none; no fact when it is so already."""
    previous = customer.owner_id
    if owner_id == previous:
        return []
    return [
        CustomerOwnerChanged(customer_id=customer.customer_id, owner_id=owner_id, previous_owner_id=previous)
    ]


def refuse_another_opening(opened_at: datetime, told: datetime) -> None:
    """Since when a customer is known is history: told once and for all."""
    if told != opened_at:
        raise HistoryFixed(pointer="/opened_at", field="opened_at")


def refuse_cycle(customer_id: UUID, parent_id: UUID | None, parents: Parents) -> None:
    """Walks up from the wanted parent; refuses when the customer itself stands there."""
    above = parent_id
    while above is not None:
        if above == customer_id:
            raise CustomerIsOwnParent(pointer="/parent_id", parent=parent_id, customer=customer_id)
        above = parents.get(above)
