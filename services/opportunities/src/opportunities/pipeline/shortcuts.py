"""The shortcuts of opening an opportunity and of moving it to another stage."""

from typing import Any

from asyncpg import Connection

from directory import VISIBLE_PEOPLE, caller
from messaging import INSERT_ONE, announce, numbered, uuid7
from opportunities.access import WRITERS, is_authorised
from opportunities.customers.queries import SEEN_CUSTOMER
from opportunities.pipeline import definitions, rules
from opportunities.pipeline.commands import ChangeStage, OpenOpportunity
from opportunities.pipeline.rules import State
from opportunities.pipeline.standings import Seen, changing
from opportunities.pipeline.tables import DEAL_COLUMNS
from opportunities.pipeline.views import OpportunityView
from runtime.query import Query
from runtime.shortcuts import Answer, Asked, Shortcut

_DEAL = [column for column in DEAL_COLUMNS.values() if column != "id"]
_OPEN = Query(f"""
    with owner as (
        select id, display_name from directory.person
        where id = :owner_id and (left_on is null or left_on > :day)
          and (:everything::boolean or id in ({VISIBLE_PEOPLE}))
    ), buyer as (
        select name from customer where id = :customer_id and {SEEN_CUSTOMER}
    ), opened as (
        insert into opportunity (
            id, sequence, version, last_occurred_at, title, state, opened_at, opened_event_id, stage_since,
            {", ".join(_DEAL)}
        )
        select :id, :number, :number, :occurred_at, :title, '{State.open}', :occurred_at, :event_id, :occurred_at,
               {", ".join(f":{column}" for column in _DEAL)}
        from owner
        where (:customer_id is null or exists (select from buyer))
          and exists (
              select from pipeline
              join pipeline_version as version on version.pipeline = pipeline.code
                                              and version.version = pipeline.current_version
              where pipeline.code = :pipeline and version.version = :pipeline_version
                and version.defined_at = :defined_at
          )
        returning id
    ), stated as ({INSERT_ONE} from opened)
    select owner.display_name as owner_name, (select name from buyer) as customer_name from opened, owner
""")
"""Nothing is there to be locked. It opens where the owner may be given it, the customer is seen, and the pipeline's
version is still the current one; otherwise it does nothing, and the route says why.
"""

_MOVE = changing(
    ", version = :number, stage = :stage, stage_since = :occurred_at, imported = false",
    """, noted as (
        insert into note (event_id, opportunity_id, text)
        select :event_id, id, :note from changed where :note <> ''
    )""",
)


async def _open(asked: Asked[OpenOpportunity], connection: Connection) -> Answer | None:
    who, command = caller(asked.principal, asked.database), asked.command
    owner_id = command.owner_id or who.person_id
    pipeline = await definitions.latest(connection, command.pipeline)
    if owner_id is None or pipeline is None:
        return None
    opened = rules.open_opportunity(
        uuid7(),
        pipeline.rules,
        owner_id=owner_id,
        customer_id=command.customer_id,
        product_line=command.product_line,
        channel=command.channel,
        amount=command.amount,
        currency=command.currency or who.currency,
        expected_close_on=command.expected_close_on,
    )
    entry = numbered(
        opened, after=0, last=None, by=who.id, at=command.occurred_at, may_backdate=who.may_backdate
    )
    deal = {column: getattr(opened, name) for name, column in DEAL_COLUMNS.items()}
    at = entry.occurred_at
    names = await _OPEN.row(
        connection,
        **deal,
        **who.scope,
        **entry.parameters,
        title=command.title,
        day=who.day(command.occurred_at),
        defined_at=pipeline.defined_at,
        number=entry.sequence,
        event_id=entry.event_id,
        occurred_at=at,
    )
    if names is None:
        definitions.forget(command.pipeline)
        return None
    announce(entry.topic, asked.session)
    shown = OpportunityView(
        **deal,
        **names,
        title=command.title,
        stage_since=at,
        state=State.open,
        opened_at=at,
        closed_at=None,
        loss_reason=None,
        source=None,
        external_id=None,
        version=entry.sequence,
        token=entry.token,
    )
    return Answer(201, shown, shown.version, shown.token, f"/v1/opportunities/{shown.id}")


async def _move(asked: Asked[ChangeStage], connection: Connection) -> Answer | None:
    seen, command = await Seen.read(asked, connection), asked.command
    row = seen.row
    pipeline = await definitions.version_of(
        connection, row["pipeline"], row["pipeline_version"], row["defined_at"]
    )
    if pipeline is None:
        return None
    warrant = command.reason_code if is_authorised(seen.caller) else None
    moved = rules.change_stage(seen.standing, pipeline, command.stage, warrant=warrant)
    entry = await seen.state(_MOVE, moved, command, stage=moved.stage, note=command.note)
    if entry is None:
        return None
    changes = {"stage": moved.stage, "stage_since": entry.occurred_at, "imported": False}
    shown = OpportunityView(**{**row, **changes, "version": entry.sequence, "token": entry.token})
    return Answer(200, shown, shown.version, shown.token)


shortcuts: list[Shortcut[Any]] = [
    Shortcut("/v1/opportunities", OpenOpportunity, WRITERS, _open),
    Shortcut("/v1/opportunities/{opportunity_id}/change-stage", ChangeStage, WRITERS, _move),
]
