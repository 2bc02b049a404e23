"""What may be logged."""

from uuid import UUID

from contracts.opportunities import InteractionDirection, InteractionKind, InteractionLogged
from opportunities.pipeline.rules import Standing


def log_interaction(
    opportunity: Standing,
    interaction_id: UUID,
    *,
    kind: InteractionKind,
    direction: InteractionDirection,
    logged_by_id: UUID | None,
) -> InteractionLogged:
    """An interaction; also on a closed opportunity, for the customer is still there."""
    opportunity.require_counting()
    return opportunity.fact(
        InteractionLogged,
        interaction_id=interaction_id,
        interaction_kind=kind,
        direction=direction,
        logged_by_id=logged_by_id,
    )
