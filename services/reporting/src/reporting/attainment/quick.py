"""The figure of one unit in a single journey to PostgreSQL: what a director or a team leader asks all day.

Names seldom change what they stand for, so what a question settled to is remembered. The next one asks for the figure
of those values and, in the same statement and view of the data, what it settles to now: the figure counts only if that
is the same. Nothing remembered is ever shown.
"""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.dates import RequestDay
from reporting.attainment.answers import AttainmentAnswer
from reporting.attainment.assembly import answer_of
from reporting.attainment.queries import settled_and_alone
from reporting.attainment.question import AttainmentQuestion, Settled
from reporting.attainment.rules import TargetView
from reporting.moments import asked_span, current_moment
from reporting.viewer import DEAL_READERS, current_viewer
from runtime import PageRequest
from runtime.quick_reads import Question, QuickRead

REMEMBERED_MOST = 1_000
"""Questions: a few kilobytes each."""


class UnitParameters(BaseModel):
    """The parameters of attainment that name a unit, a metric and a period."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    unit_id: UUID | None = None
    unit_code: str | None = None
    period: str | None = None
    starts_on: RequestDay | None = Field(None, alias="from")
    ends_on: RequestDay | None = Field(None, alias="to")
    target: TargetView = TargetView.current


_remembered: dict[UnitParameters, Settled] = {}
"""What the questions that were asked in this process settled to."""


def _remember(asked: UnitParameters, settled: Settled) -> None:
    while len(_remembered) >= REMEMBERED_MOST:
        del _remembered[next(iter(_remembered))]
    _remembered[asked] = settled


async def _attainment(asked: Question[UnitParameters]) -> AttainmentAnswer | None:
    named, database = asked.parameters, asked.database
    question = AttainmentQuestion(
        viewer=await current_viewer(asked.principal),
        moment=await current_moment(database),
        asked_span=await asked_span(named.period, named.starts_on, named.ends_on),
        metric=named.metric,
        unit_id=named.unit_id,
        unit_code=named.unit_code,
        target=named.target,
    )
    if not question.names_unit:
        return None
    currency = database.settings.reporting_currency
    before = _remembered.get(named)
    async with database.connection(keeping_plans=True) as connection:
        if before is None:
            before = await question.settle(connection)
            _remember(named, before)
        known = question.again(before)
        query = settled_and_alone(question.attribution, whole=known.whole)
        values: dict[str, Any] = {f"asked_{name}": value for name, value in question.named().items()}
        found = await query.row(connection, **values, **known.values, reporting_currency=currency)
    assert found is not None, "a question settles to one row"
    settled = question.settled(found)
    if settled.means(known):
        return answer_of(settled, [found], PageRequest(), currency)
    _remember(named, settled)
    return None


quick_reads: list[QuickRead[Any]] = [QuickRead("/v1/attainment", UnitParameters, DEAL_READERS, _attainment)]
