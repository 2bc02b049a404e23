"""How what is heard becomes episodes: those of touched records are told anew from all of their facts.

Nothing fires here: an episode is a pure function of the facts, and a rebuild must not raise an alarm. `Watch` does,
by the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json, to_json

from alerts.timers.rules import Calendar, Episode, Fact, Reading, reading_episodes, timer_episodes
from contracts import Event, registry
from contracts.alerts import ReadingRule, RuleDefined
from contracts.leads import Lead
from contracts.opportunities import Deal
from contracts.reporting import Drift, ReadingPublished
from contracts.targets import WorkingTimeSet

if TYPE_CHECKING:
    from asyncpg import Connection, Record

    from messaging import Batch

KEPT: frozenset[type[Event]] = frozenset(
    event for event in registry().values() if issubclass(event, Deal | Lead | ReadingPublished | Drift)
)
"""Whose facts rules are about."""

PAGE = 2_000
"""Roots that are told at once when a rule is new."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The active rules, by their codes, and the calendar that their clocks run by."""

    rules: Mapping[str, RuleDefined]
    calendar: Calendar

    def episodes(self, code: str, facts: Sequence[Record]) -> list[Episode]:
        """The episodes of one root under one rule, from all of its facts in the order of their numbers."""
        rule = self.rules[code].definition
        if isinstance(rule, ReadingRule):
            return reading_episodes(rule, [reading(row) for row in facts], self.calendar)
        return timer_episodes(rule, [fact(row) for row in facts], self.calendar)

    def concerned(self, type: str) -> list[str]:
        """The rules that could be about a record of which there is a fact of this type."""
        of_readings = type == ReadingPublished.type
        return [
            code for code, rule in self.rules.items() if (rule.definition.kind == "reading") is of_readings
        ]


class TellEpisodes:
    """Keeps facts, rules and working time, and tells the episodes of what they touch."""

    hears: frozenset[type[Event]] = KEPT | {RuleDefined, WorkingTimeSet}

    def __init__(self, business_zone: ZoneInfo) -> None:
        self._zone = business_zone

    async def apply(self, connection: Connection, batch: Batch) -> None:
        """Applies the events of the staged `batch` table."""
        alone = not batch.types.isdisjoint(_ALONE)
        await connection.execute(_LOCK_ALONE if alone else _LOCK_SHARED)
        await connection.execute(_KEEP_EVENTS, _KEPT_TYPES)
        if alone:
            await connection.execute(_KEEP_RULES)
            await connection.execute(_KEEP_WORKING_TIME)
        rulebook = await load_rulebook(connection, self._zone)
        touched = [row["root"] for row in await connection.fetch(_TOUCHED, _KEPT_TYPES)]
        await _tell(connection, rulebook, touched, list(rulebook.rules))
        if alone:
            await self._tell_all(connection, rulebook, batch)

    async def _tell_all(self, connection: Connection, rulebook: Rulebook, batch: Batch) -> None:
        """Rules that are new, and all of them under another calendar, are told of everything that was kept."""
        changed = {row["code"] for row in await connection.fetch(_CHANGED_RULES)}
        anew = set(rulebook.rules) if WorkingTimeSet.type in batch.types else changed & rulebook.rules.keys()
        await connection.execute("delete from episode where rule = any($1)", list(changed | anew))
        if not anew:
            return
        after = ""
        while roots := [row["root"] for row in await connection.fetch(_ROOTS_AFTER, after, PAGE)]:
            await _tell(connection, rulebook, roots, list(anew))
            after = roots[-1]


async def load_rulebook(connection: Connection, zone: ZoneInfo, *, schema: str | None = None) -> Rulebook:
    """The rules and the calendar as the tables have them; `schema` where the search path has not."""
    place = f"{schema}." if schema else ""
    rows = await connection.fetch(f"select definition from {place}rule where active order by code")
    rules = [RuleDefined.model_validate(_read(row["definition"]), extra="ignore") for row in rows]
    said = await connection.fetch(f"select said from {place}working_time order by year")
    years = [WorkingTimeSet.model_validate(_read(row["said"]), extra="ignore") for row in said]
    return Rulebook({rule.rule: rule for rule in rules}, Calendar.of(zone, years))


async def _tell(
    connection: Connection, rulebook: Rulebook, roots: Collection[str], codes: Sequence[str]
) -> None:
    """Makes the lasting episodes of these roots under these rules what their facts say."""
    if not roots or not codes:
        return
    told: list[tuple[Any, ...]] = []
    for root, facts in by_root(await connection.fetch(FACTS_OF, list(roots))):
        wanted = set(rulebook.concerned(facts[0]["type"]))
        for code in codes:
            if code in wanted:
                told += [
                    (code, root, *_columns(each))
                    for each in rulebook.episodes(code, facts)
                    if each.over_at is None and each.fires
                ]
    await connection.execute(_GONE, list(roots), list(codes), _keys(told))
    if told:
        await connection.execute(_WRITE, *map(list, zip(*told, strict=True)))


def by_root(rows: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Facts that are ordered by root, one root after the other."""
    run: list[Record] = []
    for row in rows:
        if run and run[0]["root"] != row["root"]:
            yield run[0]["root"], run
            run = []
        run.append(row)
    if run:
        yield run[0]["root"], run


def fact(row: Record) -> Fact:
    """A kept event as timer rules read it."""
    return Fact(row["id"], row["type"], row["occurred_at"], _read(row["data"]))


def reading(row: Record) -> Reading:
    """A kept reading as reading rules read it."""
    data = _read(row["data"])
    said = ReadingPublished.model_validate(data, extra="ignore")
    return Reading(
        row["id"],
        row["occurred_at"],
        said.metric,
        said.core,
        said.starts_on,
        said.value,
        said.attainment,
        data,
    )


def _read(value: Any) -> Any:
    """JSON of a connection with or without a codec."""
    return from_json(value) if isinstance(value, str | bytes) else value


def _columns(episode: Episode) -> tuple[Any, ...]:
    return (
        episode.key or "",
        episode.began_event,
        episode.began_at,
        episode.due_at,
        episode.fires_at,
        to_json(dict(episode.record)).decode(),
        to_json([str(each) for each in episode.evidence]).decode(),
        to_json([str(each) for each in episode.figures]).decode(),
    )


def _keys(told: Sequence[tuple[Any, ...]]) -> list[str]:
    return [f"{code} {root} {key} {began}" for code, root, key, began, *_ in told]


_KEPT_TYPES = sorted(event.type for event in KEPT)

_ALONE = {RuleDefined.type, WorkingTimeSet.type}
"""A new rule is told of all kept events: a batch of another partition that commits at the same time would have
neither been seen by it nor know it. Both are rare, and run alone.
"""

_LOCK = "select pg_advisory_xact_lock{mode}(hashtext('alerts.rules.' || current_schema()))"
_LOCK_ALONE, _LOCK_SHARED = _LOCK.format(mode=""), _LOCK.format(mode="_shared")

_KEEP_EVENTS = """
insert into event (root, sequence, id, type, occurred_at, recorded_at, data)
select root, sequence, id, type, occurred_at, recorded_at, data from batch where type = any($1::text[])
"""

_TOUCHED = "select distinct root from batch where type = any($1::text[]) order by root"

_KEEP_RULES = f"""
insert into rule (code, version, kind, active, activated_at, definition)
select distinct on (root) data->>'rule', (data->>'rule_version')::integer, data->'definition'->>'kind',
       (data->>'active')::boolean, occurred_at, data
from batch where type = '{RuleDefined.type}'
order by root, sequence desc
on conflict (code) do update set
    version = excluded.version, kind = excluded.kind, active = excluded.active,
    activated_at = excluded.activated_at, definition = excluded.definition
"""

_KEEP_WORKING_TIME = f"""
insert into working_time (year, said)
select distinct on (root) (data->>'year')::integer, data
from batch where type = '{WorkingTimeSet.type}'
order by root, sequence desc
on conflict (year) do update set said = excluded.said
"""

_CHANGED_RULES = f"select distinct data->>'rule' as code from batch where type = '{RuleDefined.type}'"

_ROOTS_AFTER = "select distinct root from event where root > $1 order by root limit $2"

FACTS_OF = """
select root, id, type, occurred_at, data from event where root = any($1::text[]) order by root, sequence
"""

_GONE = """
delete from episode
where root = any($1::text[]) and rule = any($2::text[])
  and concat_ws(' ', rule, root, key, began_event) <> all ($3::text[])
"""

_WRITE = """
insert into episode as known (rule, root, key, began_event, began_at, due_at, fires_at, record, evidence, figures)
select rule, root, key, began_event, began_at, due_at, fires_at, record::jsonb,
       array(select value::uuid from jsonb_array_elements_text(evidence::jsonb)),
       array(select value::numeric from jsonb_array_elements_text(figures::jsonb))
from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
            $8::text[], $9::text[], $10::text[])
    as told(rule, root, key, began_event, began_at, due_at, fires_at, record, evidence, figures)
on conflict (rule, root, key) do update set
    began_at = excluded.began_at, due_at = excluded.due_at, fires_at = excluded.fires_at, record = excluded.record,
    evidence = excluded.evidence, figures = excluded.figures
where (known.due_at, known.fires_at, known.record, known.evidence, known.figures)
      is distinct from (excluded.due_at, excluded.fires_at, excluded.record, excluded.evidence, excluded.figures)
"""
