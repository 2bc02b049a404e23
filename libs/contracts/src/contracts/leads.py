"""What the leads service says: channels, campaigns and their cost, leads, contacts, rules of assignment."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.declaration import Event, event
from contracts.fields import (
    OTHER_PERSON,
    PERSON,
    THING,
    AddressCode,
    AmountField,
    Code,
    CurrencyField,
    Day,
    EffectiveDay,
    Instant,
    LeadId,
    Name,
    OpportunityId,
    PersonId,
    ReasonCode,
)
from contracts.opportunities import LossReason

# --- sources -----------------------------------------------------------------------------------------


@event("leads.channel.defined.v1", root="channel", en="A channel was defined, or renamed", zh="渠道已定义")
class ChannelDefined(Event):
    channel: Annotated[AddressCode, Field(examples=["zhihu"])]
    name_en: Annotated[Name, Field(examples=["Zhihu"])]
    name_zh: Annotated[Name, Field(examples=["知乎"])]
    active: Annotated[bool, Field(description="New leads may name it", examples=[True])]


class CampaignAttributes(Event):
    """A campaign as it stands from the fact on."""

    campaign: Annotated[AddressCode, Field(examples=["zhihu-2026-autumn"])]
    channel: Annotated[AddressCode, Field(examples=["zhihu"])]
    name: Annotated[Name, Field(examples=["知乎秋季内容"])]
    starts_on: Day
    ends_on: Annotated[
        date | None, Field(description="The first day after it; null: open", examples=[date(2026, 10, 1)])
    ]


@event(
    "leads.campaign.defined.v1", root="campaign", en="A campaign was defined, or changed", zh="营销活动已定义"
)
class CampaignDefined(CampaignAttributes):
    pass


class CostAttributes(Event):
    """Money spent on a channel over business days, half-open."""

    channel: Annotated[AddressCode, Field(examples=["zhihu"])]
    campaign: Annotated[AddressCode | None, Field(examples=["zhihu-2026-autumn"])]
    cost_id: Annotated[UUID, Field(description="The cost", examples=[THING])]
    starts_on: Day
    ends_on: Annotated[Day, Field(description="The first day after it", examples=[date(2026, 8, 1)])]
    amount: Annotated[AmountField, Field(gt=0, examples=["5000.00"])]
    currency: CurrencyField


@event(
    "leads.cost.recorded.v1",
    root="channel",
    subject="cost_id",
    en="The cost of a channel was recorded",
    zh="渠道成本已登记",
)
class CostRecorded(CostAttributes):
    pass


@event(
    "leads.cost.voided.v1",
    root="channel",
    subject="cost_id",
    en="A wrong cost was undone",
    zh="错误的渠道成本已作废",
)
class CostVoided(CostAttributes):
    reason_code: Annotated[ReasonCode, Field(examples=["entered_by_mistake"])]


# --- what counts as valid ----------------------------------------------------------------------------


class Requirement(StrEnum):
    """What a lead can be asked for to be valid (有效线索)."""

    reachable = "reachable"
    """A phone number or e-mail address that is possible."""
    named_company = "named_company"
    not_duplicate = "not_duplicate"
    not_discarded_as_invalid = "not_discarded_as_invalid"


@event(
    "leads.validity.defined.v1",
    root="validity",
    en="A version of what a valid lead is was defined (S61)",
    zh="有效线索的定义版本已设定",
)
class ValidityDefined(Event):
    validity: Annotated[Literal["valid_lead"], Field(examples=["valid_lead"])]
    validity_version: Annotated[int, Field(ge=1, examples=[1])]
    requirements: Annotated[list[Requirement], Field(examples=[[Requirement.reachable]])]
    invalid_reasons: Annotated[
        list[ReasonCode],
        Field(
            description="The reasons of discarding that make a lead invalid",
            examples=[["wrong_number", "not_a_company"]],
        ),
    ]
    effective_on: Annotated[EffectiveDay, Field(description="It judges leads captured from this day on")]


# --- leads -------------------------------------------------------------------------------------------


class LeadState(StrEnum):
    """Where a lead stands. `released` leads lie in the pool (公海)."""

    open = "open"
    qualified = "qualified"
    discarded = "discarded"
    converted = "converted"


class Intent(StrEnum):
    """How likely the contact means to buy (S73)."""

    high = "high"
    medium = "medium"
    low = "low"
    unknown = "unknown"


class Lead(Event):
    """The lead as it stands after the fact; who the contact is stays in the leads service."""

    lead_id: LeadId
    owner_id: Annotated[PersonId | None, Field(description="Who works on it; null: in the pool or waiting")]
    channel: Annotated[AddressCode, Field(examples=["zhihu"])]
    campaign: Annotated[AddressCode | None, Field(examples=["zhihu-2026-autumn"])]
    company: Annotated[
        Name | None, Field(description="The company's name", examples=["长江精密制造有限公司"])
    ]
    credit_code: Annotated[
        str | None,
        Field(description="Unified social credit code 统一社会信用代码", examples=["91310000MA1FL0000X"]),
    ]
    product_line: Annotated[Code | None, Field(examples=["cloud"])]
    level: Annotated[Code | None, Field(description="Grade of the lead, e.g. by size", examples=["a"])]
    intent: Annotated[Intent, Field(examples=[Intent.high])]
    state: Annotated[LeadState, Field(examples=[LeadState.open])]
    captured_on: Annotated[Day, Field(description="The business day on which it was captured")]
    valid: Annotated[bool, Field(description="A valid lead by the version named", examples=[True])]
    validity_version: Annotated[int, Field(ge=1, examples=[1])]
    imported: Annotated[bool, Field(description="The fact is history from an import", examples=[False])]


@event("leads.lead.captured.v1", root="lead_id", en="A lead was captured", zh="线索已获取")
class LeadCaptured(Lead):
    pass


@event(
    "leads.lead.changed.v1",
    root="lead_id",
    en="A lead has another company, channel, campaign, product line or level, or is judged anew",
    zh="线索的公司、渠道、活动、产品线、级别或有效性变更",
)
class LeadChanged(Lead):
    pass


@event(
    "leads.lead.intent_changed.v1",
    root="lead_id",
    en="The intent of a lead was judged otherwise",
    zh="线索意向等级变更",
)
class LeadIntentChanged(Lead):
    previous_intent: Annotated[Intent, Field(examples=[Intent.unknown])]


@event("leads.lead.qualified.v1", root="lead_id", en="A lead was qualified", zh="线索已确认")
class LeadQualified(Lead):
    pass


@event("leads.lead.discarded.v1", root="lead_id", en="A lead was discarded", zh="线索已废弃")
class LeadDiscarded(Lead):
    reason_code: Annotated[ReasonCode, Field(examples=["no_need"])]


@event("leads.lead.assigned.v1", root="lead_id", en="A lead was given to a person", zh="线索已分配")
class LeadAssigned(Lead):
    previous_owner_id: Annotated[PersonId | None, Field(examples=[OTHER_PERSON])]
    rule: Annotated[
        AddressCode,
        Field(
            description="The rule that decided; `manual`, `claim` or `import` where a person or file did",
            examples=["east-round-robin"],
        ),
    ]
    rule_version: Annotated[int | None, Field(ge=1, examples=[1])]


@event("leads.lead.released.v1", root="lead_id", en="A lead was released to the pool", zh="线索已退回公海")
class LeadReleased(Lead):
    previous_owner_id: Annotated[PersonId, Field(examples=[PERSON])]
    rule: Annotated[
        AddressCode,
        Field(
            description="The rule that decided; `manual` where a person did", examples=["untouched-30-days"]
        ),
    ]
    rule_version: Annotated[int | None, Field(ge=1, examples=[1])]
    reason_code: Annotated[ReasonCode, Field(examples=["no_contact"])]


class ContactKind(StrEnum):
    call = "call"
    message = "message"
    email = "email"
    visit = "visit"
    meeting = "meeting"
    demo = "demo"


FIRST_VISIT_KINDS = frozenset({ContactKind.visit, ContactKind.meeting, ContactKind.demo})
"""The kinds of contact that count as first visit (初访, S62)."""


class ContactOutcome(StrEnum):
    completed = "completed"
    no_answer = "no_answer"
    wrong_contact = "wrong_contact"
    postponed = "postponed"
    cancelled = "cancelled"


@event(
    "leads.contact.logged.v1",
    root="lead_id",
    subject="contact_id",
    en="A contact with a lead was logged, or tried",
    zh="线索联系已记录",
)
class ContactLogged(Lead):
    contact_id: Annotated[UUID, Field(description="The contact", examples=[THING])]
    contact_kind: Annotated[ContactKind, Field(examples=[ContactKind.call])]
    outcome: Annotated[ContactOutcome, Field(examples=[ContactOutcome.completed])]
    logged_by_id: Annotated[PersonId | None, Field(description="Who held it, when a person logged it")]
    first_response_seconds: Annotated[
        int | None,
        Field(
            ge=0,
            description="From the capture to this contact, if it is the first; else null",
            examples=[3600],
        ),
    ]
    first_visit: Annotated[
        bool, Field(description="The first completed visit, meeting or demo", examples=[False])
    ]


class Outcome(StrEnum):
    """What became of the opportunity of a converted lead."""

    open = "open"
    won = "won"
    lost = "lost"
    void = "void"


class KnownClose(BaseModel):
    """How the opportunity of an imported lead had ended already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Annotated[Literal["won", "lost"], Field(examples=["won"])]
    closed_at: Instant
    reason_code: Annotated[
        LossReason | None, Field(description="Of a loss", examples=[LossReason.not_recorded])
    ] = None


@event(
    "leads.lead.converted.v1",
    root="lead_id",
    en="A lead becomes an opportunity; the opportunities service opens it",
    zh="线索已转为商机",
)
class LeadConverted(Lead):
    opportunity_id: Annotated[OpportunityId, Field(description="The opportunity that is to be opened")]
    amount: Annotated[AmountField | None, Field(examples=["88000.00"])]
    currency: CurrencyField
    expected_close_on: Annotated[date | None, Field(examples=[date(2026, 9, 30)])]
    closed: Annotated[KnownClose | None, Field(description="Of history from an import alone")] = None


@event(
    "leads.lead.outcome_learnt.v1",
    root="lead_id",
    en="What became of the opportunity of a lead was heard",
    zh="线索对应商机的结果已获知",
)
class LeadOutcomeLearnt(Lead):
    opportunity_id: Annotated[OpportunityId, Field(description="The opportunity of the lead")]
    outcome: Annotated[Outcome, Field(examples=[Outcome.won])]
    amount: Annotated[AmountField | None, Field(description="Signed, when won", examples=["88000.00"])]
    currency: CurrencyField


# --- rules of assignment and pool --------------------------------------------------------------------


class AssignmentKind(StrEnum):
    round_robin = "round_robin"
    capacity = "capacity"


class Member(BaseModel):
    """A person among whom a rule distributes. `capacity`: leads in a window; null: no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_id: Annotated[PersonId, Field(examples=[PERSON])]
    capacity: Annotated[int | None, Field(ge=1, examples=[120])] = None


@event(
    "leads.assignment_rule.defined.v1",
    root="assignment_rule",
    en="A version of a rule of assignment was defined",
    zh="线索分配规则版本已定义",
)
class AssignmentRuleDefined(Event):
    assignment_rule: Annotated[AddressCode, Field(examples=["east-round-robin"])]
    rule_version: Annotated[int, Field(ge=1, examples=[1])]
    name_en: Annotated[Name, Field(examples=["East, in turn"])]
    name_zh: Annotated[Name, Field(examples=["华东轮流分配"])]
    kind: Annotated[AssignmentKind, Field(examples=[AssignmentKind.round_robin])]
    priority: Annotated[int, Field(ge=0, description="The lowest is asked first", examples=[10])]
    channels: Annotated[list[AddressCode], Field(description="Empty: all", examples=[["zhihu"]])]
    levels: Annotated[list[Code], Field(description="Empty: all", examples=[["a"]])]
    members: Annotated[list[Member], Field(min_length=1)]
    window_days: Annotated[
        int,
        Field(
            ge=1, description="Capacity holds for so many days; a day's share is rounded down", examples=[30]
        ),
    ]
    active: Annotated[bool, Field(examples=[True])]


@event(
    "leads.pool_rule.defined.v1",
    root="pool_rule",
    en="A version of a rule of release to the pool was defined",
    zh="公海回收规则版本已定义",
)
class PoolRuleDefined(Event):
    pool_rule: Annotated[AddressCode, Field(examples=["untouched-30-days"])]
    rule_version: Annotated[int, Field(ge=1, examples=[1])]
    name_en: Annotated[Name, Field(examples=["Untouched for 30 days"])]
    name_zh: Annotated[Name, Field(examples=["30 天未联系"])]
    priority: Annotated[int, Field(ge=0, description="The lowest is asked first", examples=[10])]
    channels: Annotated[list[AddressCode], Field(description="Empty: all", examples=[["zhihu"]])]
    levels: Annotated[list[Code], Field(description="Empty: all", examples=[["a"]])]
    after_days: Annotated[
        int, Field(ge=1, description="Business days of the calendar without a contact", examples=[30])
    ]
    active: Annotated[bool, Field(examples=[True])]
