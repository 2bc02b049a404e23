"""The built-in metrics. They are data like any other: an operator may state the next version of each."""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.targets import Condition, CountOrSum, Direction, Ratio
from runtime import Precondition
from targets.metrics import queries
from targets.metrics.actions import define_metric
from targets.metrics.commands import MetricDefinition

DIMENSIONS = ("product_line", "channel")
LEAD_DIMENSIONS = (*DIMENSIONS, "campaign", "level")


async def seed_metrics(session: AsyncSession, by: str) -> None:
    """Defines the built-in metrics that are not known yet."""
    known = await queries.definitions(session)
    for metric in built_in():
        if metric.code not in known:
            await define_metric(session, metric, Precondition(None), by)


def built_in() -> Iterator[MetricDefinition]:
    """The metrics that every instance begins with; ratios after their parts."""
    won, receipt = "opportunities.opportunity.won.v1", "opportunities.receipt.recorded.v1"
    yield _metric("sales_amount", "Sales amount", "销售额", _sum(won, "amount", "currency"), core=True)
    yield _metric("won_count", "Opportunities won", "成交数", _count(won, *DIMENSIONS), core=True)
    yield _metric(
        "collected_amount",
        "Collected amount",
        "回款额",
        _sum(receipt, "received_amount", "received_currency"),
        core=True,
    )
    yield _metric(
        "opportunities_opened",
        "Opportunities opened",
        "新建商机数",
        _count("opportunities.opportunity.opened.v1", *DIMENSIONS),
    )
    yield _metric(
        "opportunities_lost",
        "Opportunities lost",
        "丢单数",
        _count("opportunities.opportunity.lost.v1", *DIMENSIONS, "reason_code"),
        direction=Direction.lower_is_better,
    )
    yield _metric(
        "new_customers",
        "New customers",
        "新客户数",
        _count("opportunities.customer.opened.v1", "sector", "country"),
    )
    yield _metric("interactions", "Interactions", "客户互动数", _interactions())
    for kind, code, en, zh in (
        ("visit", "visits", "Visits", "拜访次数"),
        ("demo", "demos", "Demos", "演示次数"),
        ("meeting", "meetings", "Meetings", "会议次数"),
        ("call", "calls", "Calls", "通话次数"),
    ):
        yield _metric(code, en, zh, _interactions(kind))
    yield from _of_leads()
    yield _metric("win_rate", "Win rate", "赢单率", _ratio("won_count", "opportunities_opened"))
    yield _metric("average_order_value", "Average order value", "客单价", _ratio("sales_amount", "won_count"))
    yield _metric("collection_rate", "Collection rate", "回款率", _ratio("collected_amount", "sales_amount"))


def _of_leads() -> Iterator[MetricDefinition]:
    """What is counted of leads. A first visit on the opportunity of a lead counts in the report of channels alone."""
    captured, contact = "leads.lead.captured.v1", "leads.contact.logged.v1"
    converted = "leads.lead.converted.v1"
    for code, en, zh, event_type, conditions in (
        ("leads_captured", "Leads captured", "获取线索数", captured, {}),
        ("valid_leads", "Valid leads", "有效线索数", captured, {"valid": True}),
        ("lead_contacts", "Contacts with leads", "线索联系次数", contact, {"outcome": "completed"}),
        ("first_visits", "First visits", "初访数", contact, {"first_visit": True}),
        ("leads_converted", "Leads converted", "转化线索数", converted, {}),
    ):
        counted = _count(event_type, *LEAD_DIMENSIONS).model_copy(
            update={
                "conditions": [
                    Condition(field=field, operator="eq", value=value) for field, value in conditions.items()
                ]
            }
        )
        yield _metric(code, en, zh, counted)
    yield _metric(
        "leads_discarded",
        "Leads discarded",
        "废弃线索数",
        _count("leads.lead.discarded.v1", *LEAD_DIMENSIONS, "reason_code"),
        direction=Direction.lower_is_better,
    )
    yield _metric(
        "lead_conversion", "Lead conversion", "线索转化率", _ratio("leads_converted", "valid_leads")
    )


def _metric(
    code: str,
    en: str,
    zh: str,
    definition: CountOrSum | Ratio,
    *,
    direction: Direction = Direction.higher_is_better,
    core: bool = False,
) -> MetricDefinition:
    return MetricDefinition(
        code=code, name_en=en, name_zh=zh, direction=direction, core=core, definition=definition
    )


def _count(event_type: str, *dimensions: str) -> CountOrSum:
    return CountOrSum(
        kind="count", event_type=event_type, credited_field="owner_id", dimensions=list(dimensions)
    )


def _sum(event_type: str, value_field: str, currency_field: str) -> CountOrSum:
    return CountOrSum(
        kind="sum",
        event_type=event_type,
        value_field=value_field,
        currency_field=currency_field,
        credited_field="owner_id",
        dimensions=list(DIMENSIONS),
    )


def _interactions(kind: str | None = None) -> CountOrSum:
    logged = "opportunities.interaction.logged.v1"
    if kind is None:
        return _count(logged, *DIMENSIONS, "interaction_kind")
    condition = Condition(field="interaction_kind", operator="eq", value=kind)
    return _count(logged, *DIMENSIONS).model_copy(update={"conditions": [condition]})


def _ratio(numerator: str, denominator: str) -> Ratio:
    return Ratio(kind="ratio", numerator=numerator, denominator=denominator)
