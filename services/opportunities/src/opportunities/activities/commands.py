"""What can be logged."""

from pydantic import Field

from contracts.opportunities import InteractionDirection, InteractionKind
from runtime.requests import Text, Verb


class LogInteraction(Verb):
    """An interaction with the customer, with its summary and the agreed next step (S78)."""

    kind: InteractionKind
    direction: InteractionDirection = Field(description="who turned to whom")
    summary: Text | None = None
    next_step: Text | None = None
