-- The rules of alerts that read weeks, as last defined: the bands of a dimension come from the rule that reads it.
create table reading_rule (
    code      text    primary key,
    version   integer not null,
    active    boolean not null,
    metrics   text[]  not null, -- empty: every core metric
    direction text    not null,
    healthy   numeric,
    alert     numeric not null
);
