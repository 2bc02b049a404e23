"""The event map says who hears what, from what is registered."""

from dataclasses import dataclass

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from attain.documents.events import event_map
from attain.documents.services import heard_by
from contracts import Event, Received
from contracts.targets import PersonHired, PersonLeft
from messaging import Batch, MessagingSettings, Projector, ReactionConsumer, Reactions, Relay
from runtime import Database, Service, Settings, Worker


@dataclass(frozen=True)
class Statements:
    """A projection that does nothing with what it hears."""

    hears: frozenset[type[Event]]

    async def apply(self, connection: Connection, batch: Batch) -> None: ...


def test_an_event_stands_under_its_speaker_with_everybody_who_hears_it() -> None:
    page = event_map([PersonLeft, PersonHired], {"reporting": [PersonHired], "opportunities": [PersonHired]})
    assert "## Said by targets" in page
    hired, left = [line for line in page.splitlines() if line.startswith("| [`targets.person.")]
    assert "| `person_id` | reporting, opportunities | A person joined the company | 员工入职 |" in hired
    assert "| nobody yet |" in left


def test_a_service_hears_what_its_workers_react_to_and_project() -> None:
    reactions = Reactions("leads")

    @reactions.on(PersonLeft)
    async def release(session: AsyncSession, event: PersonLeft, received: Received) -> None: ...

    projection = Statements(frozenset({PersonHired}))

    def workers(settings: Settings, database: Database) -> list[Worker]:
        messaging = MessagingSettings()
        return [
            ReactionConsumer(reactions, database, messaging),
            Projector("leads", "projection", "", [projection], settings.database_url, messaging),
            Relay("leads", settings.database_url, messaging),
        ]

    assert heard_by(Service(name="leads", title="Leads", workers=workers)) == {PersonLeft, PersonHired}
