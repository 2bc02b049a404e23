"""The shortcut of logging an interaction."""

from typing import Any

from asyncpg import Connection

from messaging import uuid7
from opportunities.access import WRITERS
from opportunities.activities import rules
from opportunities.activities.commands import LogInteraction
from opportunities.activities.views import InteractionAnswer
from opportunities.pipeline.standings import Seen, changing
from runtime.shortcuts import Answer, Asked, Shortcut

_LOG = changing(
    "",
    """, logged as (
        insert into interaction (id, opportunity_id, kind, direction, occurred_at, logged_by_id, summary, next_step)
        select :interaction_id, id, :kind, :direction, :occurred_at, :logged_by_id, :summary, :next_step from changed
    )""",
)


async def _log(asked: Asked[LogInteraction], connection: Connection) -> Answer | None:
    seen, command = await Seen.read(asked, connection), asked.command
    interaction_id, logged_by_id = uuid7(), seen.caller.person_id
    logged = rules.log_interaction(
        seen.standing,
        interaction_id,
        kind=command.kind,
        direction=command.direction,
        logged_by_id=logged_by_id,
    )
    said: dict[str, Any] = {
        "kind": command.kind,
        "direction": command.direction,
        "summary": command.summary,
        "next_step": command.next_step,
    }
    entry = await seen.state(
        _LOG, logged, command, interaction_id=interaction_id, logged_by_id=logged_by_id, **said
    )
    if entry is None:
        return None
    shown = InteractionAnswer(
        **said,
        id=interaction_id,
        opportunity_id=seen.row["id"],
        occurred_at=entry.occurred_at,
        logged_by_id=logged_by_id,
        token=entry.token,
    )
    return Answer(201, shown, seen.row["version"], entry.token)


shortcuts: list[Shortcut[Any]] = [
    Shortcut("/v1/opportunities/{opportunity_id}/interactions", LogInteraction, WRITERS, _log)
]
