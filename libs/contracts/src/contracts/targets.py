"""What the targets service says: organisation, calendar, metrics, targets."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.declaration import Event, event
from contracts.fields import (
    OTHER_TARGET,
    OTHER_UNIT,
    UNIT,
    Code,
    CurrencyField,
    Day,
    EffectiveDay,
    Name,
    Number,
    PersonId,
    PersonRole,
    TargetId,
    UnitId,
)
from contracts.roles import Role

# --- organisation ------------------------------------------------------------------------------------


@event("targets.person.hired.v1", root="person_id", en="A person joined the company", zh="员工入职")
class PersonHired(Event):
    person_id: PersonId
    code: Annotated[Code, Field(description="Unique in the company: an employee number", examples=["E0042"])]
    display_name: Annotated[Name, Field(examples=["王芳"])]
    role: PersonRole
    hired_on: Day


@event("targets.person.role_changed.v1", root="person_id", en="A person took another role", zh="员工角色变更")
class PersonRoleChanged(Event):
    person_id: PersonId
    role: Annotated[PersonRole, Field(description="The new role", examples=[Role.supervisor])]
    effective_on: EffectiveDay


@event("targets.person.left.v1", root="person_id", en="A person left the company", zh="员工离职")
class PersonLeft(Event):
    person_id: PersonId
    left_on: Annotated[Day, Field(description="The first business day on which the person no longer belongs")]


@event(
    "targets.membership.changed.v1",
    root="person_id",
    en="A person belongs to another unit from a day on",
    zh="员工所属单位自某日起变更",
)
class MembershipChanged(Event):
    person_id: PersonId
    unit_id: Annotated[UnitId | None, Field(description="The unit; null: none", examples=[UNIT])]
    effective_on: EffectiveDay


class UnitAttributes(Event):
    """A unit as it stands from the fact on."""

    unit_id: UnitId
    code: Annotated[Code, Field(description="Unique in the company", examples=["east-1"])]
    name: Annotated[Name, Field(examples=["华东区"])]
    kind: Annotated[Code, Field(description="company, department, region, team, …", examples=["team"])]
    parent_id: Annotated[
        UnitId | None, Field(description="The unit above; null at the top", examples=[OTHER_UNIT])
    ]
    manager_id: Annotated[PersonId | None, Field(description="Who leads it")]
    region: Annotated[Code | None, Field(description="The sales region", examples=["east"])]
    effective_on: EffectiveDay


@event("targets.unit.created.v1", root="unit_id", en="A unit was created", zh="单位已创建")
class UnitCreated(UnitAttributes):
    pass


@event(
    "targets.unit.changed.v1",
    root="unit_id",
    en="A unit has another name, parent, manager or region",
    zh="单位的名称、上级、负责人或区域变更",
)
class UnitChanged(UnitAttributes):
    pass


@event("targets.unit.closed.v1", root="unit_id", en="A unit was closed", zh="单位已关闭")
class UnitClosed(Event):
    unit_id: UnitId
    closed_on: Annotated[Day, Field(description="The first business day on which the unit no longer exists")]


# --- calendar ----------------------------------------------------------------------------------------


class PeriodKind(StrEnum):
    year = "year"
    half = "half"
    quarter = "quarter"
    month = "month"
    week = "week"
    custom = "custom"


@event("targets.period.set.v1", root="period", en="A period of the calendar was set", zh="日历期间已设定")
class PeriodSet(Event):
    period: Annotated[Code, Field(description="The period's code", examples=["2026-Q3"])]
    name: Annotated[Name, Field(examples=["2026 Q3"])]
    kind: Annotated[PeriodKind, Field(examples=[PeriodKind.quarter])]
    starts_on: Day
    ends_on: Annotated[Day, Field(description="The first day after the period", examples=[date(2026, 10, 1)])]


@event(
    "targets.working_time.set.v1",
    root="year",
    en="The working days of a year were set",
    zh="年度工作日已设定",
)
class WorkingTimeSet(Event):
    year: Annotated[int, Field(ge=1990, le=2200, description="The calendar year", examples=[2026])]
    weekdays: Annotated[
        list[int], Field(description="Working weekdays by ISO number, Monday 1", examples=[[1, 2, 3, 4, 5]])
    ]
    holidays: Annotated[list[date], Field(description="Days off", examples=[[date(2026, 10, 1)]])]
    workdays: Annotated[
        list[date], Field(description="Make-up working days", examples=[[date(2026, 10, 10)]])
    ]
    provisional: Annotated[
        bool, Field(description="True while the official calendar is not published", examples=[False])
    ]


@event("targets.rate.set.v1", root="currency", en="An exchange rate holds from a day on", zh="汇率已设定")
class RateSet(Event):
    currency: Annotated[CurrencyField, Field(description="The currency that is valued", examples=["USD"])]
    reporting_currency: CurrencyField
    rate: Annotated[
        Number, Field(gt=0, description="Units of reporting currency for 1", examples=["7.120000"])
    ]
    effective_on: EffectiveDay


# --- metrics -----------------------------------------------------------------------------------------


class Condition(BaseModel):
    """One condition on a field of the event's data; all conditions of a metric must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", examples=["product_line"])]
    operator: Literal["eq", "ne", "in", "gt", "gte", "lt", "lte", "exists"]
    value: Annotated[
        bool | str | list[str] | None,
        Field(
            description="Text, a list for `in`, true or false for `exists`; numbers as text",
            examples=["cloud"],
        ),
    ] = None


class Direction(StrEnum):
    higher_is_better = "higher_is_better"
    lower_is_better = "lower_is_better"


class CountOrSum(BaseModel):
    """A metric that counts the facts of an event type, or sums one of their fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["count", "sum"]
    event_type: Annotated[str, Field(examples=["opportunities.opportunity.won.v1"])]
    conditions: list[Condition] = []
    value_field: Annotated[str | None, Field(description="What is summed", examples=["amount"])] = None
    currency_field: Annotated[
        str | None, Field(description="The currency of the value; null: no money", examples=["currency"])
    ] = None
    credited_field: Annotated[str, Field(description="Whom the fact is credited to", examples=["owner_id"])]
    date_field: Annotated[
        str | None,
        Field(description="A field that holds the counting day; null: the day on which it occurred"),
    ] = None
    dimensions: Annotated[list[str], Field(examples=[["product_line"]])] = []


class Ratio(BaseModel):
    """A metric that divides one metric by another; computed from summed parts, never averaged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ratio"]
    numerator: Annotated[Code, Field(examples=["won_count"])]
    denominator: Annotated[Code, Field(examples=["opportunities_opened"])]


@event(
    "targets.metric.defined.v1", root="metric", en="A version of a metric was defined", zh="指标版本已定义"
)
class MetricDefined(Event):
    metric: Annotated[Code, Field(description="The metric's code", examples=["sales_amount"])]
    metric_version: Annotated[int, Field(ge=1, examples=[1])]
    name_en: Annotated[Name, Field(examples=["Sales amount"])]
    name_zh: Annotated[Name, Field(examples=["销售额"])]
    direction: Annotated[Direction, Field(examples=[Direction.higher_is_better])]
    core: Annotated[bool, Field(description="Watched by the early warning (S118)", examples=[True])]
    definition: Annotated[
        CountOrSum | Ratio,
        Field(
            discriminator="kind",
            examples=[
                {
                    "kind": "sum",
                    "event_type": "opportunities.opportunity.won.v1",
                    "value_field": "amount",
                    "currency_field": "currency",
                    "credited_field": "owner_id",
                    "dimensions": ["product_line"],
                }
            ],
        ),
    ]


# --- plans -------------------------------------------------------------------------------------------


class SubjectKind(StrEnum):
    unit = "unit"
    person = "person"


@event("targets.target.published.v1", root="target_id", en="A target holds", zh="目标已发布")
class TargetPublished(Event):
    target_id: TargetId
    metric: Annotated[Code, Field(examples=["sales_amount"])]
    subject_kind: Annotated[SubjectKind, Field(examples=[SubjectKind.unit])]
    subject_id: Annotated[UnitId, Field(description="The unit or the person")]
    period: Annotated[Code, Field(examples=["2026-Q3"])]
    dimensions: Annotated[
        dict[str, str], Field(description="Empty: all", examples=[{"product_line": "cloud"}])
    ]
    base: Annotated[Number, Field(description="In the reporting currency for money", examples=["300000.00"])]
    challenge: Annotated[Number | None, Field(examples=["360000.00"])]
    weight: Annotated[Number, Field(ge=0, examples=["1"])]
    parent_id: Annotated[
        TargetId | None, Field(description="The target that this one is a part of", examples=[OTHER_TARGET])
    ]
    owner_id: Annotated[PersonId | None, Field(description="Who answers for it")]


@event("targets.target.revised.v1", root="target_id", en="A target was revised", zh="目标已修订")
class TargetRevised(Event):
    target_id: TargetId
    base: Annotated[Number, Field(examples=["280000.00"])]
    challenge: Annotated[Number | None, Field(examples=["340000.00"])]
    reason_code: Annotated[Code, Field(examples=["market_change"])]
    approver_id: Annotated[str, Field(description="Who approved it", examples=["operations"])]
    effective_on: EffectiveDay


@event("targets.target.withdrawn.v1", root="target_id", en="A target no longer holds", zh="目标已撤回")
class TargetWithdrawn(Event):
    target_id: TargetId
    reason_code: Annotated[Code, Field(examples=["reorganisation"])]
