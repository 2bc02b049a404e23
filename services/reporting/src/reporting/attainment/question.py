"""What is asked of attainment: the metric, the subjects, the days, and how facts are attributed."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import Query as Parameter

from contracts.refusal import NotFound, Refusal
from contracts.targets import SubjectKind
from reporting.attainment.answers import Subject
from reporting.attainment.queries import SETTLED, Chosen, Include, is_alone
from reporting.attainment.rules import TargetView, WorkingDays
from reporting.belonging import Attribution
from reporting.freshness import Freshness
from reporting.metrics.definition import Metric, MetricVersion, metric_of
from reporting.moments import CurrentMoment, CurrentSpan, Span
from reporting.viewer import CurrentViewer


class DimensionUnknown(Refusal):
    code = "dimension_unknown"
    status = 422
    en = "The metric is not told apart by this"
    zh = "该指标没有此维度"
    en_detail = "{metric} has no dimension {asked}; allowed: {allowed}."
    zh_detail = "{metric} 没有维度 {asked};可用:{allowed}。"


class DimensionMalformed(Refusal):
    code = "dimension_malformed"
    status = 422
    en = "A dimension is malformed"
    zh = "维度格式错误"
    en_detail = "{asked} is no `name:value`, e.g. `region:east`."
    zh_detail = "{asked} 不是 `名称:值` 的格式,例如 `region:east`。"


class SubjectNeeded(Refusal):
    code = "subject_needed"
    status = 422
    en = "One subject is needed"
    zh = "需要指定一个对象"
    en_detail = (
        "Name the unit (`unit_id` or `unit_code`) or the person (`person_id` or `person_code`) of the figure."
    )
    zh_detail = "请指定单位(unit_id 或 unit_code)或人员(person_id 或 person_code)。"


class SubjectContradictory(Refusal):
    code = "subject_contradictory"
    status = 422
    en = "The subject is named in two ways"
    zh = "对象的指定相互矛盾"
    en_detail = (
        "Name a unit for figures of units, and either a person or a unit for figures of people: "
        "a person beside a unit or beside subject_kind=unit would not be heeded."
    )
    zh_detail = (
        "查询单位数据时请只指定单位;查询人员数据时请指定人员或单位之一:"
        "人员不能与单位或 subject_kind=unit 同时指定。"
    )


@dataclass(frozen=True)
class AttainmentQuestion:
    """The parameters of attainment and of its explanation."""

    viewer: CurrentViewer
    moment: CurrentMoment
    asked_span: CurrentSpan
    metric: Annotated[str, Parameter(description="code of the metric, e.g. `sales_amount`")]
    subject_kind: Annotated[
        SubjectKind | None, Parameter(description="default: people where a person is named, else units")
    ] = None
    unit_id: UUID | None = None
    unit_code: str | None = None
    include: Annotated[
        Include | None,
        Parameter(description="of a named unit: itself, its children, or all below it with itself. "
                              "Default: itself for units, all below it for people"),
    ] = None  # fmt: skip
    person_id: UUID | None = None
    person_code: str | None = None
    product_line: str | None = None
    channel: str | None = None
    dimension: Annotated[
        list[str] | None, Parameter(description="any other dimension of the metric, `name:value`")
    ] = None
    attribution: Attribution = Attribution.as_was
    target: Annotated[TargetView, Parameter(description="which values of a revised target count")] = (
        TargetView.current
    )

    @property
    def kind(self) -> SubjectKind:
        """What the rows are of."""
        return self.subject_kind or (SubjectKind.person if self._names_person else SubjectKind.unit)

    @property
    def _names_person(self) -> bool:
        return self.person_id is not None or self.person_code is not None

    @property
    def names_unit(self) -> bool:
        """Whether it is about one unit, or about those below it."""
        return self.unit_id is not None or self.unit_code is not None

    @property
    def dimensions(self) -> dict[str, str]:
        """The dimensions that are asked for. Raises `DimensionMalformed`."""
        named = {"product_line": self.product_line, "channel": self.channel}
        wanted = {name: value for name, value in named.items() if value is not None}
        for asked in self.dimension or ():
            name, colon, value = asked.partition(":")
            if not (name and colon and value):
                raise DimensionMalformed(asked=asked)
            wanted[name] = value
        return wanted

    def scope(self) -> dict[str, Any]:
        """What a cursor is bound to: every parameter as it was given."""
        given = {name: getattr(self, name) for name in _NAMES}
        return {**given, "as_of": self.moment.horizon, "span": self.asked_span, "asker": self.viewer.values()}

    async def settle(self, connection: asyncpg.Connection) -> "Settled":
        """Looks up what the question names.

        Raises `NotFound` for what does not exist or is not the asker's to see, `SubjectContradictory`,
        `DimensionUnknown`.
        """
        if self._names_person and (self.names_unit or self.kind is SubjectKind.unit):
            raise SubjectContradictory
        found = await SETTLED.row(connection, **self.named())
        assert found is not None, "a metric that is not known is no reason for no row"
        return self.settled(found)

    def settled(self, found: asyncpg.Record) -> "Settled":
        """The question whose names are as this row of `SETTLED` says. Raises what `settle` raises."""
        metric, parts = metric_of(self.metric, found["metrics"] or ())
        for part in parts:
            for dimension in self.dimensions.keys() - set(part.dimensions):
                allowed = ", ".join(part.dimensions) or "–"
                raise DimensionUnknown(metric=part.code, asked=dimension, allowed=allowed)
        span = self.asked_span.found(found)
        unit = self._unit(found) if self.names_unit else None
        person = self._person(found) if self._names_person else None
        worked = WorkingDays(elapsed=found["elapsed"], total=found["working_days"])
        topmost = unit is not None and found["topmost"]
        return Settled(self, metric, parts, span, unit, person, topmost, worked, Freshness.of(found))

    def again(self, before: "Settled") -> "Settled":
        """The question as if its names stood for what those of another one did. (What is asked of figures is the
        question's own; how fresh they are is not known yet.)
        """
        return replace(before, asked=self)

    def named(self) -> dict[str, Any]:
        """The parameters of `SETTLED`."""
        return {
            **self.viewer.values(),
            **self.asked_span.values(),
            "metric": self.metric,
            "day": self.moment.day,
            "today": self.moment.today,
            "unit_id": self.unit_id,
            "unit_code": self.unit_code,
            "person_id": self.person_id,
            "person_code": self.person_code,
        }

    def _unit(self, found: asyncpg.Record) -> Subject:
        if found["unit_id"] is None:
            raise NotFound(what="unit", id=self.unit_code or self.unit_id)
        return Subject(
            kind=SubjectKind.unit, id=found["unit_id"], code=found["unit_code"], name=found["unit_name"]
        )

    def _person(self, found: asyncpg.Record) -> Subject:
        if found["person_id"] is None:
            raise NotFound(what="person", id=self.person_code or self.person_id)
        return Subject(
            kind=SubjectKind.person,
            id=found["person_id"],
            code=found["person_code"],
            name=found["person_name"],
        )


_NAMES = [
    each.name for each in fields(AttainmentQuestion) if each.name not in {"viewer", "moment", "asked_span"}
]


@dataclass(frozen=True)
class Settled:
    """A question whose names were looked up."""

    asked: AttainmentQuestion
    metric: Metric
    parts: list[Metric]
    span: Span
    unit: Subject | None
    person: Subject | None
    topmost: bool
    """Whether the unit stands below no other."""
    working_days: WorkingDays
    """The working days of the period, and those completed before the business day of the report."""
    freshness: Freshness

    @cached_property
    def values(self) -> dict[str, Any]:
        """The parameters of the queries."""
        moment = self.asked.moment
        since, until = self._structure_days()
        return {
            **self.asked.viewer.values(),
            "metric": self.metric.code,
            "metrics": [part.code for part in self.parts],
            "subject_kind": self.kind.value,
            "dimensions": self.asked.dimensions,
            "period": self.span.period,
            "starts_on": self.span.starts_on,
            "ends_on": self.span.ends_on,
            "since": since,
            "until": until,
            "day": moment.day,
            "today": moment.today,
            "horizon": moment.horizon,
            "unit_id": self.unit and self.unit.id,
            "person_id": self.person and self.person.id,
        }

    def _structure_days(self) -> tuple[date, date]:
        """The days whose organisation says which units and people there are: the period's so far, or today."""
        moment = self.asked.moment
        if self.asked.attribution is Attribution.as_is:
            return moment.today, moment.today
        last = min(moment.day, self.span.ends_on - timedelta(days=1))
        return self.span.starts_on, max(self.span.starts_on, last)

    @property
    def kind(self) -> SubjectKind:
        return self.asked.kind

    @property
    def chosen(self) -> Chosen:
        """How the subjects were named."""
        if self.person is not None:
            return Chosen.one
        return Chosen.within if self.unit is not None else Chosen.all

    @property
    def include(self) -> Include:
        default = Include.self if self.kind is SubjectKind.unit else Include.subtree
        return self.asked.include or default

    @property
    def alone(self) -> bool:
        """Whether the figure is that of the unit which is named and of no other."""
        return is_alone(self.kind, self.chosen, self.include)

    @property
    def whole(self) -> bool:
        """Whether the figure is that of the whole company today, for which sums of all are kept."""
        asked = self.asked
        return (
            self.topmost
            and self.alone
            and asked.attribution is Attribution.as_was
            and not asked.moment.past
            and not asked.dimensions
        )

    @property
    def one_subject(self) -> Subject:
        """The subject of a single figure. Raises `SubjectNeeded`."""
        subject = self.unit if self.kind is SubjectKind.unit else self.person
        if subject is None:
            raise SubjectNeeded
        return subject

    def means(self, other: "Settled") -> bool:
        """Whether the names of both stand for the same."""
        return (self.metric, self.parts, self.span, self.unit, self.person, self.topmost) == (
            other.metric, other.parts, other.span, other.unit, other.person, other.topmost
        )  # fmt: skip

    @property
    def metric_version(self) -> MetricVersion:
        return MetricVersion.model_validate(self.metric, from_attributes=True)
