"""One function a verb: ask the rule, record the fact, which changes the row.

Who may do what: everybody who may write does so on the opportunities that they see, which the desk has locked;
what takes more is asked here.
"""

from uuid import UUID

from opportunities.access import is_authorised
from opportunities.pipeline import rules
from opportunities.pipeline.commands import (
    ChangeOpportunity,
    ChangeOwner,
    ChangeStage,
    Lose,
    OpenOpportunity,
    Reopen,
    Void,
    Win,
)
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.tables import Opportunity


def open_opportunity(desk: Desk, opportunity_id: UUID, command: OpenOpportunity) -> Opportunity:
    """Opens an opportunity for the caller, or for somebody to whom they may assign. Its row is the caller's to keep."""
    opened = rules.open_opportunity(
        opportunity_id,
        rules.current_version(desk.pipelines, command.pipeline),
        owner_id=desk.owner(command.owner_id, command.occurred_at),
        customer_id=desk.customer(command.customer_id),
        product_line=command.product_line,
        channel=command.channel,
        amount=command.amount,
        currency=command.currency or desk.caller.currency,
        expected_close_on=command.expected_close_on,
    )
    opportunity = Opportunity.opened_by(opened, title=command.title)
    desk.record(opportunity, opened, command.occurred_at)
    return opportunity


def change_opportunity(desk: Desk, opportunity: Opportunity, command: ChangeOpportunity) -> None:
    """Changes what the command gives; each kind of change is a fact of its own."""
    wanted = command.model_dump(exclude_unset=True, include=rules.CHANGEABLE)
    if "customer_id" in wanted:
        desk.customer(command.customer_id)
    retitled = "title" in command.model_fields_set and command.title != opportunity.title
    for fact in rules.change(opportunity.standing(), wanted, retitled=retitled):
        desk.record(opportunity, fact, command.occurred_at)
    if retitled:
        opportunity.title = command.title


def change_stage(desk: Desk, opportunity: Opportunity, command: ChangeStage) -> None:
    """Moves to a stage; the reason of somebody authorised lets it skip or step back."""
    warrant = command.reason_code if is_authorised(desk.caller) else None
    fact = rules.change_stage(
        opportunity.standing(), desk.pipeline_of(opportunity), command.stage, warrant=warrant
    )
    desk.record(opportunity, fact, command.occurred_at, command.note)


def change_owner(desk: Desk, opportunity: Opportunity, command: ChangeOwner) -> None:
    """Gives it to a person to whom the caller may assign."""
    owner_id = desk.owner(command.owner_id, command.occurred_at)
    for fact in rules.change_owner(opportunity.standing(), owner_id):
        desk.record(opportunity, fact, command.occurred_at)


def win(desk: Desk, opportunity: Opportunity, command: Win) -> None:
    """Wins it."""
    fact = rules.win(
        opportunity.standing(),
        desk.pipeline_of(opportunity),
        amount=command.amount,
        currency=command.currency,
    )
    desk.record(opportunity, fact, command.occurred_at)


def lose(desk: Desk, opportunity: Opportunity, command: Lose) -> None:
    """Loses it."""
    fact = rules.lose(opportunity.standing(), command.reason_code)
    desk.record(opportunity, fact, command.occurred_at, command.note)


def reopen(desk: Desk, opportunity: Opportunity, command: Reopen) -> None:
    """Takes it up again."""
    fact = rules.reopen(opportunity.standing(), command.reason_code)
    desk.record(opportunity, fact, command.occurred_at, command.note)


def void(desk: Desk, opportunity: Opportunity, command: Void) -> None:
    """Undoes a win, a loss or the opportunity; for authorised roles."""
    desk.require_authorised()
    fact = rules.void(opportunity.standing(), command.undone, command.reason_code)
    desk.record(opportunity, fact, command.occurred_at, command.note)
