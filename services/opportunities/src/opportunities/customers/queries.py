"""Reading customers. Seen are those that the caller's people look after or sell to, and those of nobody."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from contracts.refusal import NotFound
from directory import VISIBLE_PEOPLE, Caller, person
from directory.owners import members
from opportunities.customers.filters import CustomerFilter
from opportunities.customers.tables import Customer
from opportunities.customers.views import CustomerView
from opportunities.pipeline.tables import Opportunity
from runtime import Page, PageRequest, matches, page, sort_keys

Above = aliased(Customer)
SORTS: dict[str, Any] = {"name": Customer.name, "opened_at": Customer.opened_at}

_PARENTS = text(
    "with recursive above as ("
    "  select id, parent_id from customer where id = any(:ids)"
    "  union"
    "  select customer.id, customer.parent_id from above join customer on customer.id = above.parent_id"
    ") select id, parent_id from above"
)


async def lock_customer(session: AsyncSession, caller: Caller, customer_id: UUID) -> tuple[Customer, bool]:
    """Locks a customer; the flag says whether the caller's people look after it, or nobody does.

    Raises `NotFound` for one that is not there or not the caller's to see.
    """
    statement = (
        select(Customer, _own(caller).label("own"))
        .where(col(Customer.id) == customer_id, _seen(caller))
        .with_for_update(of=Customer)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(what="customer", id=customer_id)
    return row.Customer, row.own


async def parents_above(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """The parents of these customers and of all above them."""
    rows = await session.execute(_PARENTS, {"ids": list(ids)})
    return {row.id: row.parent_id for row in rows}


async def visible_customers_of(session: AsyncSession, caller: Caller, ids: Collection[UUID]) -> set[UUID]:
    """Those of the customers that the caller sees."""
    if not ids:
        return set()
    return set(
        await session.scalars(select(col(Customer.id)).where(col(Customer.id).in_(ids), _seen(caller)))
    )


async def find_customer(session: AsyncSession, caller: Caller, customer_id: UUID) -> CustomerView:
    """A customer. Raises `NotFound` for one that is not there or not the caller's to see."""
    statement = _shown().where(col(Customer.id) == customer_id, _seen(caller))
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(what="customer", id=customer_id)
    return _view(row)


async def list_customers(
    session: AsyncSession, caller: Caller, filters: CustomerFilter, query: PageRequest
) -> Page[CustomerView]:
    """The customers that the caller sees, by name unless sorted otherwise."""
    return await page(
        session,
        _shown().where(_seen(caller), *_conditions(filters, caller)),
        keys=sort_keys(query.sort, SORTS, default="name", unique=Customer.id),
        query=query,
        view=_view,
        filters=asdict(filters),
    )


def _conditions(filters: CustomerFilter, caller: Caller) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        col(getattr(Customer, name)).in_(values)
        for name in ("owner_id", "parent_id", "sector", "country", "external_id")
        if (values := getattr(filters, name))
    ]
    if filters.source:
        found.append(col(Customer.source) == filters.source)
    if filters.unit_id:
        found.append(col(Customer.owner_id).in_(members(filters.unit_id, caller)))
    opened = caller.within(col(Customer.opened_at), filters.opened_from, filters.opened_to)
    return [*found, *opened, matches(filters.text, Customer.name)]


def _shown() -> Select[Any]:
    return (
        select(
            Customer,
            col(Above.name).label("parent_name"),
            person.c.display_name.label("owner_name"),
        )
        .outerjoin(Above, col(Above.id) == col(Customer.parent_id))
        .outerjoin(person, person.c.id == col(Customer.owner_id))
    )


def _view(row: Any) -> CustomerView:
    customer: Customer = row.Customer
    return CustomerView(
        **customer.model_dump(),
        token=customer.token,
        parent_name=row.parent_name,
        owner_name=row.owner_name,
    )


def _own(caller: Caller) -> ColumnElement[bool]:
    visible = caller.visible
    if visible is None:
        return true()
    return or_(col(Customer.owner_id).is_(None), col(Customer.owner_id).in_(visible))


def _seen(caller: Caller) -> ColumnElement[bool]:
    visible = caller.visible
    if visible is None:
        return true()
    if caller.sees_nothing:
        return false()
    sold_to = select(col(Opportunity.customer_id)).where(col(Opportunity.owner_id).in_(visible))
    return or_(_own(caller), col(Customer.id).in_(sold_to))


SEEN_CUSTOMER = f"""(
    :everything::boolean or :asker::uuid is not null and (
        customer.owner_id is null
        or customer.owner_id in ({VISIBLE_PEOPLE})
        or exists (
            select from opportunity
            where opportunity.customer_id = customer.id and opportunity.owner_id in ({VISIBLE_PEOPLE})
        )
    )
)"""
"""`_seen` for SQL that is written by hand."""
