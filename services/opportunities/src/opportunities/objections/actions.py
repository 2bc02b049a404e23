"""Raising and answering objections. The opportunity's version stays, so that neither refuses anybody's edit."""

from messaging.identity import uuid7
from opportunities.objections import rules
from opportunities.objections.commands import AnswerObjectionOf, RaiseObjection
from opportunities.objections.tables import Objection
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.tables import Opportunity


def raise_objection(desk: Desk, opportunity: Opportunity, command: RaiseObjection) -> Objection:
    """Records what the customer holds against the offer."""
    fact = rules.raise_objection(opportunity.standing(), uuid7(), command.objection_code)
    desk.mention(opportunity, fact, command.occurred_at)
    objection = Objection(
        id=fact.objection_id,
        opportunity_id=opportunity.id,
        code=command.objection_code,
        raised_at=opportunity.latest,
        text=command.text,
    )
    desk.session.add(objection)
    desk.objections[objection.id] = objection
    return objection


def answer_objection(desk: Desk, opportunity: Opportunity, command: AnswerObjectionOf) -> Objection:
    """Records our answer."""
    objection = desk.objection(opportunity.id, command.objection_id)
    fact = rules.answer_objection(
        opportunity.standing(),
        objection.id,
        objection.code,
        answered_at=objection.answered_at,
        answered_by_id=desk.caller.person_id,
    )
    desk.mention(opportunity, fact, command.occurred_at)
    objection.answered_at, objection.answered_by_id = opportunity.latest, desk.caller.person_id
    objection.answer = command.text
    return objection
