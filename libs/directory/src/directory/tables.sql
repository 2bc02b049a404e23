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

-- The units that a person leads on a day, with everything below them.
create function led_unit(asker uuid, day date) returns setof uuid stable
begin atomic
    select distinct closure.descendant_id
    from unit
    join closure on closure.ancestor_id = unit.id
    where unit.manager_id = asker and closure.valid_from <= day and day < closure.valid_to;
end;

-- The unit that a person belongs to on a day.
create function own_unit(asker uuid, day date) returns setof uuid stable
begin atomic
    select membership.unit_id
    from membership
    where membership.person_id = asker and membership.valid_from <= day and day < membership.valid_to;
end;

-- Whose records a person sees: their own, and as a leader those of all members of the units led.
create function visible_person(asker uuid, leads boolean, day date) returns setof uuid stable
begin atomic
    select person.id from person where person.id = asker
    union
    select membership.person_id
    from membership
    where leads
      and membership.unit_id in (select led_unit(asker, day))
      and membership.valid_from <= day and day < membership.valid_to;
end;

-- Whose aggregates a person sees: of the units led and of the own unit (S38, S53).
create function visible_unit(asker uuid, leads boolean, day date) returns setof uuid stable
begin atomic
    select own_unit(asker, day)
    union
    select led_unit(asker, day) where leads;
end;

create function visible_member(asker uuid, leads boolean, day date) returns setof uuid stable
begin atomic
    select visible_person(asker, leads, day)
    union
    select membership.person_id
    from membership
    where membership.unit_id in (select visible_unit(asker, leads, day))
      and membership.valid_from <= day and day < membership.valid_to;
end;
