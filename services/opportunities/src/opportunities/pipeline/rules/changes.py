"""Changes to an opportunity that leave its stage alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.opportunities import (
    Deal,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityDetailsChanged,
    OpportunityOwnerChanged,
)
from opportunities.pipeline.rules.standing import Standing

MONEY = ("amount", "currency")
CLOSE_DATE = ("expected_close_on",)
DETAILS = ("customer_id", "product_line", "channel")
CHANGEABLE = {*MONEY, *CLOSE_DATE, *DETAILS}
"""The attributes of a deal that `change` takes."""


def change(
    opportunity: Standing, wanted: Mapping[str, Any], *, retitled: bool = False, imported: bool = False
) -> list[Deal]:
    """The facts that a set of wanted attributes makes: one for the money, one for the close date, one for
    the rest; none for what already stands so.

    The deal of a closed opportunity is what it was closed with, and changes no more. A title is free text
    and stands in no fact, so `retitled` says that the record changed, whatever its state.
    """
    differing = {name: value for name, value in wanted.items() if value != getattr(opportunity.deal, name)}
    if not differing and not retitled:
        return []
    opportunity.require_counting()
    if differing:
        opportunity.require_open()
    facts: list[Deal] = []
    for kind, names, before in _KINDS:
        changes = {name: differing[name] for name in names if name in differing}
        if changes or (kind is OpportunityDetailsChanged and retitled):
            previous = {field: getattr(opportunity.deal, name) for field, name in before.items()}
            facts.append(opportunity.fact(kind, **changes, **previous, imported=imported))
            opportunity = opportunity.after(facts[-1])
    return facts


_KINDS: tuple[tuple[type[Deal], tuple[str, ...], dict[str, str]], ...] = (
    (OpportunityAmountChanged, MONEY, {"previous_amount": "amount", "previous_currency": "currency"}),
    (OpportunityCloseDateMoved, CLOSE_DATE, {"previous_close_on": "expected_close_on"}),
    (OpportunityDetailsChanged, DETAILS, {}),
)


def change_owner(
    opportunity: Standing, owner_id: UUID, *, imported: bool = False
) -> list[OpportunityOwnerChanged]:
    """Gives it to another person, also when it is closed; no fact when that person owns it already."""
    opportunity.require_counting()
    previous = opportunity.deal.owner_id
    if owner_id == previous:
        return []
    return [
        opportunity.fact(
            OpportunityOwnerChanged, owner_id=owner_id, previous_owner_id=previous, imported=imported
        )
    ]
