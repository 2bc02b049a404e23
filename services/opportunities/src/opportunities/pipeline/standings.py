"""An opportunity read by one statement and written by another, for the shortcuts.

Nothing is locked in between. What is written is written only where the opportunity still stands at the number at which
it was read: whatever changes it is a fact, and every fact takes a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from asyncpg import Connection

from contracts.opportunities import Deal
from contracts.refusal import NotFound
from directory import VISIBLE_PEOPLE, Caller, caller
from messaging import INSERT_ONE, Entry, announce, numbered
from opportunities.pipeline.rules import Standing
from opportunities.pipeline.tables import standing_of
from opportunities.pipeline.views import OpportunityView
from runtime.query import Query
from runtime.requests import Verb
from runtime.shortcuts import Asked

_KEPT = {*OpportunityView.model_fields} - {"customer_name", "owner_name", "token"}
_COLUMNS = sorted(_KEPT | {"sequence", "last_occurred_at", "opened_event_id", "closed_event_id"})
_READ = Query(f"""
    select {", ".join(f"o.{column}" for column in _COLUMNS)},
           customer.name as customer_name, person.display_name as owner_name, version.defined_at
    from opportunity as o
    join pipeline_version as version on version.pipeline = o.pipeline and version.version = o.pipeline_version
    left join customer on customer.id = o.customer_id
    left join directory.person on person.id = o.owner_id
    where o.id = :id and (:everything::boolean or o.owner_id in ({VISIBLE_PEOPLE}))
""")


@dataclass(frozen=True, slots=True)
class Seen:
    """An opportunity as the caller of a request saw it."""

    asked: Asked[Any]
    connection: Connection
    caller: Caller
    row: Mapping[str, Any]

    @classmethod
    async def read(cls, asked: Asked[Any], connection: Connection) -> Self:
        """Raises `NotFound` for one that is not there or not the caller's to see, and `StaleVersion`."""
        who = caller(asked.principal, asked.database)
        row: Any = await _READ.row(connection, id=asked.about, **who.scope)
        if row is None:
            raise NotFound(what="opportunity", id=asked.about)
        asked.if_match.check(row["version"])
        return cls(asked, connection, who, row)

    @property
    def standing(self) -> Standing:
        """As the rules see it."""
        return standing_of(self.row.__getitem__)

    async def state(self, write: Query, fact: Deal, command: Verb, **values: Any) -> Entry | None:
        """Writes the fact and what follows from it; None when somebody else was quicker, and nothing was written."""
        entry = numbered(
            fact,
            after=self.row["sequence"],
            last=self.row["last_occurred_at"],
            by=self.caller.id,
            at=command.occurred_at,
            may_backdate=self.caller.may_backdate,
        )
        written = await write.row(
            self.connection,
            id=self.asked.about,
            seen=self.row["sequence"],
            event_id=entry.event_id,
            number=entry.sequence,
            occurred_at=entry.occurred_at,
            **entry.parameters,
            **values,
        )
        if written is None:
            return None
        announce(entry.topic, self.asked.session)
        return entry


def changing(columns: str, also: str = "") -> Query:
    """The statement for `Seen.state`: sets columns of the opportunity, states the fact, and does `also` something."""
    return Query(f"""
        with changed as (
            update opportunity set sequence = :number, last_occurred_at = :occurred_at{columns}
            where id = :id and sequence = :seen
            returning id
        ), stated as ({INSERT_ONE} from changed){also}
        select id from changed
    """)
