"""The alerts service with incidents that webhooks are told of."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx2 import AsyncClient, Response

from alerts.settings import AlertsSettings
from alerts.webhooks.calls import Caller, CheckedNetwork
from alerts.webhooks.reactions import reactions
from alerts.webhooks.sending import send_due
from contracts import Event, Received, Role
from contracts.alerts import Incident, IncidentAcknowledged, IncidentRaised, IncidentResolved, IncidentState
from contracts.fields import PERSON, THING, UNIT
from messaging import Root, history, record, uuid7
from testkit.http import Api
from testkit.reacting import react

RAISED, ACKNOWLEDGED, RESOLVED = IncidentRaised.type, IncidentAcknowledged.type, IncidentResolved.type


class Story(Root):
    """The root of an incident whose facts are told."""

    incident_id: UUID

    @property
    def root(self) -> str:
        return str(self.incident_id)


@dataclass(frozen=True, slots=True)
class House:
    """The service as administrators and its own incidents use it."""

    api: Api
    loopback: bool = True

    @property
    def administrator(self) -> AsyncClient:
        """Who may define webhooks."""
        return self.api.client(Role.administrator)

    @property
    def settings(self) -> AlertsSettings:
        found = self.api.app.state.settings
        assert isinstance(found, AlertsSettings)
        return found

    async def webhook(self, url: str, *types: str) -> Any:
        """A new webhook with its secret."""
        body = {"url": url, "event_types": list(types) or [RAISED]}
        return said(await self.administrator.post("/v1/webhooks", json=body), 201)

    async def raised(self, *more: type[Incident]) -> list[Received]:
        """An incident that is raised, and whatever becomes of it; webhooks are to be told."""
        return await self.tell(Story(incident_id=uuid7()), IncidentRaised, *more)

    async def tell(self, story: Story, *kinds: type[Incident]) -> list[Received]:
        """Records facts of an incident, and lets the service hear them. All of its facts."""
        database = self.api.app.state.database
        async with database.transaction() as session:
            for kind in kinds:
                record(session, story, _fact(kind, story.incident_id), by="alerts")
        async with database.reading() as session:
            facts = await history(session, story.root)
        await react(reactions, database, self.settings, facts)
        return facts

    async def send(self, now: datetime | None = None, caller: Caller | None = None) -> int:
        """Sends what is due, over real connections."""
        database = self.api.app.state.database
        if caller is None:
            async with Caller(CheckedNetwork(allow_loopback=True)) as made:
                return await send_due(database, made, now or datetime.now(UTC))
        return await send_due(database, caller, now or datetime.now(UTC))

    async def deliveries(self, webhook: Any, **asked: Any) -> list[Any]:
        """The webhook's deliveries, oldest first."""
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        answer = await self.administrator.get(path, params={"sort": "created_at", **asked})
        items: list[Any] = said(answer)["items"]
        return items

    async def delivery(self, webhook: Any) -> Any:
        """The webhook's only delivery."""
        [found] = await self.deliveries(webhook)
        return found


def _fact(kind: type[Incident], incident_id: UUID) -> Event:
    said: dict[str, Any] = {
        "incident_id": incident_id,
        "rule": "opportunity-stalled",
        "rule_version": 1,
        "subject_kind": "opportunity",
        "subject_id": THING,
        "key": None,
        "owner_id": PERSON,
        "unit_id": UNIT,
        "assignee_id": PERSON,
        "state": IncidentState.open,
        "level": 0,
    }
    if kind is IncidentRaised:
        now = datetime.now(UTC)
        said |= {"since": now, "due_at": now, "evidence": [THING], "figures": []}
    if kind is IncidentResolved:
        said |= {"state": IncidentState.resolved, "outcome_code": "coaching", "resolving_event_id": None}
    return kind.model_validate(said)


def said(answer: Response, status: int = 200) -> Any:
    """The JSON of an answer of the expected status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Response, status: int, code: str) -> Any:
    """The problem of a refusal."""
    problem = said(answer, status)
    assert problem["code"] == code, problem
    return problem
