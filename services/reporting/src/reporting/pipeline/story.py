"""An opportunity's rows, told on from where it stood by the facts of a batch.

How it stands is the fact that comes before them: from it and them follow the visits and intervals that are over, how it
stands now, and what is counted of it (`cohorts`). An opportunity of which nothing is known, or of which something has
to be unsaid, is told from its first fact on; there is one definition of what a history is for both. More than half of
all facts are signs of life that turn nothing (`QUIET`): of them it counts only which came first and last.
"""

from contracts.opportunities import (
    Deal,
    InteractionLogged,
    ObjectionAnswered,
    ObjectionRaised,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityLost,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageChanged,
    OpportunityVoided,
    OpportunityWon,
    ReceiptRecorded,
    Undone,
)
from reporting.events.projections import EVERYTHING
from reporting.pipeline.attributes import ATTRIBUTES
from reporting.pipeline.cohorts import added, counted, counted_anew
from reporting.statements import Statements, types

DEALS = frozenset(event for event in EVERYTHING if issubclass(event, Deal))

QUIET = frozenset({InteractionLogged, ObjectionRaised, ObjectionAnswered, ReceiptRecorded})
"""They repeat how the opportunity stands, and change nothing of it."""

TURNS = DEALS - QUIET

SIGNS_OF_LIFE = (
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityReopened,
    InteractionLogged,
)

# A void unsays facts, and one more fact of the instant at which the last interval began unsays that interval: only a
# root's first fact of a batch can be that old, for a root does not go back in time.
_FORGET = f"""
with forgotten as materialized (
    select opportunity.id, slice
    from (
        select root::uuid as id, partition as slice, min(occurred_at) as turned_at,
               bool_or(type = '{OpportunityVoided.type}') as void
        from batch where type in ({types(*TURNS)})
        group by root, partition having min(sequence) > 1
    ) as turned
    join opportunity using (id)
    where void or turned_at = opportunity.valid_from
),
uncounted as ({added(counted_anew("select * from forgotten", sign=-1))}),
visits as (delete from stage_visit_past using forgotten where opportunity_id = forgotten.id),
past as (delete from opportunity_past using forgotten where opportunity_id = forgotten.id)
delete from opportunity using forgotten where opportunity.id = forgotten.id
"""

_DEAL = """
    stage, customer_id, owner_id, pipeline, pipeline_version, product_line, channel, amount, currency,
    expected_close_on, imported
"""

_TYPES = {
    "customer_id": "uuid",
    "owner_id": "uuid",
    "pipeline_version": "integer",
    "amount": "numeric",
    "expected_close_on": "date",
    "imported": "boolean",
    "step_back": "boolean",
}

# One by one: a function that returns a record takes half as long again.
_SAID = ", ".join(
    f"(data->>'{name}')::{_TYPES.get(name, 'text')} as {name}"
    for name in (*(each.strip() for each in _DEAL.split(",")), "undone", "reason_code", "step_back")
)


def _numbered(word: str) -> str:
    """A fact's word behind its number: the greatest of them is what was said last."""
    return f"(to_char(sequence, 'FM0000000000') || {word})"


def _said(numbered: str) -> str:
    return f"substr({numbered}, 11)"


# `standing` is the row as it stood: a fact of number 0, so to say. One that begins here, or stands, is told by the
# batch alone; another by all that was ever said of it. `offset 0` holds the planner to the index of a young table.
_HEARD = f"""
touched as materialized (
    select root, root::uuid as id, partition as slice, bool_or(type in ({types(*TURNS)})) as turns,
           min(sequence) = 1 and not bool_or(type = '{OpportunityVoided.type}') as begins
    from batch where type in ({types(*DEALS)})
    group by root, partition
),
standing as materialized (
    select opportunity.*, opportunity.ctid as place, touched.root, touched.slice, touched.turns
    from touched join opportunity using (id) where not touched.begins
),
told_by_batch as materialized (
    select root, id from touched where begins union all select root, id from standing
),
heard as not materialized (
    select told_by_batch.id, batch.sequence, batch.type, batch.occurred_at, batch.data
    from batch join told_by_batch using (root)
    where batch.type in ({types(*DEALS)})
    union all
    select touched.id, event.sequence, event.type, event.occurred_at, event.data
    from touched,
    lateral (select * from event where event.root = touched.root and not event.voided offset 0) as event
    where not exists (select from told_by_batch where told_by_batch.id = touched.id)
),
sign as materialized (
    select id, max(sequence) as sequence,
           min(occurred_at) filter (where type = '{InteractionLogged.type}') as first_contact_at,
           max(occurred_at) filter (where type in ({types(*SIGNS_OF_LIFE)})) as last_sign_of_life_at
    from heard group by id
)
"""

_TOLD = f"""
told as (
    select id, 0 as sequence, valid_from as occurred_at, {_DEAL}, false as step_back,
           state as said, closed_at as said_at, loss_reason as reason_code, opened_at, visits, stage_since
    from standing where turns
    union all
    select id, sequence, occurred_at, {_DEAL}, step_back,
           case
               when type in ({types(OpportunityOpened, OpportunityReopened)}) then 'open'
               when type = '{OpportunityWon.type}' then 'won'
               when type = '{OpportunityLost.type}' then 'lost'
               when undone = '{Undone.opportunity}' then 'void'
           end as said,
           occurred_at, reason_code, occurred_at, 0, null
    from (select id, sequence, type, occurred_at, {_SAID} from heard where type in ({types(*TURNS)})) as deal
),
stated as (
    select *, max({_numbered("said")}) filter (where said is not null) over facts as last_said,
           max({_numbered("reason_code")}) filter (where said = 'lost') over facts as last_reason,
           max(said_at) filter (where said is not null) over facts as state_since,
           lag(stage) over facts as stage_before
    from told
    window facts as (partition by id order by sequence)
),
compared as (
    select *, {_said("last_said")} as state, lag({_said("last_said")}) over facts as state_before
    from stated where last_said is not null
    window facts as (partition by id order by sequence)
),
entering as (
    select *, sequence > 0 and state = 'open' and (state_before, stage_before) is distinct from (state, stage) as enters
    from compared
),
story as materialized (
    select id, sequence, occurred_at, enters, state_before = 'open' and state <> 'open' as closes, step_back,
           state, stage,
           max(case when enters then occurred_at else stage_since end) over facts as stage_since,
           sum(case when enters then 1 else visits end) over facts as visit,
           customer_id, owner_id, pipeline, pipeline_version, product_line, channel, amount, currency,
           expected_close_on,
           case when state <> 'void' then first_value(opened_at) over facts end as opened_at,
           case when state in ('won', 'lost') then state_since end as closed_at,
           case when state = 'lost' then {_said("last_reason")} end as loss_reason,
           first_value(imported) over facts as imported,
           lead(occurred_at) over facts as next_at
    from entering
    window facts as (partition by id order by sequence)
)
"""

# A stay ends with the next stage that is entered, or with the close. Of the one that lasted the row says how it began.
_VISITS = """
bound as (
    select id, sequence, visit, pipeline, stage, stage_since, owner_id, product_line, opened_at, enters, closes,
           lead(occurred_at) over facts as left_at, lead(step_back) over facts as next_is_back,
           lead(state) over facts as next_state, lead(stage) over facts as next_stage
    from story where enters or closes or sequence = 0 and state = 'open'
    window facts as (partition by id order by sequence)
),
visit as materialized (
    select bound.id, bound.visit, bound.pipeline, bound.stage, bound.stage_since as entered_at, left_at,
           bound.sequence = 0 as lasted, bound.opened_at,
           case when bound.sequence = 0 then standing.visit_owner_id else bound.owner_id end as owner_id,
           case when bound.sequence = 0 then standing.visit_product_line else bound.product_line end as product_line,
           case
               when bound.sequence = 0 then standing.visit_reentry
               else row_number() over (partition by bound.id, bound.stage order by bound.visit) > 1
                    or standing.id is not null and exists (
                        select from stage_visit_past as past
                        where past.opportunity_id = bound.id and past.stage = bound.stage and past.visit < bound.visit
                    )
           end as reentry,
           case
               when left_at is null then null
               when next_state = 'lost' then 'lost'
               when next_is_back then 'returned'
               else 'advanced'
           end as exit,
           case when next_state = 'open' then next_stage end as next_stage
    from bound left join standing using (id)
    where enters or bound.sequence = 0
)
"""

_INTERVALS = f"""
differing as (
    select id, sequence, occurred_at, visit, {ATTRIBUTES},
           row({ATTRIBUTES}) is distinct from
           lag(row({ATTRIBUTES})) over (partition by id order by sequence) as differs
    from (
        select *, business_day(opened_at) as opened_on, business_day(closed_at) as closed_on from story
        where next_at is distinct from occurred_at
    ) as lasting
),
period as materialized (
    select id, occurred_at as valid_from, visit, {ATTRIBUTES},
           lead(occurred_at) over (partition by id order by sequence) as valid_to
    from differing where differs
)
"""

_CURRENT = f"""
    valid_from, {ATTRIBUTES}, first_contact_at, last_sign_of_life_at, visits, visit_owner_id, visit_product_line,
    visit_reentry, sequence
"""


def _of(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{name.strip()}" for name in columns.split(","))


_NOW = f"""
now as materialized (
    select period.id, standing.place, period.valid_from, {_of("period", ATTRIBUTES)},
           least(standing.first_contact_at, sign.first_contact_at) as first_contact_at,
           greatest(standing.last_sign_of_life_at, sign.last_sign_of_life_at) as last_sign_of_life_at,
           period.visit as visits, lasting.owner_id as visit_owner_id, lasting.product_line as visit_product_line,
           lasting.reentry as visit_reentry, sign.sequence
    from period
    join sign on sign.id = period.id
    left join standing on standing.id = period.id
    left join visit as lasting on lasting.id = period.id and lasting.visit = period.visit and period.state = 'open'
    where period.valid_to is null
)
"""

# What the facts change of the counts: the visit that lasted is taken away as it was and added as it is over.
_COUNTED = counted(
    """
    select pipeline, business_day(opened_at) as opened_on, slice, 1 as sign, stage, visit, reentry, entered_at, left_at,
           exit, next_stage
    from visit join touched using (id) where not lasted or left_at is not null
    union all
    select pipeline, business_day(opened_at), slice, -1, stage, visit, reentry, entered_at, null, null, null
    from visit join touched using (id) where lasted and left_at is not null
    """,
    """
    select pipeline, opened_on, slice, 1 as sign, stage, loss_reason from now join touched using (id)
    where state = 'lost'
    union all
    select pipeline, opened_on, slice, -1, stage, loss_reason from standing where turns and state = 'lost'
    """,
)

# A row that stands has its place: it is not looked for again.
_TELL = f"""
with {_HEARD}, {_TOLD}, {_VISITS}, {_INTERVALS}, {_NOW},
lived as (
    update opportunity
    set first_contact_at = least(opportunity.first_contact_at, sign.first_contact_at),
        last_sign_of_life_at = greatest(opportunity.last_sign_of_life_at, sign.last_sign_of_life_at),
        sequence = sign.sequence
    from standing join sign using (id)
    where not standing.turns and opportunity.ctid = standing.place
),
past_visit as (
    insert into stage_visit_past (opportunity_id, visit, pipeline, stage, entered_at, left_at, exit, next_stage,
                                  reentry, owner_id, product_line)
    select id, visit, pipeline, stage, entered_at, left_at, exit, next_stage, reentry, owner_id, product_line
    from visit where left_at is not null
),
past as (
    insert into opportunity_past (opportunity_id, valid_from, valid_to, {ATTRIBUTES})
    select id, valid_from, valid_to, {ATTRIBUTES} from period where valid_to is not null
),
counted as ({added(_COUNTED)}),
turned as (
    update opportunity
    set ({_CURRENT}) = row({_of("now", _CURRENT)})
    from now where opportunity.ctid = now.place
)
insert into opportunity (id, {_CURRENT})
select id, {_CURRENT} from now where place is null
"""

retell_opportunities = Statements(DEALS, _FORGET, _TELL)
