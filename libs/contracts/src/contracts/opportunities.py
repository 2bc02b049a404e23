"""What the opportunities service says: customers, pipelines, opportunities, interactions, receipts."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.declaration import Event, event
from contracts.fields import (
    CUSTOMER,
    LEAD,
    OTHER_CUSTOMER,
    OTHER_PERSON,
    PERSON,
    THING,
    AmountField,
    Code,
    CurrencyField,
    CustomerId,
    LeadId,
    Name,
    Number,
    OpportunityId,
    PersonId,
    ReasonCode,
)

# --- customers ---------------------------------------------------------------------------------------


class CustomerAttributes(Event):
    """A customer as it stands from the fact on."""

    customer_id: CustomerId
    name: Annotated[Name, Field(description="The company's name", examples=["长江精密制造有限公司"])]
    sector: Annotated[Code | None, Field(examples=["manufacturing"])]
    country: Annotated[Name | None, Field(examples=["China"])]
    parent_id: Annotated[
        CustomerId | None, Field(description="The company that owns it", examples=[OTHER_CUSTOMER])
    ]
    owner_id: Annotated[PersonId | None, Field(description="Who looks after it")]


@event("opportunities.customer.opened.v1", root="customer_id", en="A customer was opened", zh="客户已建立")
class CustomerOpened(CustomerAttributes):
    pass


@event(
    "opportunities.customer.changed.v1",
    root="customer_id",
    en="A customer has another name, sector, country or parent",
    zh="客户的名称、行业、国家或母公司变更",
)
class CustomerChanged(CustomerAttributes):
    pass


@event(
    "opportunities.customer.owner_changed.v1",
    root="customer_id",
    en="A customer is looked after by another person",
    zh="客户负责人变更",
)
class CustomerOwnerChanged(Event):
    customer_id: CustomerId
    owner_id: Annotated[PersonId | None, Field(examples=[PERSON])]
    previous_owner_id: Annotated[PersonId | None, Field(examples=[OTHER_PERSON])]


# --- pipelines ---------------------------------------------------------------------------------------


class Stage(BaseModel):
    """A stage of a pipeline (S75). Stages stand in the order in which opportunities pass them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[Code, Field(examples=["proposal"])]
    name_en: Annotated[Name, Field(examples=["Proposal"])]
    name_zh: Annotated[Name, Field(examples=["报价/方案"])]
    probability: Annotated[Number, Field(ge=0, le=1, description="Of winning, from 0 to 1", examples=["0.5"])]
    expected_dwell_days: Annotated[int, Field(ge=0, examples=[14])]
    required_fields: Annotated[
        list[str], Field(description="Fields that must be known to enter", examples=[["amount"]])
    ] = []


@event(
    "opportunities.pipeline.defined.v1",
    root="pipeline",
    en="A version of a pipeline was defined",
    zh="销售流程版本已定义",
)
class PipelineDefined(Event):
    pipeline: Annotated[Code, Field(examples=["default"])]
    pipeline_version: Annotated[int, Field(ge=1, examples=[1])]
    name_en: Annotated[Name, Field(examples=["Default pipeline"])]
    name_zh: Annotated[Name, Field(examples=["默认销售流程"])]
    stages: Annotated[list[Stage], Field(min_length=1)]
    allows_skip: Annotated[bool, Field(description="A stage may be skipped", examples=[False])]
    allows_step_back: Annotated[bool, Field(description="A stage may be returned to", examples=[False])]


# --- opportunities -----------------------------------------------------------------------------------


class Deal(Event):
    """The opportunity as it stands after the fact: one event is enough for any metric."""

    opportunity_id: OpportunityId
    customer_id: Annotated[CustomerId | None, Field(examples=[CUSTOMER])]
    owner_id: Annotated[PersonId, Field(description="Who owns it, and is credited")]
    pipeline: Annotated[Code, Field(examples=["default"])]
    pipeline_version: Annotated[int, Field(ge=1, examples=[1])]
    stage: Annotated[Code, Field(description="The stage it stands in, or closed from", examples=["intent"])]
    product_line: Annotated[Code | None, Field(examples=["cloud"])]
    channel: Annotated[Code | None, Field(description="Where it came from", examples=["referral"])]
    amount: Annotated[
        AmountField | None, Field(description="Expected, or signed when won", examples=["1200.00"])
    ]
    currency: CurrencyField
    expected_close_on: Annotated[date | None, Field(examples=[date(2026, 9, 30)])]
    imported: Annotated[bool, Field(description="The fact is history from an import", examples=[False])]
    lead_id: Annotated[LeadId | None, Field(description="The lead that it was", examples=[LEAD])] = None


class LossReason(StrEnum):
    """The default loss reasons (S80), and the one for imports whose source has none."""

    product_mismatch = "product_mismatch"
    late_follow_up = "late_follow_up"
    budget_or_long_decision = "budget_or_long_decision"
    strong_competitor = "strong_competitor"
    not_recorded = "not_recorded"


class Undone(StrEnum):
    """What a void undoes."""

    win = "win"
    loss = "loss"
    opportunity = "opportunity"


@event(
    "opportunities.opportunity.opened.v1",
    root="opportunity_id",
    en="An opportunity was opened",
    zh="商机已建立",
)
class OpportunityOpened(Deal):
    pass


@event(
    "opportunities.opportunity.stage_changed.v1",
    root="opportunity_id",
    en="An opportunity moved to another stage",
    zh="商机阶段变更",
)
class OpportunityStageChanged(Deal):
    previous_stage: Annotated[Code, Field(examples=["prospect"])]
    step_back: Annotated[bool, Field(description="The new stage lies before the old one", examples=[False])]
    reason_code: Annotated[
        Code | None, Field(description="Why a skip or step back was allowed", examples=["fast_track"])
    ]


@event(
    "opportunities.opportunity.amount_changed.v1",
    root="opportunity_id",
    en="An opportunity has another amount",
    zh="商机金额变更",
)
class OpportunityAmountChanged(Deal):
    previous_amount: Annotated[AmountField | None, Field(examples=["1000.00"])]
    previous_currency: CurrencyField


@event(
    "opportunities.opportunity.close_date_moved.v1",
    root="opportunity_id",
    en="The expected close date moved",
    zh="预计成交日期变更",
)
class OpportunityCloseDateMoved(Deal):
    previous_close_on: Annotated[date | None, Field(examples=[date(2026, 8, 31)])]


@event(
    "opportunities.opportunity.details_changed.v1",
    root="opportunity_id",
    en="An opportunity has another customer, product line or channel",
    zh="商机的客户、产品线或渠道变更",
)
class OpportunityDetailsChanged(Deal):
    pass


@event(
    "opportunities.opportunity.owner_changed.v1",
    root="opportunity_id",
    en="An opportunity is owned by another person",
    zh="商机负责人变更",
)
class OpportunityOwnerChanged(Deal):
    previous_owner_id: Annotated[PersonId, Field(description="Who owned it before", examples=[OTHER_PERSON])]


@event(
    "opportunities.opportunity.won.v1",
    root="opportunity_id",
    en="An opportunity was won: the contract is signed",
    zh="商机成交(合同已签署)",
)
class OpportunityWon(Deal):
    pass


@event(
    "opportunities.opportunity.lost.v1", root="opportunity_id", en="An opportunity was lost", zh="商机丢单"
)
class OpportunityLost(Deal):
    reason_code: Annotated[Code, Field(examples=[LossReason.late_follow_up])]


@event(
    "opportunities.opportunity.reopened.v1",
    root="opportunity_id",
    en="A lost opportunity was taken up again",
    zh="丢单商机重新打开",
)
class OpportunityReopened(Deal):
    reason_code: Annotated[Code, Field(examples=["customer_returned"])]


@event(
    "opportunities.opportunity.voided.v1",
    root="opportunity_id",
    en="A wrong win, loss or opportunity was undone; the figures of all periods are restated",
    zh="错误的成交、丢单或商机已作废,各期数字重新计算",
)
class OpportunityVoided(Deal):
    undone: Annotated[Undone, Field(description="What is undone", examples=[Undone.win])]
    voided_event_id: Annotated[
        UUID,
        Field(description="The fact that no longer counts; for `opportunity` its opening", examples=[THING]),
    ]
    reason_code: Annotated[Code, Field(examples=["entered_by_mistake"])]


# --- activities and payments -------------------------------------------------------------------------


class InteractionKind(StrEnum):
    call = "call"
    message = "message"
    email = "email"
    visit = "visit"
    meeting = "meeting"
    demo = "demo"


class InteractionDirection(StrEnum):
    outbound = "outbound"
    inbound = "inbound"
    mutual = "mutual"


@event(
    "opportunities.interaction.logged.v1",
    root="opportunity_id",
    subject="interaction_id",
    en="An interaction with the customer was logged",
    zh="客户互动已记录",
)
class InteractionLogged(Deal):
    interaction_id: Annotated[UUID, Field(description="The interaction", examples=[THING])]
    interaction_kind: Annotated[InteractionKind, Field(examples=[InteractionKind.visit])]
    direction: Annotated[InteractionDirection, Field(examples=[InteractionDirection.outbound])]
    logged_by_id: Annotated[PersonId | None, Field(description="Who held it, when a person logged it")]


@event(
    "opportunities.objection.raised.v1",
    root="opportunity_id",
    subject="objection_id",
    en="The customer raised an objection (S81)",
    zh="客户提出异议",
)
class ObjectionRaised(Deal):
    objection_id: Annotated[UUID, Field(description="The objection", examples=[THING])]
    objection_code: Annotated[ReasonCode, Field(description="What it is about", examples=["price"])]


@event(
    "opportunities.objection.answered.v1",
    root="opportunity_id",
    subject="objection_id",
    en="An objection of the customer was answered",
    zh="客户异议已回复",
)
class ObjectionAnswered(Deal):
    objection_id: Annotated[UUID, Field(description="The objection", examples=[THING])]
    objection_code: Annotated[ReasonCode, Field(description="What it is about", examples=["price"])]
    answered_by_id: Annotated[PersonId | None, Field(description="Who answered, when a person logged it")]


@event(
    "opportunities.receipt.recorded.v1",
    root="opportunity_id",
    subject="receipt_id",
    en="Money was received",
    zh="回款已登记",
)
class ReceiptRecorded(Deal):
    receipt_id: Annotated[UUID, Field(description="The receipt", examples=[THING])]
    received_amount: Annotated[AmountField, Field(gt=0, examples=["600.00"])]
    received_currency: CurrencyField
