-- A metric as last defined. kind count or sum: facts of event_type whose data match predicate; kind ratio: numerator
-- over denominator, both codes of metrics. Without currency_field it is no money.
create table metric (
    code           text    primary key,
    version        integer not null,
    name_en        text    not null,
    name_zh        text    not null,
    direction      text    not null, -- higher_is_better, lower_is_better
    core           boolean not null,
    kind           text    not null, -- count, sum, ratio
    event_type     text,
    conditions     jsonb,
    predicate      jsonpath, -- the conditions, compiled
    value_field    text,
    currency_field text,
    credited_field text,
    date_field     text, -- null: the business day of occurred_at
    dimensions     text[]  not null,
    numerator      text,
    denominator    text
);
create index metric_by_event_type on metric (event_type);

-- What counts for a metric, in its original currency. person_id is null when the event credits nobody; currency is
-- null when the metric is no money. An event without the summed value is no fact.
create table fact (
    metric      text        not null,
    root        text        not null,
    sequence    bigint      not null,
    event_id    uuid        not null,
    person_id   uuid,
    day         date        not null, -- on which it counts
    occurred_on date        not null, -- whose unit and rate it has: the business day of occurred_at
    occurred_at timestamptz not null,
    value       numeric     not null,
    currency    text,
    dimensions  jsonb       not null, -- {"product_line": "cloud"}; a field without value is left out
    partition   smallint    not null,
    primary key (root, sequence, metric)
);
create index fact_by_metric_and_day on fact (metric, day, person_id);

-- The facts, summed. Two slices keep concurrent batches off one row: sum over them.
create table rollup (
    metric      text     not null,
    person_id   uuid,
    day         date     not null,
    occurred_on date     not null,
    dimensions  jsonb    not null,
    currency    text,
    slice       smallint not null,
    sum         numeric  not null,
    count       bigint   not null,
    unique nulls not distinct (metric, day, person_id, dimensions, currency, slice, occurred_on)
) with (fillfactor = 80);
create index rollup_by_person on rollup (person_id, metric, day);
