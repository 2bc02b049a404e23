"""Logging interactions."""

from messaging.identity import uuid7
from opportunities.activities import rules
from opportunities.activities.commands import LogInteraction
from opportunities.activities.tables import Interaction
from opportunities.pipeline.desk import Desk
from opportunities.pipeline.tables import Opportunity


def log_interaction(desk: Desk, opportunity: Opportunity, command: LogInteraction) -> Interaction:
    """Logs an interaction. The opportunity's version stays, so that a logged call refuses nobody's edit."""
    interaction_id, logged_by_id = uuid7(), desk.caller.person_id
    fact = rules.log_interaction(
        opportunity.standing(),
        interaction_id,
        kind=command.kind,
        direction=command.direction,
        logged_by_id=logged_by_id,
    )
    desk.mention(opportunity, fact, command.occurred_at)
    interaction = Interaction(
        id=interaction_id,
        opportunity_id=opportunity.id,
        kind=command.kind,
        direction=command.direction,
        occurred_at=opportunity.latest,
        logged_by_id=logged_by_id,
        summary=command.summary,
        next_step=command.next_step,
    )
    desk.session.add(interaction)
    return interaction
