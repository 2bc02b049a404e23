"""A company whose opportunities stall, and whose teams have weak weeks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from httpx2 import Response

from contracts import Role
from contracts.reporting import ReadingPublished
from contracts.targets import Direction, SubjectKind
from testkit.history import History
from testkit.http import Api

told = History()
DORA = told.person("D1", role=Role.director)
COMPANY = told.unit("company", kind="company", manager=DORA)
SUE = told.person("S1", role=Role.supervisor)
EAST = told.unit("east", parent=COMPANY, manager=SUE)
told.move(SUE, EAST, date(2020, 1, 1))
WEST = told.unit("west", parent=COMPANY)
WANG = told.person("E1", unit=EAST)
LI = told.person("E2", unit=EAST)
ZHAO = told.person("E3", unit=WEST)
told.move(WANG, WEST, date(2026, 6, 10))


def june(day: float) -> datetime:
    """Days after the first of June, at midnight in Shanghai."""
    return datetime(2026, 5, 31, 16, tzinfo=UTC) + timedelta(days=day - 1)


SIX_DAYS_THEN_WON = told.deal(WANG, at=june(1)).interaction(june(7)).won(1, june(10)).id
ELEVEN_DAYS_THEN_LOST = told.deal(WANG, at=june(1)).lost(at=june(12)).id
LIVELY_THEN_WON = told.deal(LI, at=june(1)).interaction(june(4)).interaction(june(8)).won(1, june(10)).id
STILL_SILENT = told.deal(ZHAO, at=june(2)).interaction(june(3)).id
SILENT_SINCE_JANUARY = told.deal(ZHAO, at=date(2026, 1, 1)).id
IMPORTED = told.deal(LI, at=june(1), imported=True).id


def weeks(unit: UUID, *attainments: str) -> None:
    """Weekly readings of a unit, from the first Monday of June on."""
    for number, attainment in enumerate(attainments):
        monday = date(2026, 6, 1) + timedelta(days=7 * number)
        reading = ReadingPublished(
            series=f"sales_amount/unit/{unit}",
            metric="sales_amount",
            metric_version=1,
            core=True,
            direction=Direction.higher_is_better,
            subject_kind=SubjectKind.unit,
            subject_id=unit,
            period=f"2026-W{23 + number}",
            starts_on=monday,
            ends_on=monday + timedelta(days=7),
            value=Decimal(attainment) * 100_000,
            target=Decimal(100_000),
            attainment=Decimal(attainment),
            currency="CNY",
            restated=False,
        )
        told.say(reading, june(8 + 7 * number) + timedelta(minutes=5))


weeks(EAST, "0.68", "0.66", "0.90")
weeks(WEST, "0.64", "0.60", "0.50")

SPAN = {"from": "2026-06-01", "to": "2026-07-01"}


@dataclass(frozen=True, slots=True)
class Judging:
    """The service as those who judge its rules use it."""

    api: Api

    async def ask(self, rule: str, role: Role = Role.director, who: UUID = DORA, **body: Any) -> Response:
        """A backtest of June, whatever comes of it."""
        client = self.api.client(role, str(who))
        return await client.post(f"/v1/rules/{rule}/backtest", json={**SPAN, **body})

    async def run(self, rule: str, role: Role = Role.director, who: UUID = DORA, **body: Any) -> Any:
        """A backtest of June that succeeds."""
        answer = await self.ask(rule, role, who, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()
