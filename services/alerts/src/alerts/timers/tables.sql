-- What rules are computed from, and the episodes that last. Names are unqualified: the schema is the search path's.

-- The facts of leads, opportunities and drift, and readings, as they were said: what an incident rests on, and what a backtest runs over.
create table event (
    root        text        not null,
    sequence    bigint      not null,
    id          uuid        not null,
    type        text        not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    data        jsonb       not null,
    primary key (root, sequence)
);
create unique index event_by_id on event (id);
create index event_by_type on event (type, occurred_at);

-- A rule as last defined. It fires for what comes due after activated_at: when its present version was defined.
create table rule (
    code         text        primary key,
    version      integer     not null,
    kind         text        not null, -- timer, reading
    active       boolean     not null,
    activated_at timestamptz not null,
    definition   jsonb       not null  -- the whole fact
);

create table working_time (
    year    integer primary key,
    said    jsonb   not null -- the whole fact
);

-- The episodes that last and fire once fires_at has passed: of each active rule, of each record or series.
create table episode (
    rule        text        not null,
    root        text        not null,
    key         text        not null, -- which of several within the root; '' where there is one
    began_event uuid        not null,
    began_at    timestamptz not null,
    due_at      timestamptz not null,
    fires_at    timestamptz not null,
    record      jsonb       not null, -- the record's last fact
    evidence    uuid[]      not null,
    figures     numeric[]   not null,
    raised      boolean     not null default false,
    primary key (rule, root, key)
);
comment on column episode.raised is 'not told by facts: a mark of whoever raises incidents, lost by a rebuild';
create index episode_by_time on episode (fires_at) where not raised;
