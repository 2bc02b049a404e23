-- The organisation as the events told it. Names are unqualified: the schema is the search path's.
-- Intervals are half-open, [valid_from, valid_to), in business days.

create table person (
    id uuid primary key,
    code text not null,
    display_name text not null,
    role text not null,
    hired_on date not null,
    left_on date
);
create index person_code on person (code);

create table unit (
    id uuid primary key,
    code text not null,
    name text not null,
    kind text not null,
    parent_id uuid,
    manager_id uuid,
    region text,
    closed_on date
);
create index unit_code on unit (code);
create index unit_manager on unit (manager_id);

-- What was said, one row a day on which something changed; the intervals below are made from it.
create table membership_change (
    person_id uuid not null,
    effective_on date not null,
    unit_id uuid,
    primary key (person_id, effective_on)
);
create table parent_change (
    unit_id uuid not null,
    effective_on date not null,
    parent_id uuid,
    primary key (unit_id, effective_on)
);

create table membership (
    person_id uuid not null,
    valid_from date not null,
    valid_to date not null,
    unit_id uuid not null,
    primary key (person_id, valid_from)
);
create index membership_unit on membership (unit_id);

-- Every unit with every unit above it, itself included, while that was so.
create table closure (
    descendant_id uuid not null,
    ancestor_id uuid not null,
    valid_from date not null,
    valid_to date not null,
    primary key (descendant_id, ancestor_id, valid_from)
);
create index closure_ancestor on closure (ancestor_id);
