"""Each service with records that belong to one person, and strangers to ask for them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

import alerts.main
import leads.main
import opportunities.main
import reporting.main
import targets.main
from alerts.incidents.watch import raise_due
from alerts.reactions import directory_projector as directory_of_alerts
from alerts.timers.projector import watch_projector
from contracts import Role, open_envelope
from leads.reactions import directory_projector as directory_of_leads
from messaging import Projector
from opportunities.reactions import directory_projector
from reporting.worker import projector
from runtime import Issuer, Service
from testkit.databases import Databases
from testkit.history import History
from testkit.http import Api, Migrations, serving
from testkit.operations import Operation, operations
from testkit.projecting import project

AMOUNT = "7654321"
"""An amount that stands nowhere else, so that a sum which holds it is recognised."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A service that holds records of `owner`: what to ask for, by parameters that name the record and by filters
    that find it, and what no stranger may read."""

    api: Api
    owner: str
    stranger: str
    known: dict[str, str]
    filters: list[dict[str, str]]
    secrets: list[str]

    @property
    def operations(self) -> list[Operation]:
        """The operations that need a token."""
        found = operations(self.api.app.openapi())
        return [each for each in found if each.path.startswith("/v1")]


class Company:
    """An owner in one team, a stranger in another, as events and as ids."""

    def __init__(self) -> None:
        self.history = History()
        self.history.sales_amount()
        self.period = self.history.period("2026-07", date(2026, 7, 1), date(2026, 8, 1), kind="month")
        self.history.pipeline()
        self.unit = self.history.unit("east")
        self.owner = self.history.person("E1", unit=self.unit)
        self.stranger = self.history.person("W1", unit=self.history.unit("west"))


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(
    company: Company, databases: Databases, migrations: Migrations, issuer: Issuer, jwks: Path
) -> AsyncIterator[dict[str, Guarded]]:
    """The services by name, each on a database of its own."""
    async with AsyncExitStack() as running:

        async def serve(service: Service) -> Api:
            database = await databases.clone(migrations.of(service))
            return await running.enter_async_context(serving(service, database, issuer, jwks))

        yield {
            "targets": await _targets(await serve(targets.main.service)),
            "opportunities": await _opportunities(await serve(opportunities.main.service), company),
            "leads": await _leads(await serve(leads.main.service), company),
            "alerts": await _alerts(await serve(alerts.main.service), company),
            "reporting": await _reporting(await serve(reporting.main.service), company),
        }


async def _hear(listening: Projector, history: History) -> None:
    await listening.ensure()
    await project(listening, history.events)
    await listening.close()


async def _targets(api: Api) -> Guarded:
    operations = api.client(Role.operations, "operations")

    async def make(path: str, **body: str) -> str:
        answer = await operations.post(f"/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    people = []
    for team in ("east", "west"):
        unit = await make("units", code=team, name=team, kind="team", effective_on="2020-01-01")
        person = {
            "code": f"{team}-1",
            "display_name": team,
            "role": "representative",
            "hired_on": "2020-01-01",
        }
        people.append(await make("people", **person, unit_id=unit))
    owner, stranger = people
    periods = await operations.get("/v1/calendar/periods", params={"kind": "month", "from": "2026-01-01"})
    first, second = (period["code"] for period in periods.json()["items"][:2])
    target = {"metric": "sales_amount", "subject_kind": "person", "subject_id": owner, "base": AMOUNT}
    published = await make("targets", **target, period=first)
    part = await make("targets", **target, period=second, parent_id=published)
    return Guarded(api, owner, stranger, {"id": published}, [{"person": owner}], [published, part, AMOUNT])


async def _opportunities(api: Api, company: Company) -> Guarded:
    await _hear(directory_projector(api.app.state.settings), company.history)
    operations, owner = api.client(Role.operations, "operations"), str(company.owner)
    opened = {"name": "Secret Customer", "owner_id": owner}
    customer = (await operations.post("/v1/customers", json=opened)).json()["id"]
    deal = {"title": "Secret Deal", "owner_id": owner, "customer_id": customer, "amount": AMOUNT}
    opportunity = (await operations.post("/v1/opportunities", json=deal)).json()["id"]
    for activity in (
        {"verb": "log_interaction", "kind": "visit", "direction": "outbound"},
        {"verb": "record_receipt", "amount": AMOUNT},
    ):
        row = {"opportunity_id": opportunity, **activity}
        await operations.post("/v1/opportunities:batch", json={"items": [row]})
    said = {"objection_code": "price", "text": "Secret objection"}
    raised = await operations.post(f"/v1/opportunities/{opportunity}/objections", json=said)
    assert raised.status_code == 201, raised.text
    known = {"customer_id": customer, "opportunity_id": opportunity, "objection_id": raised.json()["id"]}
    filters = [{"owner_id": owner}, {"unit_id": str(company.unit)}, {"text": "Secret"}]
    secrets = [customer, opportunity, AMOUNT, "Secret"]
    return Guarded(api, owner, str(company.stranger), known, filters, secrets)


async def _leads(api: Api, company: Company) -> Guarded:
    await _hear(directory_of_leads(api.app.state.settings), company.history)
    operations, owner = api.client(Role.operations, "operations"), str(company.owner)
    named = {"name_en": "Fair", "name_zh": "展会", "active": True}
    await operations.put("/v1/channels/fair", json=named, headers={"If-Match": "*"})
    captured = {
        "channel": "fair",
        "company": "Secret Company",
        "contact_name": "Secret Contact",
        "phone": "+86 138 7654 3210",
        "email": "secret@example.com",
        "owner_id": owner,
    }
    lead = (await operations.post("/v1/leads", json=captured)).json()["id"]
    contact = {"kind": "call", "summary": "Secret talk"}
    logged = await operations.post(f"/v1/leads/{lead}/contacts", json=contact)
    assert logged.status_code == 201, logged.text
    known = {"lead_id": lead, "channel": "fair"}
    filters = [{"owner_id": owner}, {"unit_id": str(company.unit)}, {"text": "Secret"}]
    secrets = [lead, "Secret", "8613876543210", "secret@example.com"]
    return Guarded(api, owner, str(company.stranger), known, filters, secrets)


async def _alerts(api: Api, company: Company) -> Guarded:
    """An opportunity of the owner that stalled for six days."""
    settings, now = api.app.state.settings, datetime.now(UTC)
    await _hear(directory_of_alerts(settings), company.history)
    story = History(now)
    deal = story.deal(company.owner)
    async with api.database.connect() as connection:
        rules = await connection.fetch("select envelope from messaging.ledger order by id")
    watching = watch_projector(settings)
    await project(watching, [*story.events, *(open_envelope(row["envelope"]) for row in rules)])
    await watching.close()
    async with api.app.state.database.transaction() as session:
        await raise_due(session, now + timedelta(days=6), ZoneInfo(settings.business_time_zone))
    listed = await api.client(Role.operations, "operations").get("/v1/incidents")
    [incident] = [each["id"] for each in listed.json()["items"]]
    known = {"incident_id": incident, "rule": "opportunity-stalled"}
    filters = [{"owner_id": str(company.owner)}, {"unit_id": str(company.unit)}, {"subject_id": str(deal.id)}]
    return Guarded(api, str(company.owner), str(company.stranger), known, filters, [incident, str(deal.id)])


_READING = """
with series as (
    insert into reading_series values ('sales_amount/person/' || $1::uuid, 1, 1, now()) returning code
)
insert into reading
select code, date '2026-06-29', 'sales_amount', 'person', $1, '2026-W27', $2, null, null, 'CNY', now(), 0 from series
"""
"""What a week of the owner came to."""


async def _reporting(api: Api, company: Company) -> Guarded:
    lead = company.history.lead(company.owner, at=date(2026, 7, 1)).converted()
    deal = company.history.deal(company.owner, at=date(2026, 7, 2), amount=int(AMOUNT), lead=lead).won()
    company.history.target("sales_amount", company.period, 9_876_543, person=company.owner)
    await _hear(projector(api.app.state.settings), company.history)
    async with api.database.connect() as connection:
        await connection.execute(_READING, company.owner, int(AMOUNT))
    owner, unit = str(company.owner), str(company.unit)
    doubted = await api.client(Role.representative, owner).post(
        "/v1/contradictions", json={"opportunity_id": str(deal.id)}
    )
    assert doubted.status_code == 201, doubted.text
    known = {
        "id": str(deal.id),
        "metric": "sales_amount",
        "period": company.period,
        "contradiction_id": doubted.json()["id"],
    }
    person = {"subject_kind": "person", "person_id": owner}
    filters = [{"unit_id": unit}, {"unit_code": "east"}, {"owner_id": owner}, person]
    secrets = [str(deal.id), owner, AMOUNT, "9876543"]
    return Guarded(api, owner, str(company.stranger), known, filters, secrets)
