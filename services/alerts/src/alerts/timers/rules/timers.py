"""Timer rules: they fire when nothing happens for too long."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from alerts.timers.rules.calendar import Calendar
from alerts.timers.rules.conditions import holds
from alerts.timers.rules.episodes import Episode, Over
from contracts.alerts import TimerRule, Trigger


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the record, as it was heard."""

    id: UUID
    type: str
    occurred_at: datetime
    data: Mapping[str, Any]

    @property
    def live(self) -> bool:
        """Whether it happened here, and is not history from an import."""
        return not self.data.get("imported", False)

    def is_of(self, triggers: Iterable[Trigger]) -> bool:
        """Whether it is one of these kinds of facts."""
        return any(
            trigger.event_type == self.type and holds(trigger.conditions, self.data) for trigger in triggers
        )


def timer_episodes(rule: TimerRule, facts: Sequence[Fact], calendar: Calendar) -> list[Episode]:
    """The episodes of one record, from all of its facts in the order of their numbers.

    Each live fact of `starts` or `resets` begins one, which lasts until the next fact of `starts`, `resets` or `ends`.
    An imported start arms its clock without letting it run, so that the first live fact afterwards does; a reset of a
    clock that is not armed does nothing. A fact that both ends and starts ends.
    """
    clocks: dict[str | None, _Clock] = {}
    told: list[_Silence] = []
    for fact in facts:
        for silence in told:
            if silence.over is None:
                silence.records.append(fact)
        begun = [clock.move(rule, fact) for clock in _moved(rule, fact, clocks)]
        told += [silence for silence in begun if silence]
    return [silence.episode(rule, calendar) for silence in told]


@dataclass(slots=True)
class _Silence:
    """A time in which nothing of the rule happened, with the record's facts from its beginning on."""

    key: str | None
    records: list[Fact]
    over: Over | None = None

    def end(self, over: Over) -> None:
        """Ended by the last fact that it has seen."""
        self.over = over

    def episode(self, rule: TimerRule, calendar: Calendar) -> Episode:
        began, last = self.records[0], self.records[-1] if self.over else None
        due_at = calendar.after(began.occurred_at, timedelta(seconds=rule.after_seconds), rule.clock)
        fires_at, record = self._fires(rule, due_at)
        return Episode(
            key=self.key,
            began_at=began.occurred_at,
            began_event=began.id,
            due_at=due_at,
            fires_at=fires_at,
            over_at=last.occurred_at if last else None,
            over_event=last.id if last else None,
            over=self.over,
            record=record,
            evidence=(began.id,),
        )

    def _fires(self, rule: TimerRule, due_at: datetime) -> tuple[datetime | None, Mapping[str, Any]]:
        """The first instant from the due one on at which the record meets the conditions while it lasts, and the
        record then. Each fact is the record until the next.
        """
        states = self.records[:-1] if self.over else self.records
        ends = [fact.occurred_at for fact in self.records[1:]] + ([] if self.over else [None])
        for state, end in zip(states, ends, strict=True):
            at = max(due_at, state.occurred_at)
            if (end is None or at < end) and holds(rule.conditions, state.data):
                return at, state.data
        return None, states[-1].data


@dataclass(slots=True)
class _Clock:
    """The clock of a key: armed by a start, stopped by an end."""

    key: str | None
    armed: bool = False
    running: _Silence | None = field(default=None)

    def move(self, rule: TimerRule, fact: Fact) -> _Silence | None:
        """What a fact does to the clock; the silence that it begins, if it does."""
        if fact.is_of(rule.ends):
            self._stop(Over.closed)
            self.armed = False
            return None
        self.armed = self.armed or fact.is_of(rule.starts)
        if not self.armed:
            return None
        self._stop(Over.sign_of_life)
        self.running = _Silence(self.key, [fact]) if fact.live else None
        return self.running

    def _stop(self, over: Over) -> None:
        if self.running is not None:
            self.running.end(over)
            self.running = None


def _moved(rule: TimerRule, fact: Fact, clocks: dict[str | None, _Clock]) -> Iterator[_Clock]:
    """The clocks that a fact moves: that of its key, or where it names none those that there are."""
    if not (fact.is_of(rule.starts) or fact.is_of(rule.resets) or fact.is_of(rule.ends)):
        return
    value = fact.data.get(rule.keyed_by) if rule.keyed_by else None
    if rule.keyed_by and value is None:
        yield from list(clocks.values())
        return
    key = None if value is None else str(value)
    yield clocks.setdefault(key, _Clock(key))
