"""One run of a rule: what it finds in records, and what is counted of it. Bounded, however many there are."""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from alerts.backtests import rules
from alerts.backtests.queries import History, Seen
from alerts.backtests.rules import Span
from alerts.backtests.views import FiringView, Outcomes, RecipientCount, RunView
from alerts.recipients import Responsible, Subject
from alerts.rulebook.rules import about
from alerts.timers.projections import fact, reading
from alerts.timers.rules import Calendar, Episode, Fact, Reading, reading_episodes, timer_episodes
from contracts import registry
from contracts.alerts import IncidentSubject, ReadingRule, RuleDefined, TimerRule
from contracts.leads import Lead
from contracts.reporting import ReadingPublished

type Variant = Literal["as_it_stands", "changed"]


@dataclass(frozen=True, slots=True)
class Firing:
    """An episode that fires, and what it is about."""

    episode: Episode
    kind: IncidentSubject
    id: UUID
    outcome: str | None

    @property
    def owner_id(self) -> UUID | None:
        """Who owned the record then."""
        owner = self.episode.record.get("owner_id")
        return UUID(owner) if owner else None

    def subject(self, calendar: Calendar) -> Subject:
        """Whom to ask the organisation about."""
        at = self.episode.fires_at or self.episode.due_at
        match self.kind:
            case IncidentSubject.unit:
                return Subject(None, self.id, calendar.day(at))
            case IncidentSubject.person:
                return Subject(self.id, None, calendar.day(at))
            case _:
                return Subject(self.owner_id, None, calendar.day(at))

    @property
    def order(self) -> tuple[Any, ...]:
        """Where it stands among the others: the same each time."""
        episode = self.episode
        return episode.fires_at, str(self.id), episode.key or "", str(episode.began_event)


@dataclass(frozen=True, slots=True)
class Told:
    """Some records as rules read them, for all runs: a rule is about records, or about series of readings."""

    records: Sequence[tuple[str, Sequence[Fact]]] = ()
    readings: Sequence[Sequence[Reading]] = ()

    @classmethod
    def of(cls, histories: Iterable[History], *, imported: bool) -> "Told":
        """`imported` takes history from imports for live."""
        told, series = [], []
        for root, rows in histories:
            if rows[0]["type"] == ReadingPublished.type:
                series.append([reading(row) for row in rows])
            else:
                facts = [fact(row) for row in rows]
                told.append((root, [_as_if_live(each) for each in facts] if imported else facts))
        return cls(told, series)


@dataclass(slots=True)
class Found:
    """What a run finds in some records."""

    firings: list[Firing] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    quiet: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Run:
    """A rule, run over records some at a time."""

    variant: Variant
    rule: RuleDefined
    calendar: Calendar
    span: Span
    limit: int
    fired: Counter[str] = field(default_factory=Counter)
    quiet: Counter[str] = field(default_factory=Counter)
    recipients: Counter[UUID | None] = field(default_factory=Counter)
    first: list[FiringView] = field(default_factory=list)
    total: int = 0

    @property
    def hears(self) -> set[str]:
        """The types of which a record must have a fact to be looked at."""
        definition = self.rule.definition
        if isinstance(definition, ReadingRule):
            return {ReadingPublished.type}
        return {trigger.event_type for trigger in definition.starts}

    def find(self, told: Told, seen: Seen | None) -> Found:
        """What fires in these records, and what keeps quiet."""
        found, definition = Found(), self.rule.definition
        if isinstance(definition, ReadingRule):
            for readings in told.readings:
                self._find_readings(found, definition, readings, seen)
            return found
        record = about(definition, registry())
        kind = IncidentSubject.lead if record is Lead else IncidentSubject.opportunity
        for root, facts in told.records:
            self._find_record(found, definition, kind, UUID(root), facts, seen)
        return found

    def count(self, found: Found, responsible: Sequence[Responsible]) -> None:
        """Adds what was found, and who would have been told of it."""
        self.fired += found.fired
        self.quiet += found.quiet
        self.total += len(found.firings)
        told = [each.recipient(self.rule.recipient) for each in responsible]
        self.recipients.update(told)
        both = zip(found.firings, responsible, told, strict=True)
        first = heapq.nsmallest(self.limit, both, key=lambda each: each[0].order)
        views = [_view(firing, place, recipient) for firing, place, recipient in first]
        self.first = heapq.nsmallest(self.limit, [*self.first, *views], key=_order)

    def view(self, names: dict[UUID, str]) -> RunView:
        """What is answered about it."""
        often = sorted(self.recipients.items(), key=lambda each: (-each[1], str(each[0])))
        judged = isinstance(self.rule.definition, TimerRule)
        return RunView(
            variant=self.variant,
            definition=self.rule.definition,
            recipient=self.rule.recipient,
            recipients=[
                RecipientCount(recipient_id=id, name=names.get(id) if id else None, fired=count)
                for id, count in often
            ],
            fired=_outcomes(self.fired) if judged else None,
            quiet=_outcomes(self.quiet) if judged else None,
            items=self.first,
            total=self.total,
        )

    def _find_record(
        self,
        found: Found,
        rule: TimerRule,
        kind: IncidentSubject,
        record_id: UUID,
        facts: Sequence[Fact],
        seen: Seen | None,
    ) -> None:
        episodes, outcome = timer_episodes(rule, facts, self.calendar), rules.outcome(facts)
        fired = [Firing(each, kind, record_id, outcome) for each in self.span.firings(episodes)]
        visible = [each for each in fired if not seen or seen.subject(kind, record_id, each.owner_id)]
        found.firings += visible
        if visible:
            found.fired[outcome] += 1
        elif not fired and self.span.watches(episodes):
            owner = facts[-1].data.get("owner_id")
            if not seen or seen.subject(kind, record_id, UUID(owner) if owner else None):
                found.quiet[outcome] += 1

    def _find_readings(
        self, found: Found, rule: ReadingRule, readings: Sequence[Reading], seen: Seen | None
    ) -> None:
        for each in self.span.firings(reading_episodes(rule, readings, self.calendar)):
            kind = IncidentSubject(each.record["subject_kind"])
            subject_id = UUID(each.record["subject_id"])
            if not seen or seen.subject(kind, subject_id, None):
                found.firings.append(Firing(each, kind, subject_id, None))


def _as_if_live(fact: Fact) -> Fact:
    return replace(fact, data={**fact.data, "imported": False})


def _outcomes(counts: Counter[str]) -> Outcomes:
    return Outcomes(records=counts.total(), counts=dict(sorted(counts.items())), shares=rules.shares(counts))


def _view(firing: Firing, place: Responsible, recipient: UUID | None) -> FiringView:
    episode = firing.episode
    assert episode.fires_at is not None
    return FiringView(
        fires_at=episode.fires_at,
        subject_kind=firing.kind,
        subject_id=firing.id,
        key=episode.key,
        owner_id=place.owner_id,
        unit_id=place.unit_id,
        recipient_id=recipient,
        since=episode.began_at,
        due_at=episode.due_at,
        resolved_at=episode.over_at,
        resolved_by=episode.over,
        resolving_event_id=episode.over_event,
        outcome=firing.outcome,
        figures=list(episode.figures),
    )


def _order(view: FiringView) -> tuple[Any, ...]:
    return view.fires_at, str(view.subject_id), view.key or "", view.since
