-- Who sees whom, over the tables `person`, `unit`, `membership` and `closure` of the search path.

-- The units that a person leads on a day, with everything below them. Who has left leads nothing, though the unit
-- may still name them.
create function led_unit(asker uuid, day date) returns setof uuid stable
begin atomic
    select distinct closure.descendant_id
    from unit
    join person on person.id = unit.manager_id and (person.left_on is null or day < person.left_on)
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
