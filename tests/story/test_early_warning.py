"""The story of a salesperson who falls behind, is noticed, coached, and comes out above the team.

Told by events alone: reporting reads the weeks, alerts hears the readings, people answer over HTTP. The clock is the
test's.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import alerts.main
import reporting.main
from alerts.incidents.watch import raise_due, resolve_over
from alerts.reactions import directory_projector
from alerts.timers.projector import watch_projector
from contracts import Received, Role, open_envelope
from contracts.leads import LeadCaptured, LeadConverted
from contracts.targets import CountOrSum, Ratio
from reporting.projector import SCHEMA
from reporting.readings.actions import Business, publish_readings
from reporting.worker import projector
from testkit.history import History
from testkit.http import Api
from testkit.projecting import project

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 7)
WEEK = timedelta(days=7)
TARGET = Decimal("0.5")


class Company:
    """Two people of a team, their manager, and a weekly target for the conversion of leads."""

    def __init__(self) -> None:
        told = self.history = History()
        told.working_time(2026)
        self.manager = told.person("M1", role=Role.supervisor)
        self.team = told.unit("team", manager=self.manager)
        told.move(self.manager, self.team, date(2020, 1, 1))
        self.a, self.b = told.person("A", unit=self.team), told.person("B", unit=self.team)
        for code, event in (("valid_leads", LeadCaptured), ("leads_converted", LeadConverted)):
            told.metric(code, CountOrSum(kind="count", event_type=event.type, credited_field="owner_id"))
        ratio = Ratio(kind="ratio", numerator="leads_converted", denominator="valid_leads")
        told.metric("lead_conversion", ratio, core=True)

    def week(self, number: int, *, a: int, b: int) -> None:
        """A week with ten leads each, of which so many were converted."""
        told, monday = self.history, FIRST + number * WEEK
        period = told.period(f"{monday:%G-W%V}", monday, monday + WEEK, kind="week")
        told.target("lead_conversion", period, TARGET, person=self.a)
        told.target("lead_conversion", period, TARGET, unit=self.team)
        for owner, converted in ((self.a, a), (self.b, b)):
            for lead in range(10):
                one = told.lead(owner, at=monday)
                if lead < converted:
                    one.converted(at=monday + timedelta(days=2))


class Story:
    """Reporting and alerts, each with what it has heard."""

    def __init__(self, company: Company, reports: Api, alarms: Api) -> None:
        self.company, self.reports, self.alarms = company, reports, alarms
        self.reporting = projector(reports.app.state.settings)
        self.watching = watch_projector(alarms.app.state.settings)
        self.told = 0
        self.said: dict[str, int] = {}

    async def week_ends(self, number: int) -> list[dict[str, Any]]:
        """The week is over: it is read, and what was read is heard. The incidents of the person."""
        now = datetime.combine(FIRST + (number + 1) * WEEK, time(0, 5), ZONE).astimezone(UTC)
        await project(self.reporting, self.company.history.events[self.told :])
        self.told = len(self.company.history.events)
        async with self.reports.database.connect() as connection:
            await connection.execute(f"update {SCHEMA}.consumer_position set heard_at = $1", now)
        database = self.reports.app.state.database
        async with database.connection() as connection, database.transaction() as session:
            await publish_readings(session, connection, now, Business(ZONE, "CNY"))
        heard = [*await self._ledger(self.alarms), *await self._ledger(self.reports)]
        await project(self.watching, heard)
        async with self.alarms.app.state.database.transaction() as session:
            await raise_due(session, datetime.now(UTC) + timedelta(hours=1), ZONE)
        async with self.alarms.app.state.database.transaction() as session:
            await resolve_over(session, ZONE)
        return await self.incidents(self.company.a)

    async def _ledger(self, api: Api) -> list[Received]:
        """What a service has said since the last time."""
        async with api.database.connect() as connection:
            rows = await connection.fetch(
                "select id, envelope from messaging.ledger where id > $1 order by id",
                self.said.get(api.database.name, 0),
            )
        self.said[api.database.name] = max(
            [self.said.get(api.database.name, 0), *(row["id"] for row in rows)]
        )
        return [open_envelope(row["envelope"]) for row in rows]

    async def incidents(self, person: UUID) -> list[dict[str, Any]]:
        client = self.alarms.client(Role.operations, "operations")
        answer = await client.get("/v1/incidents", params={"subject_id": str(person)})
        return list(answer.json()["items"])

    async def manager(self, incident: str, verb: str, **body: str) -> Any:
        """What the manager does, as far as it is accepted."""
        client = self.alarms.client(Role.supervisor, str(self.company.manager))
        return (await client.post(f"/v1/incidents/{incident}/{verb}", json=body)).json()

    async def close(self) -> None:
        await self.reporting.close()
        await self.watching.close()


@pytest.mark.capability("S118", "S119")
async def test_a_salesperson_under_seventy_percent_two_weeks_running_is_coached_and_comes_out_above_the_team(
    serve: Callable[..., Awaitable[Api]],
) -> None:
    company = Company()
    story = Story(company, await serve(reporting.main.service), await serve(alerts.main.service))
    directory = directory_projector(story.alarms.app.state.settings)
    await project(directory, company.history.events)
    await directory.close()

    company.week(0, a=3, b=5)
    assert await story.week_ends(0) == []
    company.week(1, a=3, b=5)
    [incident] = await story.week_ends(1)
    assert (incident["rule"], incident["figures"]) == ("core-metric-low", ["0.600000", "0.600000"])
    assert incident["assignee_id"] == str(company.manager)

    id = incident["id"]
    refused = await story.manager(id, "steps/team_rhythm/complete", finding_code="low_depth")
    assert refused["code"] == "step_not_next"
    await story.manager(id, "steps/external_factors/complete", finding_code="none_found")
    rhythm = "steps/team_rhythm/complete"
    await story.manager(id, rhythm, finding_code="conversation_depth", note="每日联系数达标,对话深度不足")
    await story.manager(id, "steps/decide_action/complete", finding_code="joint_visits_and_training")
    resolved = await story.manager(id, "resolve", outcome_code="coaching", note="资深顾问陪访,每周一次培训")
    assert (resolved["state"], resolved["outcome_code"]) == ("resolved", "coaching")

    company.week(2, a=4, b=5)
    company.week(3, a=8, b=5)
    assert len(await story.week_ends(3)) == 1
    readings = (
        await story.reports.client(Role.director, "d").get(
            "/v1/readings", params={"metric": "lead_conversion", "from": str(FIRST + 3 * WEEK)}
        )
    ).json()["items"]
    by_kind = {row["subject_kind"]: Decimal(row["value"]) for row in readings}
    assert by_kind["person"] == Decimal("0.8") > by_kind["unit"] == Decimal("0.65")
    await story.close()
