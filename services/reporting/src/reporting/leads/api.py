"""The lead funnel over HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from asyncpg import Connection
from fastapi import Depends
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse

from reporting.deals import DealQuestion
from reporting.figures import ratio
from reporting.freshness import CurrentFreshness, waits
from reporting.leads.answers import LeadFunnelAnswer, LeadFunnelRow, LeadStep
from reporting.leads.queries import funnel
from reporting.moments import CurrentSpan
from reporting.viewer import deals_only
from runtime import AnswerFormat, Router, Snapshot, csv_answer
from runtime.dependencies import at_once

router = Router(prefix="/v1/funnels", tags=["funnels"], dependencies=[deals_only, waits])

NAMES = {
    LeadStep.captured: ("Captured", "获取线索"),
    LeadStep.valid: ("Valid", "有效线索"),
    LeadStep.assigned: ("Assigned", "已分配"),
    LeadStep.contacted: ("Contacted", "已联系"),
    LeadStep.qualified: ("Qualified", "已确认"),
    LeadStep.visited: ("First visit", "已初访"),
    LeadStep.converted: ("Converted", "转为商机"),
    LeadStep.won: ("Won", "成交"),
    LeadStep.lost: ("Lost", "丢单"),
    LeadStep.discarded: ("Discarded", "已废弃"),
    LeadStep.open: ("Open", "进行中"),
}


@dataclass(frozen=True)
class LeadQuestion(DealQuestion):
    """Which leads a report is of. As was: of who had a lead first; as is: of who has it today, or had it last."""

    campaign: Annotated[str | None, Parameter(description="code of the campaign that they came from")] = None

    async def settle(self, connection: Connection) -> dict[str, Any]:
        """The parameters of the queries. Raises `NotFound` for a unit whose figures the asker does not see."""
        return {**await super().settle(connection), "campaign": self.campaign}


@router.get("/leads", response_model=LeadFunnelAnswer)
async def read_lead_funnel(
    question: Annotated[LeadQuestion, Depends(at_once(LeadQuestion))],
    asked_span: CurrentSpan,
    format: AnswerFormat,  # noqa: A002
    snapshot: Snapshot,
    freshness: CurrentFreshness,
) -> LeadFunnelAnswer | StreamingResponse:
    """The leads captured in the period, followed to `as_of`: how many were valid, contacted, visited, won.

    First visit is the first completed visit, meeting or demo on the lead or on its opportunity.
    """
    span = await asked_span.find(snapshot)
    values = await question.settle(snapshot) | span.bounds(question.moment)
    counted = await funnel(question.reach, question.attribution).row(snapshot, **values)
    assert counted is not None, "an aggregate has a row"
    items = [
        LeadFunnelRow(
            step=step,
            name_en=NAMES[step][0],
            name_zh=NAMES[step][1],
            leads=counted[step],
            of_captured=ratio(counted[step], counted["captured"]),
        )
        for step in LeadStep
    ]
    if format == "csv":
        return csv_answer(items, _COLUMNS, filename="funnel-leads.csv", headers=freshness.headers)
    return LeadFunnelAnswer(
        period=span,
        attribution=question.attribution,
        as_of=question.moment.as_of,
        items=items,
        first_visit_conversion=ratio(counted["valid_visited"], counted["valid"]),
        win_rate=ratio(counted["won"], counted["captured"]),
        freshness=freshness,
    )


_COLUMNS: Mapping[str, Callable[[LeadFunnelRow], Any]] = {
    "step": lambda row: row.step,
    "name_en": lambda row: row.name_en,
    "name_zh": lambda row: row.name_zh,
    "leads": lambda row: row.leads,
    "of_captured": lambda row: row.of_captured.value,
}
