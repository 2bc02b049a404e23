-- A target as published. base and challenge are the original ones.
create table target (
    id           uuid        primary key,
    metric       text        not null,
    subject_kind text        not null, -- unit, person
    subject_id   uuid        not null,
    period       text        not null,
    dimensions   jsonb       not null, -- {}: all
    base         numeric     not null,
    challenge    numeric,
    weight       numeric     not null,
    parent_id    uuid,
    owner_id     uuid,
    state        text        not null, -- published, withdrawn
    published_at timestamptz not null,
    withdrawn_at timestamptz
);
create index target_by_period on target (metric, period, subject_kind, subject_id);
create index target_by_subject on target (subject_id);

-- Of two revisions from the same day on, the later one holds.
create table target_revision (
    target_id    uuid        not null,
    effective_on date        not null,
    base         numeric     not null,
    challenge    numeric,
    reason_code  text        not null,
    revised_at   timestamptz not null,
    primary key (target_id, effective_on)
);

-- The values by business day, [valid_from, valid_to): the original from -infinity on, then each revision.
create view target_value as
select target_id, valid_from,
       lead(valid_from, 1, 'infinity') over (partition by target_id order by valid_from) as valid_to, base, challenge
from (
    select id as target_id, date '-infinity' as valid_from, base, challenge from target
    union all
    select target_id, effective_on, base, challenge from target_revision
) as valued;
