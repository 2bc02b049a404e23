"""What the alerts service says: rules, incidents, webhooks and what they were told."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.declaration import Event, event
from contracts.fields import (
    OPPORTUNITY,
    OTHER_PERSON,
    THING,
    AddressCode,
    Code,
    IncidentId,
    Instant,
    Name,
    Number,
    PersonId,
    ReasonCode,
    UnitId,
)
from contracts.targets import Condition, Direction

# --- rules -------------------------------------------------------------------------------------------


class Clock(StrEnum):
    """What a duration is counted in: every second, or the seconds of working days alone."""

    elapsed = "elapsed"
    working = "working"


class Trigger(BaseModel):
    """A kind of fact: an event type, and conditions on its data that must all hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: Annotated[str, Field(examples=["opportunities.opportunity.opened.v1"])]
    conditions: list[Condition] = []


class TimerRule(BaseModel):
    """Fires when nothing happens for longer than `after_seconds`.

    The clock of a record starts with a fact of `starts`, begins anew with one of `starts` or `resets`, and ends with
    one of `ends`. A fact that was imported starts no clock: the first live fact of `starts` or `resets` after it does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["timer"]
    starts: Annotated[list[Trigger], Field(min_length=1)]
    resets: list[Trigger] = []
    ends: list[Trigger] = []
    keyed_by: Annotated[
        str | None,
        Field(
            description="A field of the events: each of its values has a clock of its own within the record; an ending "
            "fact without the field ends them all",
            examples=["objection_id"],
        ),
    ] = None
    after_seconds: Annotated[int, Field(ge=1, description="Fires strictly later", examples=[432_000])]
    clock: Annotated[Clock, Field(examples=[Clock.elapsed])] = Clock.elapsed
    conditions: Annotated[
        list[Condition], Field(description="On the record as its last fact left it; all must hold")
    ] = []


class Compared(StrEnum):
    """What of a reading is compared."""

    attainment = "attainment"
    value = "value"


class ReadingRule(BaseModel):
    """Fires when the readings of `periods` finished weeks in a row lie strictly beyond `alert`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["reading"]
    metrics: Annotated[
        list[Code], Field(description="Empty: every metric that is marked core", examples=[["sales_amount"]])
    ] = []
    compared: Annotated[Compared, Field(examples=[Compared.attainment])]
    direction: Annotated[Direction, Field(examples=[Direction.higher_is_better])]
    healthy: Annotated[
        Number | None, Field(description="Green at or better; null: no band between", examples=["0.400000"])
    ] = None
    alert: Annotated[Number, Field(description="Red strictly beyond", examples=["0.250000"])]
    periods: Annotated[int, Field(ge=1, le=52, examples=[2])] = 1


class Recipient(StrEnum):
    """Whom an incident goes to: who owns the record, or who leads the owner's unit or the unit itself."""

    owner = "owner"
    manager = "manager"


class ResponseStep(BaseModel):
    """A step of the response flow (S119); they are done in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[ReasonCode, Field(examples=["external_factors"])]
    name_en: Annotated[Name, Field(examples=["Policy changes and competitors' prices"])]
    name_zh: Annotated[Name, Field(examples=["政策变化、竞品降价等外部因素"])]
    due_after_hours: Annotated[int, Field(ge=1, description="After the incident was raised", examples=[24])]


class EscalationStep(BaseModel):
    """When an incident that nobody took up goes to the next one in charge (X7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_days: Annotated[int, Field(ge=1, description="After the incident was raised", examples=[3])]


@event("alerts.rule.defined.v1", root="rule", en="A version of a rule was defined", zh="预警规则版本已定义")
class RuleDefined(Event):
    rule: Annotated[AddressCode, Field(examples=["opportunity-stalled"])]
    rule_version: Annotated[int, Field(ge=1, examples=[1])]
    name_en: Annotated[Name, Field(examples=["Opportunity stalled for more than 5 days"])]
    name_zh: Annotated[Name, Field(examples=["商机停滞超过 5 天"])]
    active: Annotated[bool, Field(examples=[True])]
    definition: Annotated[
        TimerRule | ReadingRule,
        Field(
            discriminator="kind",
            examples=[
                {
                    "kind": "timer",
                    "starts": [{"event_type": "opportunities.opportunity.opened.v1"}],
                    "ends": [{"event_type": "opportunities.opportunity.won.v1"}],
                    "after_seconds": 432_000,
                }
            ],
        ),
    ]
    recipient: Annotated[Recipient, Field(examples=[Recipient.manager])]
    escalation: Annotated[list[EscalationStep], Field(description="In the order of their days")]
    steps: Annotated[list[ResponseStep], Field(description="In their order")]


# --- incidents ---------------------------------------------------------------------------------------


class IncidentState(StrEnum):
    """Where an incident stands."""

    open = "open"
    acknowledged = "acknowledged"
    snoozed = "snoozed"
    resolved = "resolved"


class IncidentSubject(StrEnum):
    """What an incident is about."""

    opportunity = "opportunity"
    lead = "lead"
    unit = "unit"
    person = "person"


class Incident(Event):
    """The incident as it stands after the fact."""

    incident_id: IncidentId
    rule: Annotated[AddressCode, Field(examples=["opportunity-stalled"])]
    rule_version: Annotated[int, Field(ge=1, examples=[1])]
    subject_kind: Annotated[IncidentSubject, Field(examples=[IncidentSubject.opportunity])]
    subject_id: Annotated[UUID, Field(description="The record, unit or person", examples=[OPPORTUNITY])]
    key: Annotated[
        str | None,
        Field(
            description="Which of several within the subject: an objection, a metric", examples=[str(THING)]
        ),
    ]
    owner_id: Annotated[PersonId | None, Field(description="Who owned the record when it was raised")]
    unit_id: Annotated[UnitId | None, Field(description="The owner's unit then, or the unit itself")]
    assignee_id: Annotated[PersonId | None, Field(description="Who is to act; null: nobody is known")]
    state: Annotated[IncidentState, Field(examples=[IncidentState.open])]
    level: Annotated[int, Field(ge=0, description="How often it was escalated", examples=[0])]


@event("alerts.incident.raised.v1", root="incident_id", en="An incident was raised", zh="预警事件已触发")
class IncidentRaised(Incident):
    since: Annotated[
        Instant, Field(description="When the episode began: the last sign of life, or the first week")
    ]
    due_at: Annotated[Instant, Field(description="When the rule's patience ended; it fired after that")]
    evidence: Annotated[
        list[UUID],
        Field(
            description="The events that it rests on: the sign of life, or the readings", examples=[[THING]]
        ),
    ]
    figures: Annotated[
        list[Number],
        Field(description="Of a reading rule: what was compared, week by week", examples=[["0.69"]]),
    ]


@event(
    "alerts.incident.acknowledged.v1",
    root="incident_id",
    en="Somebody has taken an incident up",
    zh="预警事件已确认",
)
class IncidentAcknowledged(Incident):
    pass


@event("alerts.incident.snoozed.v1", root="incident_id", en="An incident waits", zh="预警事件已暂缓")
class IncidentSnoozed(Incident):
    until: Instant


@event(
    "alerts.incident.assigned.v1", root="incident_id", en="An incident goes to another", zh="预警事件已转派"
)
class IncidentAssigned(Incident):
    previous_assignee_id: Annotated[PersonId | None, Field(examples=[OTHER_PERSON])]


@event(
    "alerts.incident.escalated.v1",
    root="incident_id",
    en="An incident that nobody took up goes to the next one in charge",
    zh="预警事件已升级",
)
class IncidentEscalated(Incident):
    previous_assignee_id: Annotated[PersonId | None, Field(examples=[OTHER_PERSON])]


@event(
    "alerts.incident.step_completed.v1",
    root="incident_id",
    en="A step of the response flow is done",
    zh="响应流程步骤已完成",
)
class IncidentStepCompleted(Incident):
    step: Annotated[ReasonCode, Field(examples=["external_factors"])]
    finding_code: Annotated[
        ReasonCode, Field(description="What was found", examples=["competitor_price_cut"])
    ]
    completed_by_id: Annotated[PersonId | None, Field(description="Who did it, when it was a person")]


@event("alerts.incident.resolved.v1", root="incident_id", en="An incident is resolved", zh="预警事件已解决")
class IncidentResolved(Incident):
    outcome_code: Annotated[
        ReasonCode,
        Field(
            description="What came of it; `sign_of_life`, `closed` or `recovered` where a fact resolved it",
            examples=["coaching"],
        ),
    ]
    resolving_event_id: Annotated[
        UUID | None, Field(description="The fact that resolved it; null: a person did", examples=[THING])
    ]


# --- webhooks ----------------------------------------------------------------------------------------


class WebhookAttributes(Event):
    """A webhook as it stands. Its address stays in the service: it may hold a key."""

    webhook_id: Annotated[UUID, Field(description="The webhook", examples=[THING])]
    event_types: Annotated[list[str], Field(examples=[["alerts.incident.raised.v1"]])]
    active: Annotated[bool, Field(examples=[True])]


@event("alerts.webhook.defined.v1", root="webhook_id", en="A webhook was defined or changed", zh="回调已设定")
class WebhookDefined(WebhookAttributes):
    pass


@event("alerts.webhook.disabled.v1", root="webhook_id", en="A webhook is called no more", zh="回调已停用")
class WebhookDisabled(WebhookAttributes):
    reason_code: Annotated[ReasonCode, Field(examples=["gone"])]


@event("alerts.webhook.tested.v1", root="webhook_id", en="A webhook is sent a test", zh="回调测试已发送")
class WebhookTested(WebhookAttributes):
    """It is delivered to this webhook alone, whatever types it asks for."""


@event(
    "alerts.webhook.secret_rotated.v1",
    root="webhook_id",
    en="A webhook has a new secret",
    zh="回调密钥已轮换",
)
class WebhookSecretRotated(WebhookAttributes):
    previous_until: Annotated[Instant, Field(description="Until then the previous secret signs as well")]


class NotificationAttributes(Event):
    """An event's way to a webhook."""

    delivery_id: Annotated[UUID, Field(description="The delivery", examples=[THING])]
    webhook_id: Annotated[UUID, Field(description="The webhook", examples=[THING])]
    event_id: Annotated[UUID, Field(description="What was told", examples=[THING])]
    attempts: Annotated[int, Field(ge=1, examples=[1])]


@event(
    "alerts.notification.delivered.v1",
    root="delivery_id",
    en="A webhook has taken an event",
    zh="通知已送达",
)
class NotificationDelivered(NotificationAttributes):
    pass


@event(
    "alerts.notification.failed.v1",
    root="delivery_id",
    en="A webhook did not take an event, and it is tried no more",
    zh="通知发送失败",
)
class NotificationFailed(NotificationAttributes):
    reason_code: Annotated[ReasonCode, Field(examples=["refused"])]
