"""An opportunity's rows, told anew from all of its facts whenever one arrives.

A void then needs no case of its own: the facts that it undid are left out. One statement, because each of its
parts reads the one before; rows that come out as they were are left alone.
"""

from contracts.opportunities import (
    Deal,
    InteractionLogged,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityLost,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageChanged,
    OpportunityWon,
    Undone,
)
from reporting.events.projections import EVERYTHING
from reporting.pipeline.attributes import ATTRIBUTES
from reporting.statements import Statements, types, upsert

DEALS = frozenset(event for event in EVERYTHING if issubclass(event, Deal))

SIGNS_OF_LIFE = (
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityReopened,
    InteractionLogged,
)

# The facts that count, with the state after each. A receipt of a void opportunity counts as money alone: before the
# void it has no state. `offset 0` holds the planner to the index while the table is young and without statistics.
_TOLD = f"""
told as (
    select event.root::uuid as opportunity_id, event.sequence, event.type, event.occurred_at, event.day, said.*,
           case
               when event.type in ({types(OpportunityOpened, OpportunityReopened)}) then 'open'
               when event.type = '{OpportunityWon.type}' then 'won'
               when event.type = '{OpportunityLost.type}' then 'lost'
               when said.undone = '{Undone.opportunity}' then 'void'
           end as new_state
    from (select distinct root from batch where type in ({types(*DEALS)})) as touched,
    lateral (select * from event where event.root = touched.root and not event.voided offset 0) as event,
    jsonb_to_record(event.data) as said(
        stage text, customer_id uuid, owner_id uuid, pipeline text, pipeline_version integer, product_line text,
        channel text, amount numeric, currency text, expected_close_on date, imported boolean, undone text,
        reason_code text, step_back boolean
    )
),
counted as (
    select *, count(new_state) over (partition by opportunity_id order by sequence) as states from told
),
stated as (
    select *, first_value(new_state) over same as state, first_value(occurred_at) over same as state_since,
           first_value(day) over same as state_since_day, first_value(reason_code) over same as state_reason
    from counted where states > 0
    window same as (partition by opportunity_id, states order by sequence)
)
"""

# With the visit that each lies in or after (0: none yet).
_STORY = """
compared as (
    select *, lag(state) over facts = 'open' as was_open,
           state = 'open' and (lag(state) over facts, lag(stage) over facts) is distinct from (state, stage) as enters,
           first_value(occurred_at) over facts as first_at, first_value(day) over facts as first_on,
           first_value(imported) over facts as first_imported
    from stated
    window facts as (partition by opportunity_id order by sequence)
),
visiting as (
    select *, count(*) filter (where enters) over (partition by opportunity_id order by sequence) as visit
    from compared
),
story as materialized (
    select opportunity_id, sequence, type, occurred_at, visit, enters, was_open and state <> 'open' as closes,
           step_back, state, stage, case when visit > 0 then first_value(occurred_at) over same end as stage_since,
           customer_id, owner_id, pipeline, pipeline_version, product_line, channel, amount, currency,
           expected_close_on,
           case when state <> 'void' then first_at end as opened_at,
           case when state <> 'void' then first_on end as opened_on,
           case when state in ('won', 'lost') then state_since end as closed_at,
           case when state in ('won', 'lost') then state_since_day end as closed_on,
           case when state = 'lost' then state_reason end as loss_reason,
           first_imported as imported
    from visiting
    window same as (partition by opportunity_id, visit order by sequence)
)
"""

_VISITS = """
bound as (
    select *, lead(occurred_at) over facts as left_at, lead(state) over facts as next_state,
           lead(stage) over facts as next_stage, lead(step_back) over facts as next_is_back
    from story where enters or closes
    window facts as (partition by opportunity_id order by sequence)
),
visit as materialized (
    select opportunity_id, visit, pipeline, pipeline_version, stage, occurred_at as entered_at, left_at,
           case
               when left_at is null then null
               when next_state = 'lost' then 'lost'
               when next_is_back then 'returned'
               else 'advanced'
           end as exit,
           case when next_state = 'open' then next_stage end as next_stage,
           row_number() over (partition by opportunity_id, stage order by visit) > 1 as reentry,
           owner_id, product_line
    from bound where enters
)
"""

_INTERVALS = f"""
lasting as (
    select * from (
        select *, lead(occurred_at) over (partition by opportunity_id order by sequence) as next_at from story
    ) as followed
    where next_at is distinct from occurred_at
),
differing as (
    select *, row({ATTRIBUTES}) is distinct from
              lag(row({ATTRIBUTES})) over (partition by opportunity_id order by sequence) as differs
    from lasting
),
period as materialized (
    select opportunity_id, occurred_at as valid_from,
           lead(occurred_at, 1, 'infinity') over (partition by opportunity_id order by sequence) as valid_to,
           {ATTRIBUTES}
    from differing where differs
),
life as (
    select opportunity_id,
           min(occurred_at) filter (where type = '{InteractionLogged.type}') as first_contact_at,
           max(occurred_at) filter (where type in ({types(*SIGNS_OF_LIFE)})) as last_sign_of_life_at,
           max(sequence) as sequence
    from story group by opportunity_id
)
"""

_PAST_COLUMNS = f"valid_to, {ATTRIBUTES}"
_VISIT_COLUMNS = """
    pipeline, pipeline_version, stage, entered_at, left_at, exit, next_stage, reentry, owner_id, product_line
"""
_CURRENT_COLUMNS = f"valid_from, {ATTRIBUTES}, first_contact_at, last_sign_of_life_at, sequence"


def _gone(table: str, source: str, key: str) -> str:
    """Drops the rows of retold opportunities that are told no more."""
    return f"""
    delete from {table} using life
    where {table}.opportunity_id = life.opportunity_id and not exists (
        select from {source}
        where {source}.opportunity_id = {table}.opportunity_id and {source}.{key} = {table}.{key}
    )
    """


retell_opportunities = Statements(
    DEALS,
    f"""
    with {_TOLD}, {_STORY}, {_VISITS}, {_INTERVALS},
    past as (select * from period where valid_to < 'infinity'),
    current as (
        select opportunity_id as id, * from period join life using (opportunity_id) where valid_to = 'infinity'
    ),
    visits_gone as ({_gone("stage_visit", "visit", "visit")}),
    visits_made as ({upsert("stage_visit", "visit", key="opportunity_id, visit", columns=_VISIT_COLUMNS)}),
    past_gone as ({_gone("opportunity_past", "past", "valid_from")}),
    past_made as ({upsert("opportunity_past", "past", key="opportunity_id, valid_from", columns=_PAST_COLUMNS)})
    {upsert("opportunity", "current", key="id", columns=_CURRENT_COLUMNS)}
    """,
)
