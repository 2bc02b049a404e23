"""How reporting keeps leads, channels and what they cost."""

from contracts.leads import (
    ChannelDefined,
    ContactLogged,
    CostRecorded,
    CostVoided,
    Lead,
    LeadCaptured,
    LeadConverted,
    LeadDiscarded,
    LeadQualified,
)
from reporting.events.projections import EVERYTHING
from reporting.statements import Statements, types, upsert

LEADS = frozenset(event for event in EVERYTHING if issubclass(event, Lead))

_COLUMNS = """
    captured_at, captured_on, channel, campaign, company, product_line, level, intent, state, valid, owner_id,
    first_owner_id, last_owner_id, assigned_at, first_contact_at, first_visit_at, qualified_at, discarded_at,
    converted_at, opportunity_id, imported, sequence
"""

# Told anew from all facts of the leads that a batch speaks of. Each fact says the whole lead, so the last one says how
# it stands; the first of a kind says when it got there. `offset 0` holds the planner to the index of a young table.
retell_leads = Statements(
    LEADS,
    f"""
    with told as (
        select event.root::uuid as id, event.sequence, event.type, event.occurred_at, said.*
        from (select distinct root from batch where type in ({types(*LEADS)})) as touched,
        lateral (select * from event where event.root = touched.root offset 0) as event,
        jsonb_to_record(event.data) as said(
            channel text, campaign text, company text, product_line text, level text, intent text, state text,
            captured_on date, valid boolean, owner_id uuid, imported boolean, first_visit boolean, opportunity_id uuid
        )
    ),
    latest as (select distinct on (id) * from told order by id, sequence desc),
    got as (
        select id,
               min(occurred_at) filter (where type = '{LeadCaptured.type}') as captured_at,
               bool_or(imported) filter (where type = '{LeadCaptured.type}') as was_imported,
               (array_agg(owner_id order by sequence) filter (where owner_id is not null))[1] as first_owner_id,
               (array_agg(owner_id order by sequence desc) filter (where owner_id is not null))[1] as last_owner_id,
               min(occurred_at) filter (where owner_id is not null) as assigned_at,
               min(occurred_at) filter (where type = '{ContactLogged.type}') as first_contact_at,
               min(occurred_at) filter (where first_visit) as first_visit_at,
               min(occurred_at) filter (where type = '{LeadQualified.type}') as qualified_at,
               max(occurred_at) filter (where type = '{LeadDiscarded.type}') as discarded_at,
               min(occurred_at) filter (where type = '{LeadConverted.type}') as converted_at,
               (array_agg(opportunity_id order by sequence desc) filter (where opportunity_id is not null))[1]
                   as opportunity_id
        from told group by id
    ),
    known as (
        select id, got.captured_at, captured_on, channel, campaign, company, product_line, level, intent, state, valid,
               owner_id, got.first_owner_id, got.last_owner_id, got.assigned_at, got.first_contact_at,
               got.first_visit_at, got.qualified_at, got.discarded_at, got.converted_at, got.opportunity_id,
               got.was_imported as imported, sequence
        from latest join got using (id)
    )
    {upsert("lead", "known", key="id", columns=_COLUMNS)}
    """,
)

keep_channels = Statements(
    frozenset({ChannelDefined}),
    f"""
    insert into channel (code, name_en, name_zh, active)
    select distinct on (root) said.*
    from batch, jsonb_to_record(data) as said(channel text, name_en text, name_zh text, active boolean)
    where type = '{ChannelDefined.type}'
    order by root, sequence desc
    on conflict (code) do update set
        name_en = excluded.name_en, name_zh = excluded.name_zh, active = excluded.active
    """,
)

keep_costs = Statements(
    frozenset({CostRecorded, CostVoided}),
    f"""
    insert into cost (id, channel, campaign, starts_on, ends_on, amount, currency, voided)
    select said.*, false
    from batch, jsonb_to_record(data) as said(
        cost_id uuid, channel text, campaign text, starts_on date, ends_on date, amount numeric, currency text
    )
    where type = '{CostRecorded.type}'
    """,
    f"""
    update cost set voided = true
    from batch
    where batch.type = '{CostVoided.type}' and cost.id = (batch.data->>'cost_id')::uuid
    """,
)
