"""One function a verb: load, ask the rule, record the fact, change the row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.opportunities import CustomerAttributes, CustomerOwnerChanged
from directory import Caller
from directory.owners import may_own, owners
from messaging import record, uuid7
from opportunities.customers import rules
from opportunities.customers.commands import ChangeCustomer, ChangeCustomerOwner, OpenCustomer
from opportunities.customers.queries import lock_customer, parents_above, visible_customers_of
from opportunities.customers.refusals import CustomerOfAnother, UnknownCustomer
from opportunities.customers.tables import Customer
from runtime import Precondition
from runtime.saving import take_turns


async def open_customer(session: AsyncSession, caller: Caller, command: OpenCustomer) -> Customer:
    """Opens a customer for the caller or somebody to whom they may assign."""
    owner_id = command.owner_id
    if "owner_id" not in command.model_fields_set and caller.visible is not None:
        owner_id = caller.person_id
    opened = rules.open_customer(
        uuid7(),
        await _parents(session, caller, command.parent_id),
        name=command.name,
        sector=command.sector,
        country=command.country,
        parent_id=command.parent_id,
        owner_id=await _owner(session, caller, owner_id, command.occurred_at),
    )
    customer = Customer.before_opening(opened.customer_id)
    tell(session, caller, customer, opened, command.occurred_at)
    session.add(customer)
    return customer


async def change_customer(
    session: AsyncSession,
    caller: Caller,
    customer_id: UUID,
    command: ChangeCustomer,
    precondition: Precondition,
) -> Customer:
    """Changes what the command gives."""
    wanted = command.model_dump(exclude_unset=True, exclude={"occurred_at"})
    parents = await _parents(session, caller, command.parent_id)
    customer = await _lock_own(session, caller, customer_id, precondition)
    for fact in rules.change_customer(customer.attributes(), wanted, parents):
        tell(session, caller, customer, fact, command.occurred_at)
    return customer


async def change_owner(
    session: AsyncSession,
    caller: Caller,
    customer_id: UUID,
    command: ChangeCustomerOwner,
    precondition: Precondition,
) -> Customer:
    """Gives it to a person to whom the caller may assign, or to nobody."""
    customer = await _lock_own(session, caller, customer_id, precondition)
    owner_id = await _owner(session, caller, command.owner_id, command.occurred_at)
    for fact in rules.change_owner(customer.attributes(), owner_id):
        tell(session, caller, customer, fact, command.occurred_at)
    return customer


def tell(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    event: CustomerAttributes | CustomerOwnerChanged,
    at: datetime | None,
) -> None:
    """Records a fact of the customer, and makes its row what the fact says."""
    record(session, customer, event, by=caller.id, at=at, may_backdate=caller.may_backdate)
    customer.take(event)


async def _lock_own(
    session: AsyncSession, caller: Caller, customer_id: UUID, precondition: Precondition
) -> Customer:
    customer, own = await lock_customer(session, caller, customer_id)
    if not own:
        raise CustomerOfAnother(owner=customer.owner_id)
    precondition.check(customer.version)
    return customer


async def _owner(
    session: AsyncSession, caller: Caller, owner_id: UUID | None, at: datetime | None
) -> UUID | None:
    if owner_id is None:
        return None
    known = await owners(session, caller, [owner_id])
    return may_own(known.get(owner_id), owner_id, caller.day(at))


async def _parents(session: AsyncSession, caller: Caller, parent_id: UUID | None) -> rules.Parents:
    """All above the wanted parent. Changes of parents take turns: two at once could close a circle."""
    if parent_id is None:
        return {}
    if not await visible_customers_of(session, caller, [parent_id]):
        raise UnknownCustomer(pointer="/parent_id", asked=parent_id)
    await take_turns(session, "customer", ["parents"])
    return await parents_above(session, [parent_id])
