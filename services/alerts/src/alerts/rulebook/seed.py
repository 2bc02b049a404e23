"""The rules that every installation begins with. They are data like any other: an operator may state the next
version of each, or take it out of force.
"""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from alerts.rulebook.actions import current_version, define_rule
from alerts.rulebook.commands import DefineRule
from contracts import Event
from contracts.alerts import (
    Compared,
    EscalationStep,
    ReadingRule,
    Recipient,
    ResponseStep,
    TimerRule,
    Trigger,
)
from contracts.leads import ContactLogged, LeadCaptured, LeadConverted, LeadDiscarded
from contracts.opportunities import (
    InteractionLogged,
    ObjectionAnswered,
    ObjectionRaised,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityLost,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageChanged,
    OpportunityVoided,
    OpportunityWon,
)
from contracts.reporting import HealthMeasure, ProjectionAgreed, ProjectionDrifted
from contracts.targets import Condition, Direction
from runtime import Precondition

HOUR, DAY = 3_600, 86_400
ESCALATION = [EscalationStep(after_days=days) for days in (3, 5, 7)]
"""X7: whoever is responsible, then the manager, then the next one above."""


async def seed_rules(session: AsyncSession, by: str) -> None:
    """Defines the default rules that are not known yet."""
    for code, rule in defaults():
        if await current_version(session, code) is None:
            await define_rule(session, code, rule, Precondition(None), by=by)


def defaults() -> Iterator[tuple[str, DefineRule]]:
    """The default rules by their codes."""
    yield (
        "opportunity-stalled",
        DefineRule(
            name_en="Opportunity stalled for more than 5 days",
            name_zh="商机停滞超过 5 天",
            definition=TimerRule(
                kind="timer",
                starts=[_on(OpportunityOpened), _on(OpportunityReopened), REVIVED],
                resets=[
                    _on(OpportunityStageChanged),
                    _on(OpportunityAmountChanged),
                    _on(OpportunityCloseDateMoved),
                    _on(InteractionLogged),
                ],
                ends=CLOSED,
                after_seconds=5 * DAY,
            ),
            recipient=Recipient.manager,
            escalation=ESCALATION,
        ),
    )
    yield (
        "customer-silent",
        DefineRule(
            name_en="No answer of the customer for more than 48 hours",
            name_zh="客户超过 48 小时未回复",
            definition=TimerRule(
                kind="timer",
                starts=[_on(InteractionLogged, _is("direction", "outbound"))],
                ends=[_on(InteractionLogged, _among("direction", "inbound", "mutual")), *CLOSED],
                after_seconds=48 * HOUR,
            ),
            recipient=Recipient.owner,
            escalation=ESCALATION,
        ),
    )
    yield (
        "objection-unanswered",
        DefineRule(
            name_en="Objection not answered within 24 hours",
            name_zh="客户异议 24 小时内未回复",
            definition=TimerRule(
                kind="timer",
                starts=[_on(ObjectionRaised)],
                ends=[_on(ObjectionAnswered), *CLOSED],
                keyed_by="objection_id",
                after_seconds=24 * HOUR,
            ),
            recipient=Recipient.owner,
            escalation=ESCALATION,
        ),
    )
    yield (
        "lead-uncontacted",
        DefineRule(
            name_en="Lead without a first contact within 24 hours",
            name_zh="线索 24 小时内未首次联系",
            definition=TimerRule(
                kind="timer",
                starts=[_on(LeadCaptured)],
                ends=[_on(ContactLogged), _on(LeadDiscarded), _on(LeadConverted)],
                after_seconds=24 * HOUR,
            ),
            recipient=Recipient.owner,
            escalation=ESCALATION,
        ),
    )
    yield (
        "core-metric-low",
        DefineRule(
            name_en="Core metric below 70 % of its target two weeks running",
            name_zh="核心指标连续两周低于目标的 70%",
            definition=ReadingRule(
                kind="reading",
                compared=Compared.attainment,
                direction=Direction.higher_is_better,
                alert=Decimal("0.7"),
                periods=2,
            ),
            recipient=Recipient.manager,
            escalation=ESCALATION,
            steps=RESPONSE_FLOW,
        ),
    )
    yield (
        "figures-drift",
        DefineRule(
            name_en="Figures differ from the facts that they follow from",
            name_zh="报表数据与事实不一致",
            definition=TimerRule(
                kind="timer",
                starts=[_on(ProjectionDrifted)],
                ends=[_on(ProjectionAgreed)],
                keyed_by="table",
                after_seconds=60,
            ),
            recipient=Recipient.manager,
            escalation=ESCALATION,
        ),
    )
    yield from _health()


CLOSED = [
    Trigger(event_type=OpportunityWon.type),
    Trigger(event_type=OpportunityLost.type),
    Trigger(
        event_type=OpportunityVoided.type,
        conditions=[Condition(field="undone", operator="eq", value="opportunity")],
    ),
]
"""What ends an opportunity."""

REVIVED = Trigger(
    event_type=OpportunityVoided.type,
    conditions=[Condition(field="undone", operator="in", value=["win", "loss"])],
)
"""A win or loss that was a mistake: the opportunity is open again."""

RESPONSE_FLOW = [
    ResponseStep(
        code="external_factors",
        name_en="Look for external causes: policy, a competitor's price cut",
        name_zh="检查外部因素:政策变化、竞品降价等",
        due_after_hours=24,
    ),
    ResponseStep(
        code="team_rhythm",
        name_en="Then the team's rhythm: backlog of high intent, quotes without follow-up",
        name_zh="评估团队执行节奏:高意向客户积压、报价后无后续动作",
        due_after_hours=48,
    ),
    ResponseStep(
        code="decide_action",
        name_en="Decide what is done: coaching, joint visits, another target",
        name_zh="决定措施:辅导、陪访、调整目标等",
        due_after_hours=72,
    ),
]
"""S119: external causes first, then the team's rhythm."""


def _health() -> Iterator[tuple[str, DefineRule]]:
    """The health table F2: green at or better than the first number, red strictly beyond the second."""
    rows = (
        (
            HealthMeasure.first_visit_conversion,
            "health-first-visit-conversion",
            "Lead to first visit conversion below 25 %",
            "线索到初访转化率低于 25%",
            Direction.higher_is_better,
            ("0.4", "0.25"),
        ),
        (
            HealthMeasure.stage_dwell,
            "health-stage-dwell",
            "Opportunities stay in a stage for more than 12 days",
            "商机平均停留时长超过 12 天/阶段",
            Direction.lower_is_better,
            ("7", "12"),
        ),
        (
            HealthMeasure.response_interval,
            "health-response-interval",
            "Customers wait for more than 72 hours",
            "客户响应间隔超过 72 小时",
            Direction.lower_is_better,
            ("24", "72"),
        ),
    )
    for measure, code, en, zh, direction, (healthy, alert) in rows:
        yield (
            code,
            DefineRule(
                name_en=en,
                name_zh=zh,
                definition=ReadingRule(
                    kind="reading",
                    metrics=[measure.value],
                    compared=Compared.value,
                    direction=direction,
                    healthy=Decimal(healthy),
                    alert=Decimal(alert),
                    periods=1,
                ),
                recipient=Recipient.manager,
                escalation=ESCALATION,
            ),
        )


def _on(event: type[Event], *conditions: Condition) -> Trigger:
    return Trigger(event_type=event.type, conditions=list(conditions))


def _is(field: str, value: str) -> Condition:
    return Condition(field=field, operator="eq", value=value)


def _among(field: str, *values: str) -> Condition:
    return Condition(field=field, operator="in", value=list(values))
