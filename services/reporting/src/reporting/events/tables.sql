-- Everything heard, as it was said. `day` is the business day of occurred_at. A voided fact stays for the history
-- and counts nowhere: in no opportunity, no visit, no fact.
create table event (
    root        text        not null,
    sequence    bigint      not null,
    id          uuid        not null,
    type        text        not null,
    partition   smallint    not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    day         date        not null,
    by          text        not null,
    data        jsonb       not null,
    voided      boolean     not null default false,
    primary key (root, sequence)
);
create index event_by_type_and_day on event (type, day);
