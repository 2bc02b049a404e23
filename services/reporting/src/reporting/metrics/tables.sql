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
-- null when the metric is no money. An event without the summed value is no fact. The key begins with what grows with
-- time: where it began with the root, each fact went to a page of its own.
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
    primary key (event_id, metric)
);
-- The facts of a person's period lie together: a team's figure is a range of each of its people. Days of everybody are
-- found by skipping from person to person, and everybody's first day and sums stand in `rollup`.
create index fact_by_metric_and_person on fact (metric, person_id, day);

-- The facts of a day, summed, for figures of everybody: whom they credit stands in `fact`. placed: that person is or
-- was of some unit; where it is false no unit's figure has them. A slice is a partition, so that transactions side by
-- side never touch the same row: sum over them.
create table rollup (
    metric      text     not null,
    day         date     not null,
    occurred_on date     not null,
    currency    text,
    placed      boolean  not null,
    slice       smallint not null,
    sum         numeric  not null,
    count       bigint   not null,
    unique nulls not distinct (metric, day, placed, currency, slice, occurred_on)
) with (fillfactor = 80);
