-- What the ledgers say, and what must follow from it: written down once more, plainly and by nobody's projections.
-- A comparison holds where both of its statements, the one above `-- is` over the ledgers and the one below it over the
-- service's tables, have the same rows.

-- # said
create table sealed (service text not null, envelope jsonb not null);

-- # read
create table said as
select service, envelope->>'partitionkey' as root, (envelope->>'sequence')::bigint as sequence,
       (envelope->>'id')::uuid as event_id, envelope->>'type' as type, (envelope->>'time')::timestamptz as occurred_at,
       ((envelope->>'time')::timestamptz at time zone 'Asia/Shanghai')::date as day, envelope->'data' as data
from sealed;
create index on said (root, sequence);
create index on said (type);
analyze said;

-- What was not undone since.
create view counting as
select * from said where not exists (
    select from said void
    where void.root = said.root and void.type = 'opportunities.opportunity.voided.v1'
      and (void.data->>'voided_event_id')::uuid = said.event_id
);

-- An opportunity's state after each fact that changes it.
create view turned as
select root, sequence, day, case split_part(type, '.', 3)
           when 'won' then 'won' when 'lost' then 'lost' else 'open' end as state
from counting
where type in ('opportunities.opportunity.opened.v1', 'opportunities.opportunity.won.v1',
               'opportunities.opportunity.lost.v1', 'opportunities.opportunity.reopened.v1');

create view deal as
select distinct on (said.root) said.root, said.sequence, said.data,
       (select state from turned where turned.root = said.root order by sequence desc limit 1) as state,
       (select day from turned where turned.root = said.root order by sequence desc limit 1) as turned_on,
       (select day from counting opened where opened.root = said.root
        and opened.type = 'opportunities.opportunity.opened.v1') as opened_on
from said
where exists (select from said opened where opened.root = said.root
              and opened.type = 'opportunities.opportunity.opened.v1')
order by said.root, said.sequence desc;

-- What counts for the metrics that are compared.
create view counted as
select 'won_count' as metric, data->>'owner_id' as person, day, 1 as value
from counting where type = 'opportunities.opportunity.won.v1'
union all
select 'sales_amount', data->>'owner_id', day, (data->>'amount')::numeric
from counting where type = 'opportunities.opportunity.won.v1'
union all
select 'collected_amount', data->>'owner_id', day, (data->>'received_amount')::numeric
from counting where type = 'opportunities.receipt.recorded.v1'
union all
select 'opportunities_opened', data->>'owner_id', day, 1
from counting where type = 'opportunities.opportunity.opened.v1'
union all
select 'opportunities_lost', data->>'owner_id', day, 1
from counting where type = 'opportunities.opportunity.lost.v1'
union all
select 'interactions', data->>'owner_id', day, 1
from counting where type = 'opportunities.interaction.logged.v1'
union all
select 'calls', data->>'owner_id', day, 1
from counting where type = 'opportunities.interaction.logged.v1' and data->>'interaction_kind' = 'call'
union all
select 'leads_captured', data->>'owner_id', day, 1 from counting where type = 'leads.lead.captured.v1'
union all
select 'leads_converted', data->>'owner_id', day, 1 from counting where type = 'leads.lead.converted.v1'
union all
select 'leads_discarded', data->>'owner_id', day, 1 from counting where type = 'leads.lead.discarded.v1';

-- # compare reporting: every fact is kept once
select root, sequence, event_id::text, type from said
-- is
select root, sequence, id::text, type from projection.event

-- # compare reporting: opportunities stand as their last facts say
select root, state, data->>'stage', data->>'owner_id', data->>'customer_id', (data->>'amount')::numeric(18, 2),
       data->>'currency', opened_on, case when state <> 'open' then turned_on end, sequence
from deal
-- is
select id::text, state, stage, owner_id::text, customer_id::text, amount, currency, opened_on, closed_on, sequence
from projection.opportunity

-- # compare reporting: facts by person and day
select metric, person, day, sum(value)::numeric(30, 2), count(*) from counted group by metric, person, day
-- is
select metric, person_id::text, day, sum(value)::numeric(30, 2), count(*) from projection.fact
where metric in ('won_count', 'sales_amount', 'collected_amount', 'opportunities_opened', 'opportunities_lost',
                 'interactions', 'calls', 'leads_captured', 'leads_converted', 'leads_discarded')
group by metric, person_id, day

-- # compare reporting: sums and counts by day
select metric, day, sum(value)::numeric(30, 2), count(*) from counted group by metric, day
-- is
select metric, day, sum(sum)::numeric(30, 2), sum(count)::bigint from projection.rollup
where metric in ('won_count', 'sales_amount', 'collected_amount', 'opportunities_opened', 'opportunities_lost',
                 'interactions', 'calls', 'leads_captured', 'leads_converted', 'leads_discarded')
group by metric, day

-- # compare reporting: visits of stages
select root, count(*) from counting
where type in ('opportunities.opportunity.opened.v1', 'opportunities.opportunity.stage_changed.v1',
               'opportunities.opportunity.reopened.v1')
group by root
-- is
select opportunity_id::text, count(*) from projection.stage_visit group by opportunity_id

-- # compare reporting: visits are counted by the month of their opening
select date_trunc('month', deal.opened_on)::date, count(*)
from deal join counting using (root)
where counting.type in ('opportunities.opportunity.opened.v1', 'opportunities.opportunity.stage_changed.v1',
                        'opportunities.opportunity.reopened.v1')
group by 1
-- is
select opened_in, sum(count)::bigint from projection.cohort where reason is null group by 1

-- # compare reporting: leads stand as their last facts say
select distinct on (root) root, data->>'state', data->>'owner_id', data->>'channel', data->>'intent', sequence
from said where exists (select from said captured where captured.root = said.root
                        and captured.type = 'leads.lead.captured.v1')
order by root, sequence desc
-- is
select id::text, state, owner_id::text, channel, intent, sequence
from projection.lead

-- # compare opportunities: rows stand as their last facts say
select root, sequence, state, data->>'stage', data->>'owner_id', (data->>'amount')::numeric(18, 2)
from deal where root in (select root from said where service = 'opportunities')
-- is
select id::text, sequence, state, stage, owner_id::text, amount from opportunity

-- # compare leads: rows stand as their last facts say
select distinct on (root) root, sequence, data->>'state', data->>'owner_id'
from said where exists (select from said captured where captured.root = said.root
                        and captured.type = 'leads.lead.captured.v1')
order by root, sequence desc
-- is
select id::text, sequence, state, owner_id::text from lead

-- # compare opportunities: each converted lead was opened once
select data->>'lead_id', data->>'opportunity_id' from said where type = 'leads.lead.converted.v1'
-- is
select lead_id::text, id::text from opportunity where lead_id is not null

-- # compare leads: each outcome was learnt
select data->>'lead_id', state from deal where data->>'lead_id' is not null
-- is
select id::text, outcome from lead where opportunity_id is not null

-- # compare opportunities: everybody is known
select root from said where type = 'targets.person.hired.v1'
-- is
select id::text from directory.person

-- # compare leads: everybody is known
select root from said where type = 'targets.person.hired.v1'
-- is
select id::text from directory.person
