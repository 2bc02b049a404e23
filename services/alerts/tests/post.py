"""A small company, and the alerts service as its people use it; time is told, never waited for."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from httpx2 import AsyncClient, Response

from alerts.incidents.watch import escalate_due, raise_due, resolve_over
from alerts.main import service
from alerts.reactions import directory_projector
from alerts.settings import AlertsSettings
from contracts import Event, Received, Role, open_envelope
from contracts.reporting import ReadingPublished
from contracts.targets import Direction, SubjectKind
from messaging import Projector, uuid7
from runtime import migrate
from testkit import Database
from testkit.answers import refused, said
from testkit.history import History
from testkit.history.ledger import Ledger
from testkit.http import Api
from testkit.projecting import project

__all__ = ["refused", "said"]

ZONE = ZoneInfo("Asia/Shanghai")

told = History()
COMPANY_BOSS = told.person("D1", role=Role.director)
COMPANY = told.unit("company", kind="company", manager=COMPANY_BOSS)
MAX = told.person("M1", role=Role.manager)
EAST = told.unit("east", parent=COMPANY, manager=MAX)
SUE = told.person("S1", role=Role.supervisor)
SHANGHAI = told.unit("shanghai", parent=EAST, manager=SUE)
for leader, unit in ((MAX, EAST), (SUE, SHANGHAI), (COMPANY_BOSS, COMPANY)):
    told.move(leader, unit, date(2020, 1, 1))
WANG = told.person("E1", unit=SHANGHAI)
WEST = told.unit("west", parent=COMPANY)
ZHAO = told.person("E3", unit=WEST)

ROLES = {MAX: Role.manager, SUE: Role.supervisor, COMPANY_BOSS: Role.director}


async def prepare(database: Database) -> None:
    """Migrates and seeds a database, and lets its directory hear of the company."""
    settings = AlertsSettings(database_url=database.url)
    await migrate(service, settings)
    projector = directory_projector(settings)
    await project(projector, told.events)
    await projector.close()


@dataclass
class Post:
    """The service with what it has heard, and its watch under a clock of the test."""

    api: Api
    projector: Projector
    history: History = field(default_factory=lambda: History(datetime.now(UTC)))
    heard: int = 0
    relayed: int = 0

    @property
    def database(self) -> Any:
        """The service's database."""
        return self.api.app.state.database

    def of(self, person: UUID) -> AsyncClient:
        """A client of a person, with the role that they have."""
        return self.api.client(ROLES.get(person, Role.representative), str(person))

    @property
    def operations(self) -> AsyncClient:
        """Sales operations, which see everything."""
        return self.api.client(Role.operations, "operations")

    async def hear(self) -> None:
        """Hears what was told since the last time, and what the service itself has said."""
        events = [*self.history.events[self.heard :], *await self._own()]
        self.heard = len(self.history.events)
        await project(self.projector, events)

    async def _own(self) -> list[Received]:
        async with self.api.database.connect() as connection:
            rows = await connection.fetch(
                "select id, envelope from messaging.ledger where id > $1 order by id", self.relayed
            )
        self.relayed = max([self.relayed, *(row["id"] for row in rows)])
        return [open_envelope(row["envelope"]) for row in rows]

    async def watch(self, now: datetime, *, escalate: datetime | None = None) -> tuple[int, int, int]:
        """A round of the watch, having heard everything: raised what came due before an instant, resolved, escalated.

        Incidents are raised at the real instant, so escalations go by that unless another is given.
        """
        await self.hear()
        async with self.database.transaction() as session:
            raised = await raise_due(session, now, ZONE)
        async with self.database.transaction() as session:
            resolved = await resolve_over(session, ZONE)
        async with self.database.transaction() as session:
            escalated = await escalate_due(session, escalate or datetime.now(UTC), ZONE)
        return raised, resolved, escalated

    async def incidents(self, **query: str) -> list[Any]:
        """The incidents as operations see them."""
        return said(await self.operations.get("/v1/incidents", params={"limit": "200", **query}))["items"]  # type: ignore[no-any-return]

    async def rule(self, code: str, **changes: Any) -> Any:
        """The next version of a rule: what it said, with the changes."""
        current = said(await self.operations.get(f"/v1/rules/{code}"))
        kept = ("name_en", "name_zh", "active", "definition", "recipient", "escalation", "steps")
        body = {name: current[name] for name in kept}
        body["definition"] = {**body["definition"], **changes.pop("definition", {})}
        return said(await self.operations.put(f"/v1/rules/{code}", json={**body, **changes}))

    async def read(self, incident: Any, person: UUID | None = None) -> Any:
        """The incident with its explanation."""
        client = self.of(person) if person else self.operations
        return said(await client.get(f"/v1/incidents/{incident['id']}"))

    async def do(self, person: UUID, incident: Any, verb: str, **body: Any) -> Any:
        """A verb that is expected to succeed."""
        return said(await self.ask(person, incident, verb, **body))

    async def ask(self, person: UUID, incident: Any, verb: str, **body: Any) -> Response:
        """A verb, whatever comes of it."""
        return await self.of(person).post(f"/v1/incidents/{incident['id']}/{verb}", json=body)

    async def facts(self, incident: Any) -> list[str]:
        """The facts of an incident: raised, acknowledged, …"""
        items = said(await self.operations.get(f"/v1/incidents/{incident['id']}/history"))["items"]
        return [item["type"].split(".")[2] for item in items]


def reading(
    ledger: Ledger,
    attainment: str | None,
    week: date,
    *,
    unit: UUID = SHANGHAI,
    metric: str = "sales_amount",
    core: bool = True,
    value: str | None = None,
    at: datetime | None = None,
) -> Received:
    """A reading of a week, published when it was over unless told otherwise."""
    event: Event = ReadingPublished(
        series=f"{metric}/unit/{unit}",
        metric=metric,
        metric_version=1,
        core=core,
        direction=Direction.higher_is_better,
        subject_kind=SubjectKind.unit,
        subject_id=unit,
        period=f"{week:%G-W%V}",
        starts_on=week,
        ends_on=week + timedelta(days=7),
        value=Decimal(value) if value else None,
        target=Decimal(100),
        attainment=None if attainment is None else Decimal(attainment),
        currency=None,
        restated=False,
    )
    return ledger.say(event, at or datetime.now(UTC))


def somebody() -> UUID:
    """Somebody whom nobody knows."""
    return uuid7()
