"""The channel report over HTTP."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse

from reporting.channels.answers import ChannelAnswer, ChannelRow
from reporting.channels.assembly import channels
from reporting.channels.queries import channel_rows
from reporting.conversion import in_a_cell
from reporting.deals import Reach
from reporting.freshness import CurrentFreshness, waits
from reporting.leads.api import LeadQuestion
from reporting.moments import CurrentSpan
from reporting.viewer import deals_only
from runtime import AnswerFormat, CurrentDatabase, Router, Snapshot, csv_answer
from runtime.dependencies import at_once

router = Router(prefix="/v1/reports", tags=["reports"], dependencies=[deals_only, waits])


class ChannelSort(StrEnum):
    """By what the channels are ordered; with a minus the other way round."""

    leads = "leads"
    most_leads = "-leads"
    won = "won"
    most_won = "-won"
    channel = "channel"
    channel_backwards = "-channel"


@router.get("/channels", response_model=ChannelAnswer)
async def read_channels(
    question: Annotated[LeadQuestion, Depends(at_once(LeadQuestion))],
    asked_span: CurrentSpan,
    format: AnswerFormat,  # noqa: A002
    database: CurrentDatabase,
    snapshot: Snapshot,
    freshness: CurrentFreshness,
    sort: Annotated[
        ChannelSort, Parameter(description="with a minus: the largest first")
    ] = ChannelSort.most_leads,
) -> ChannelAnswer | StreamingResponse:
    """Each channel by the leads captured in the period: share, first visits, wins, cost of a lead and of a win, value.

    Costs are the channel's whole: they are shown where all its leads are.
    """
    span, currency = await asked_span.find(snapshot), database.settings.reporting_currency
    values = await question.settle(snapshot) | span.bounds(question.moment) | {"reporting_currency": currency}
    # A channel's share is of all of them, whichever are shown.
    every = await channel_rows(question.reach, question.attribution).rows(
        snapshot, **values | {"channel": None}
    )
    whole = question.reach is Reach.everything and not (question.owner_id or question.product_line)
    shown = [row for row in every if (whole or row["leads"]) and question.channel in (None, row["code"])]
    leads = sum(row["leads"] for row in every)
    items, total = channels(shown, leads, currency, costs=whole)
    key, backwards = sort.removeprefix("-"), sort.startswith("-")
    items.sort(key=lambda row: row.channel)
    items.sort(key=lambda row: getattr(row, key), reverse=backwards)
    if format == "csv":
        return csv_answer(items, _columns(currency), filename="channels.csv", headers=freshness.headers)
    return ChannelAnswer(
        period=span,
        attribution=question.attribution,
        as_of=question.moment.as_of,
        items=items,
        total=total,
        freshness=freshness,
    )


def _columns(currency: str) -> Mapping[str, Callable[[ChannelRow], Any]]:
    def amount(name: str) -> Callable[[ChannelRow], Any]:
        def of(row: ChannelRow) -> Any:
            money = getattr(row, name)
            return money and money.amount

        return of

    return {
        "channel": lambda row: row.channel,
        "name_en": lambda row: row.name_en,
        "name_zh": lambda row: row.name_zh,
        "leads": lambda row: row.leads,
        "share": lambda row: row.share.value,
        "valid": lambda row: row.valid,
        "visited": lambda row: row.visited,
        "first_visit_conversion": lambda row: row.first_visit_conversion.value,
        "converted": lambda row: row.converted,
        "won": lambda row: row.won,
        "win_rate": lambda row: row.win_rate.value,
        **{name: amount(name) for name in ("value", "cost", "cost_per_lead", "cost_per_win")},
        "currency": lambda row: currency,
        "errors": lambda row: in_a_cell(row.errors),
    }
