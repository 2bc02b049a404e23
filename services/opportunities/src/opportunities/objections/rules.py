"""What may be objected and answered."""

from datetime import datetime
from uuid import UUID

from contracts.opportunities import ObjectionAnswered, ObjectionRaised
from opportunities.objections.refusals import ObjectionAnsweredAlready
from opportunities.pipeline.rules import Standing


def raise_objection(opportunity: Standing, objection_id: UUID, objection_code: str) -> ObjectionRaised:
    """An objection to an open opportunity: once it is closed nothing is offered."""
    opportunity.require_open()
    return opportunity.fact(ObjectionRaised, objection_id=objection_id, objection_code=objection_code)


def answer_objection(
    opportunity: Standing,
    objection_id: UUID,
    objection_code: str,
    *,
    answered_at: datetime | None,
    answered_by_id: UUID | None,
) -> ObjectionAnswered:
    """The answer, once; also after the opportunity was closed, for the customer still asks."""
    opportunity.require_counting()
    if answered_at is not None:
        raise ObjectionAnsweredAlready(answered_at=answered_at.isoformat())
    return opportunity.fact(
        ObjectionAnswered,
        objection_id=objection_id,
        objection_code=objection_code,
        answered_by_id=answered_by_id,
    )
