"""From what the queries found to the answer: the rules applied, the figures rounded once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from contracts.targets import SubjectKind
from reporting.attainment.answers import AttainmentAnswer, AttainmentRow, Elapsed, Subject
from reporting.attainment.question import Settled
from reporting.attainment.ranking import ranked_page
from reporting.attainment.rules import (
    Goal,
    TargetValue,
    TargetView,
    WorkingDays,
    attainment,
    expectation,
    gap,
    goal,
    pace,
)
from reporting.conversion import merged, missing_rates
from reporting.figures import SIX_PLACES, Figure, Ratio, half_up, ratio
from reporting.metrics.definition import Metric
from reporting.moments import Span
from runtime import PageRequest


def rows_of(settled: Settled, found: Iterable[Record], currency: str) -> list[AttainmentRow]:
    """The rows of the subjects."""
    measured = Measured(
        metric=settled.metric,
        parts=settled.parts,
        subject_kind=settled.kind,
        span=settled.span,
        on=settled.asked.moment.day,
        working_days=settled.working_days,
        view=settled.asked.target,
        currency=currency,
    )
    return [measured.row(each) for each in found]


def answer_of(
    settled: Settled, found: Iterable[Record], page: PageRequest, currency: str
) -> AttainmentAnswer:
    """The page of the rows that is asked for. Raises `SortUnknown`, and what is wrong with a cursor."""
    question, worked = settled.asked, settled.working_days
    rows = rows_of(settled, found, currency)
    items, following = ranked_page(rows, page, question.scope())
    return AttainmentAnswer(
        metric=settled.metric_version,
        period=settled.span,
        subject_kind=settled.kind,
        attribution=question.attribution,
        target=question.target,
        as_of=question.moment.as_of,
        working_days=Elapsed(elapsed=worked.elapsed, total=worked.total),
        items=items,
        next=following,
        total=len(rows) if page.count else None,
        errors=merged(row.errors for row in items),
        freshness=settled.freshness,
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What the figures of a report have in common."""

    metric: Metric
    parts: list[Metric]
    subject_kind: SubjectKind
    span: Span
    on: date
    """The business day that the report shows."""
    working_days: WorkingDays
    view: TargetView
    currency: str

    def row(self, found: Record) -> AttainmentRow:
        """The row of one subject."""
        errors = missing_rates([found["first_unrated"], found["second_unrated"]])
        parts = self._parts(found)
        actual = None if errors else parts.value if parts else self.metric.rounded(found["first"])
        aim = self._goal(found)
        base, challenge = (aim.base, aim.challenge) if aim else (None, None)
        expected = expectation(base, self.working_days, prorate=not self.metric.is_ratio)
        return AttainmentRow(
            subject=Subject(kind=self.subject_kind, id=found["id"], code=found["code"], name=found["name"]),
            actual=self._shown(actual),
            parts=None if errors else parts,
            target_id=found["target_id"],
            base=self._shown(base),
            challenge=self._shown(challenge),
            attainment=attainment(actual, base, self.metric.direction),
            challenge_attainment=attainment(actual, challenge, self.metric.direction),
            gap=self._shown(gap(actual, base)),
            expectation=self._shown(expected),
            pace=pace(actual, expected and half_up(expected, SIX_PLACES)),
            errors=errors,
        )

    def _parts(self, found: Record) -> Ratio | None:
        if not self.metric.is_ratio:
            return None
        above, below = self.parts
        return ratio(above.rounded(found["first"]), below.rounded(found["second"]))

    def _goal(self, found: Record) -> Goal | None:
        if found["target_id"] is None:
            return None
        published = TargetValue(date.min, found["base"], found["challenge"])
        revisions = [
            TargetValue(
                date.fromisoformat(day), Decimal(base), None if challenge is None else Decimal(challenge)
            )
            for day, base, challenge in found["revisions"] or ()
        ]
        span = self.span
        aim = goal(
            [published, *revisions], self.view, on=self.on, starts_on=span.starts_on, ends_on=span.ends_on
        )
        return aim and Goal(
            self.metric.rounded(aim.base), aim.challenge and self.metric.rounded(aim.challenge)
        )

    def _shown(self, number: Decimal | None) -> Figure | None:
        return self.metric.shown(number, self.currency)
