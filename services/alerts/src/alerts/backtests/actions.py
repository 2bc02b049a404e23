"""Running a backtest: it reads, and changes nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

from asyncpg import Connection

from alerts.backtests import queries, rules
from alerts.backtests.commands import Backtest
from alerts.backtests.rules import Span
from alerts.backtests.runs import Found, Run, Told
from alerts.backtests.views import BacktestView
from alerts.recipients import Responsible, Subject, responsible
from alerts.rulebook.actions import RuleFaulty, current_version
from alerts.rulebook.rules import definition_faults
from alerts.timers.projections import load_rulebook
from alerts.timers.projector import SCHEMA
from contracts import registry
from contracts.alerts import RuleDefined
from contracts.event_fields import Fault
from contracts.refusal import NotFound
from directory import Caller
from messaging import freshness
from runtime import Database


async def backtest(database: Database, caller: Caller, code: str, command: Backtest) -> BacktestView:
    """Runs the rule over what was heard, as it stands, changed, or both.

    Raises `NotFound`, `RuleFaulty` for a change that cannot be computed, and the refusals of `rules`.
    """
    async with database.reading() as session:
        rule = await current_version(session, code)
    if rule is None:
        raise NotFound(what="rule", id=code)
    span = Span.of(caller.instant(command.from_), caller.instant(command.to), caller.now)
    variants = _variants(rule, command)
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        calendar = (await load_rulebook(connection, caller.zone, schema=SCHEMA)).calendar
        runs = [Run(variant, each, calendar, span, command.limit) for variant, each in variants]
        await _run(connection, caller, runs, imported=command.imported)
        names = await queries.names(connection, {id for run in runs for id in run.recipients if id})
        fresh = await freshness(connection, SCHEMA)
    return BacktestView(
        rule=code,
        rule_version=rule.rule_version,
        start=span.start,
        end=span.end,
        applied_to=fresh.applied_to,
        behind_events=fresh.behind_events,
        runs=[run.view(names) for run in runs],
    )


async def _run(connection: Connection, caller: Caller, runs: Sequence[Run], *, imported: bool) -> None:
    """All runs in one pass over the records; the figuring happens beside the event loop."""
    seen = await queries.seen_by(connection, caller)
    heard = set[str]().union(*(run.hears for run in runs))
    known: dict[Subject, Responsible] = {}
    async for some in queries.histories(connection, heard):
        for run, found in zip(runs, await asyncio.to_thread(_find, runs, some, seen, imported), strict=True):
            subjects = [firing.subject(run.calendar) for firing in found.firings]
            asked = list({each for each in subjects if each not in known})
            known |= zip(asked, await responsible(connection, asked), strict=True)
            run.count(found, [known[each] for each in subjects])


def _find(
    runs: Sequence[Run], some: Sequence[queries.History], seen: queries.Seen | None, imported: bool
) -> list[Found]:
    told = Told.of(some, imported=imported)
    return [run.find(told, seen) for run in runs]


def _variants(rule: RuleDefined, command: Backtest) -> list[tuple[Any, RuleDefined]]:
    if command.change is None:
        return [("as_it_stands", rule)]
    settings = {name: getattr(command.change, name) for name in command.change.model_fields_set}
    changed = rules.changed(rule, {name: value for name, value in settings.items() if value is not None})
    if faults := definition_faults(changed.definition, registry()):
        raise RuleFaulty(
            [Fault(("change", *each.place), each.code, each.en, each.zh, each.expected) for each in faults]
        )
    both = [("as_it_stands", rule)] if command.compare else []
    return [*both, ("changed", changed)]
