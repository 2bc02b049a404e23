"""What may be asked of the plans: the bodies of their requests."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.dates import RequestDay
from contracts.fields import Code, ReasonCode
from contracts.targets import PeriodKind, SubjectKind

Value = Annotated[
    Decimal,
    Field(
        ge=0,
        max_digits=24,
        decimal_places=6,
        description="In the reporting currency for money",
        examples=["300000.00"],
    ),
]
Weight = Annotated[Decimal, Field(ge=0, max_digits=24, decimal_places=6, examples=["1"])]
Note = Annotated[str | None, Field(max_length=2000, description="Stays in this service; may be erased")]


class Command(BaseModel):
    """A body: closed, so that a misspelt field is an error and not silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewTarget(Command):
    """A target: metric × subject × period × dimensions, with a base and perhaps a challenge (S18)."""

    metric: Annotated[Code, Field(examples=["sales_amount"])]
    subject_kind: SubjectKind
    subject_id: Annotated[UUID | None, Field(description="The unit or the person")] = None
    subject_code: Annotated[Code | None, Field(description="Its code, instead of `subject_id`")] = None
    period: Annotated[Code, Field(examples=["2026-Q3"])]
    dimensions: Annotated[
        dict[Code, Code], Field(description="Empty: all", examples=[{"product_line": "cloud"}])
    ] = {}
    base: Value
    challenge: Annotated[Value | None, Field(description="Beyond the base, for an extra reward")] = None
    weight: Weight = Decimal(1)
    owner_id: Annotated[
        UUID | None,
        Field(description="Who answers for it; unless given the person, or the unit's manager (S7)"),
    ] = None
    owner_code: Annotated[Code | None, Field(description="Their code, instead of `owner_id`")] = None
    parent_id: Annotated[UUID | None, Field(description="The target that this one is a part of")] = None

    @model_validator(mode="after")
    def _names_its_subject(self) -> Self:
        if (self.subject_id is None) == (self.subject_code is None):
            raise PydanticCustomError(
                "subject_not_named",
                "Name the subject by `subject_id` or by `subject_code`",
                {"zh": "请用 subject_id 或 subject_code 之一指定目标对象"},
            )
        return self


class TargetRow(NewTarget):
    """A target of a batch: new, as it stands, or revised for a reason."""

    reason_code: Annotated[ReasonCode | None, Field(description="Why a published target changes")] = None
    note: Note = None
    effective_on: Annotated[RequestDay | None, Field(description="From when a change counts; today")] = None


class Revision(Command):
    """A change of a published target; what was agreed before stays on record."""

    base: Value
    challenge: Annotated[Value | None, Field(description="Stays unless named; null takes it away")] = None
    reason_code: Annotated[ReasonCode, Field(examples=["market_change"])]
    note: Note = None
    approver_id: Annotated[UUID | None, Field(description="Who approved it; unless given, who asks")] = None
    effective_on: Annotated[RequestDay | None, Field(description="From when it counts; today")] = None


class Withdrawal(Command):
    reason_code: Annotated[ReasonCode, Field(examples=["reorganisation"])]
    with_parts: Annotated[bool, Field(description="Withdraw all published parts below too")] = False


class Over(StrEnum):
    """What a target is divided over."""

    units = "units"
    people = "people"
    units_and_people = "units_and_people"
    periods = "periods"
    dimension = "dimension"


class Part(Command):
    """One part: by weight, or with a share given by hand."""

    code: Annotated[Code, Field(description="Code of the unit, person or period; value of the dimension")]
    weight: Weight = Decimal(1)
    base: Annotated[Value | None, Field(description="A share given by hand; the others divide the rest")] = (
        None
    )
    challenge: Annotated[Value | None, Field(description="Only beside a base given by hand")] = None

    @model_validator(mode="after")
    def _stretches_its_base(self) -> Self:
        if self.challenge is not None and self.base is None:
            raise PydanticCustomError(
                "challenge_without_base",
                "A `challenge` given by hand needs its `base` beside it",
                {"zh": "手工指定 challenge 时必须同时指定 base"},
            )
        return self


class Division(Command):
    """How a target is divided. Without `parts` all units, people or periods below take part alike."""

    over: Over
    kind: Annotated[
        PeriodKind | None, Field(description="Kind of the periods, unless `parts` names them")
    ] = None
    dimension: Annotated[Code | None, Field(examples=["product_line"])] = None
    parts: Annotated[list[Part] | None, Field(min_length=1, max_length=1000)] = None

    @model_validator(mode="after")
    def _says_over_what(self) -> Self:
        if self.over is Over.periods and not (self.kind or self.parts):
            raise PydanticCustomError(
                "periods_not_named",
                "Name the `kind` of periods, or the `parts`",
                {"zh": "请指定期间类型 kind 或各部分 parts"},
            )
        if self.over is Over.dimension and not (self.dimension and self.parts):
            raise PydanticCustomError(
                "values_not_named",
                "Name the `dimension` and its values as `parts`",
                {"zh": "请指定维度 dimension 及其取值 parts"},
            )
        return self
