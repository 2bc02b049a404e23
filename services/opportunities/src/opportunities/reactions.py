"""Everything that this service hears: the organisation, as a directory of who is who, and leads that are converted."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts import Received
from contracts.leads import LeadConverted
from directory import keep_directory
from messaging import Projector, Reactions
from opportunities.conversions.actions import Told, open_converted
from opportunities.settings import OpportunitiesSettings

reactions = Reactions("opportunities-leads")


@reactions.on(LeadConverted)
async def open_the_opportunity(session: AsyncSession, lead: LeadConverted, received: Received) -> None:
    """A lead was converted: its opportunity is opened."""
    await open_converted(session, lead, Told(received.by, received.occurred_at))


def directory_projector(settings: OpportunitiesSettings) -> Projector:
    """The projector that keeps this service's directory; `attain rebuild` takes it too."""
    return keep_directory("opportunities", settings.database_url, settings)
