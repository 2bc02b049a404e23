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

-- Every revision. Of two from the same day on, the one that was made later holds.
create table target_revision (
    target_id    uuid        not null,
    sequence     bigint      not null,
    effective_on date        not null,
    base         numeric     not null,
    challenge    numeric,
    reason_code  text        not null,
    revised_at   timestamptz not null,
    primary key (target_id, sequence)
);
