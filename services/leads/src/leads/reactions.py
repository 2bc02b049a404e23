"""Everything that this service hears: the organisation, as a directory of who is who, and what became of the
opportunities that were leads.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts import Received
from contracts.leads import Outcome
from contracts.opportunities import (
    OpportunityLost,
    OpportunityReopened,
    OpportunityVoided,
    OpportunityWon,
    Undone,
)
from directory import keep_directory
from leads.leads.outcomes import learn_outcome
from leads.settings import LeadsSettings
from messaging import Projector, Reactions

reactions = Reactions("leads-outcomes")


@reactions.on(OpportunityWon)
async def hear_of_the_win(session: AsyncSession, deal: OpportunityWon, received: Received) -> None:
    """The lead was won."""
    await learn_outcome(session, deal, Outcome.won, by=received.by, at=received.occurred_at)


@reactions.on(OpportunityLost)
async def hear_of_the_loss(session: AsyncSession, deal: OpportunityLost, received: Received) -> None:
    """The lead was lost."""
    await learn_outcome(session, deal, Outcome.lost, by=received.by, at=received.occurred_at)


@reactions.on(OpportunityReopened)
async def hear_of_the_reopening(session: AsyncSession, deal: OpportunityReopened, received: Received) -> None:
    """The lead is open again."""
    await learn_outcome(session, deal, Outcome.open, by=received.by, at=received.occurred_at)


@reactions.on(OpportunityVoided)
async def hear_of_the_void(session: AsyncSession, deal: OpportunityVoided, received: Received) -> None:
    """A win or loss, or the opportunity itself, was a mistake."""
    outcome = Outcome.void if deal.undone is Undone.opportunity else Outcome.open
    await learn_outcome(session, deal, outcome, by=received.by, at=received.occurred_at)


def directory_projector(settings: LeadsSettings) -> Projector:
    """The projector that keeps this service's directory; `attain rebuild` takes it too."""
    return keep_directory("leads", settings.database_url, settings)
