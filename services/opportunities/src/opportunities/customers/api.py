"""Customers over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from directory import CurrentCaller
from messaging import history, together
from opportunities.access import operations, writers
from opportunities.customers import actions, queries
from opportunities.customers.commands import (
    ChangeCustomer,
    ChangeCustomerOwner,
    CustomerRow,
    OpenCustomer,
)
from opportunities.customers.filters import CustomerFilter
from opportunities.customers.views import CustomerView
from runtime import (
    Batch,
    BatchAnswer,
    HistoryItem,
    IfMatch,
    OptionalIfMatch,
    OrderedPageQuery,
    Page,
    PageQuery,
    Reading,
    Router,
    Transaction,
    ValidateOnly,
    history_page,
    stamp,
    stamp_batch,
)
from runtime.dependencies import at_once

router = Router(prefix="/v1", tags=["customers"])


@router.get("/customers")
async def list_customers(
    session: Reading,
    caller: CurrentCaller,
    filters: Annotated[CustomerFilter, Depends(at_once(CustomerFilter))],
    query: PageQuery,
) -> Page[CustomerView]:
    """The customers that you see, by name; sort by `name` or `opened_at`."""
    return await queries.list_customers(session, caller, filters, query)


@router.post("/customers", status_code=201, dependencies=[writers])
async def open_customer(
    command: OpenCustomer, session: Transaction, caller: CurrentCaller, response: Response
) -> CustomerView:
    """A new customer."""
    customer = await actions.open_customer(session, caller, command)
    response.headers["Location"] = f"/v1/customers/{customer.id}"
    return stamp(response, await queries.find_customer(session, caller, customer.id))


@router.post("/customers:batch", status_code=207, dependencies=[operations])
async def upsert_customers(
    batch: Batch[CustomerRow],
    session: Transaction,
    caller: CurrentCaller,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Up to 1,000 customers of another system, opened or changed.

    The same row again makes no fact (`token` is null); a row that says something else than the last one of
    its key makes only the facts of the difference. A customer that was opened here has no key: no row changes it.
    """
    answer = await actions.upsert_customers(session, caller, batch, validate_only=validate_only)
    return stamp_batch(response, answer, together)


@router.get("/customers/{customer_id}")
async def read_customer(
    customer_id: UUID, session: Reading, caller: CurrentCaller, response: Response
) -> CustomerView:
    """A customer."""
    return stamp(response, await queries.find_customer(session, caller, customer_id))


@router.patch("/customers/{customer_id}", dependencies=[writers])
async def change_customer(
    customer_id: UUID,
    command: ChangeCustomer,
    session: Transaction,
    caller: CurrentCaller,
    if_match: IfMatch,
    response: Response,
) -> CustomerView:
    """Another name, sector, country or parent."""
    await actions.change_customer(session, caller, customer_id, command, if_match)
    return stamp(response, await queries.find_customer(session, caller, customer_id))


@router.post("/customers/{customer_id}/change-owner", dependencies=[writers])
async def change_customer_owner(
    customer_id: UUID,
    command: ChangeCustomerOwner,
    session: Transaction,
    caller: CurrentCaller,
    if_match: OptionalIfMatch,
    response: Response,
) -> CustomerView:
    """Another person looks after it, or nobody."""
    await actions.change_owner(session, caller, customer_id, command, if_match)
    return stamp(response, await queries.find_customer(session, caller, customer_id))


@router.get("/customers/{customer_id}/history")
async def read_customer_history(
    customer_id: UUID, session: Reading, caller: CurrentCaller, query: OrderedPageQuery
) -> Page[HistoryItem]:
    """Every fact of the customer, oldest first."""
    customer = await queries.find_customer(session, caller, customer_id)
    return await history_page(partial(history, session), str(customer.id), query)
