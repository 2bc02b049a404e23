"""An opportunity as its rules see it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.opportunities import (
    Deal,
    OpportunityLost,
    OpportunityReopened,
    OpportunityVoided,
    OpportunityWon,
    Undone,
)
from opportunities.pipeline.rules.refusals import OpportunityClosed, OpportunityIsVoided


class State(StrEnum):
    """Whether an opportunity is still worked on, and how it ended. `voided` is for ever."""

    open = "open"
    won = "won"
    lost = "lost"
    voided = "voided"


@dataclass(frozen=True, slots=True)
class Standing:
    """The deal after its last fact, its state, and the facts that a void can undo."""

    deal: Deal
    state: State
    opened_event_id: UUID | None = None
    closed_event_id: UUID | None = None

    def fact[D: Deal](self, kind: type[D], **changes: Any) -> D:
        """The deal as it stands, with what the fact changes. A fact is live unless it says `imported`."""
        attributes = {name: getattr(self.deal, name) for name in Deal.model_fields}
        return kind(**{**attributes, "imported": False, **changes})

    def after(self, event: Deal) -> "Standing":
        """How it stands once the fact is recorded; a further fact of the same request builds on it."""
        return replace(self, deal=event, state=state_after(event, self.state))

    def require_open(self) -> None:
        """Refuses what can only be done to an open opportunity."""
        self.require_counting()
        if self.state is not State.open:
            raise OpportunityClosed(state=self.state)

    def require_counting(self) -> None:
        """Refuses what cannot be done to a voided opportunity."""
        if self.state is State.voided:
            raise OpportunityIsVoided()


def state_after(event: Deal, before: State) -> State:
    """The state that a fact leads to; most facts leave it."""
    match event:
        case OpportunityWon():
            return State.won
        case OpportunityLost():
            return State.lost
        case OpportunityVoided(undone=Undone.opportunity):
            return State.voided
        case OpportunityReopened() | OpportunityVoided():
            return State.open
        case _:
            return before
