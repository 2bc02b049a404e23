"""The figure that a contradiction is about: which it is, what it rests on, and the events behind it."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Connection

from contracts.refusal import NotFound
from reporting.attainment.explain import explain
from reporting.attainment.explain_queries import explained_roots
from reporting.attainment.explanation import Explanation
from reporting.attainment.question import AttainmentQuestion, Settled
from reporting.moments import Moment, asked_span
from reporting.pipeline.answers import HistoricEvent
from reporting.pipeline.queries import EVENTS, OPPORTUNITY
from reporting.proof.commands import ReportContradiction
from reporting.proof.refusals import FigureNeeded
from reporting.viewer import Viewer
from runtime import PageRequest
from runtime.pages import LARGEST_PAGE


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when, and in which snapshot."""

    viewer: Viewer
    moment: Moment
    snapshot: Connection
    currency: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of attainment, or an opportunity, that the asker sees."""

    settled: Settled | None
    opportunity_id: UUID | None

    async def roots(self, asker: Asker, most: int) -> tuple[list[str], int]:
        """At most so many of the records that it rests on, and how many there are."""
        if self.settled is None:
            return [str(self.opportunity_id)], 1
        query = explained_roots(self.settled.kind, self.settled.asked.attribution)
        values = self.settled.values | {"subject_id": self.settled.one_subject.id, "most": most}
        rows = await query.rows(asker.snapshot, **values, reporting_currency=asker.currency)
        return [row["root"] for row in rows], rows[0]["records"] if rows else 0

    async def explanation(self, asker: Asker) -> Explanation | None:
        """The facts of a figure of attainment."""
        if self.settled is None:
            return None
        page = PageRequest(LARGEST_PAGE)
        return await explain(self.settled, asker.snapshot, page, asker.currency)

    async def history(self, asker: Asker) -> list[HistoricEvent] | None:
        """The events of an opportunity."""
        if self.settled is not None:
            return None
        rows = await EVENTS.rows(
            asker.snapshot, id=self.opportunity_id, horizon=asker.moment.horizon, after=0, limit=LARGEST_PAGE
        )
        return [HistoricEvent.model_validate(dict(row)) for row in rows]


async def settle(named: ReportContradiction, asker: Asker) -> Figure:
    """Looks up what a report names. Raises `FigureNeeded`, `NotFound` for what is not the asker's to see, and what
    the question of attainment raises."""
    if (named.opportunity_id is None) == (named.metric is None):
        raise FigureNeeded
    if named.opportunity_id is not None:
        found = await OPPORTUNITY[False].row(
            asker.snapshot,
            **asker.viewer.values(),
            id=named.opportunity_id,
            as_of=asker.moment.as_of,
            today=asker.moment.today,
        )
        if found is None:
            raise NotFound(what="opportunity", id=named.opportunity_id)
        return Figure(None, named.opportunity_id)
    assert named.metric is not None
    question = AttainmentQuestion(
        viewer=asker.viewer,
        moment=asker.moment,
        asked_span=await asked_span(named.period, named.starts_on, named.ends_on),
        metric=named.metric,
        unit_id=named.unit_id,
        unit_code=named.unit_code,
        person_id=named.person_id,
        person_code=named.person_code,
    )
    settled = await question.settle(asker.snapshot)
    _ = settled.one_subject
    return Figure(settled, None)
