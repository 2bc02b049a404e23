"""How the organisation's events change the directory: set-based, the same for any order across roots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.targets import (
    MembershipChanged,
    PersonHired,
    PersonLeft,
    PersonRoleChanged,
    UnitChanged,
    UnitClosed,
    UnitCreated,
)

if TYPE_CHECKING:
    from asyncpg import Connection

    from contracts import Event
    from messaging import Batch

PEOPLE: frozenset[type[Event]] = frozenset({PersonHired, PersonRoleChanged, PersonLeft, MembershipChanged})
UNITS: frozenset[type[Event]] = frozenset({UnitCreated, UnitChanged, UnitClosed})


class DirectoryProjection:
    """Keeps the directory's tables. A membership that arrives before its person or unit waits for nothing:
    rows refer to each other by id only, and the intervals are made anew from what is known.
    """

    hears: frozenset[type[Event]] = PEOPLE | UNITS

    async def apply(self, connection: Connection, batch: Batch) -> None:
        """Applies the events of the staged `batch` table to the tables of the search path."""
        people, units = _types(PEOPLE) & batch.types, _types(UNITS) & batch.types
        if people:
            await connection.execute(_PEOPLE)
        if units:
            # The closure is made of all units: two processes must not make it at the same time.
            await connection.execute(_ALONE)
            await connection.execute(_UNITS)


def _types(classes: frozenset[type[Event]]) -> set[str]:
    return {cls.type for cls in classes}


_ALONE = "select pg_advisory_xact_lock(hashtext('directory.closure.' || current_schema()))"

_PEOPLE = f"""
insert into person (id, code, display_name, role, hired_on)
select distinct on (root) root::uuid, data->>'code', data->>'display_name', data->>'role',
       (data->>'hired_on')::date
from batch where type = '{PersonHired.type}'
order by root, sequence desc
on conflict (id) do update set
    code = excluded.code, display_name = excluded.display_name, role = excluded.role,
    hired_on = excluded.hired_on;

update person set role = said.role
from (
    select distinct on (root) root::uuid as id, data->>'role' as role
    from batch where type = '{PersonRoleChanged.type}'
    order by root, sequence desc
) said
where said.id = person.id;

update person set left_on = said.left_on
from (
    select distinct on (root) root::uuid as id, (data->>'left_on')::date as left_on
    from batch where type = '{PersonLeft.type}'
    order by root, sequence desc
) said
where said.id = person.id;

insert into membership_change (person_id, effective_on, unit_id)
select distinct on (root, data->>'effective_on')
       root::uuid, (data->>'effective_on')::date, (data->>'unit_id')::uuid
from batch where type = '{MembershipChanged.type}'
order by root, data->>'effective_on', sequence desc
on conflict (person_id, effective_on) do update set unit_id = excluded.unit_id;

delete from membership where person_id in (
    select root::uuid from batch where type in ('{MembershipChanged.type}', '{PersonLeft.type}')
);

insert into membership (person_id, valid_from, valid_to, unit_id)
select person_id, valid_from, valid_to, unit_id
from (
    select change.person_id, change.unit_id, change.effective_on as valid_from,
           least(
               lead(change.effective_on, 1, 'infinity'::date)
                   over (partition by change.person_id order by change.effective_on),
               person.left_on
           ) as valid_to
    from membership_change change
    left join person on person.id = change.person_id
    where change.person_id in (
        select root::uuid from batch where type in ('{MembershipChanged.type}', '{PersonLeft.type}')
    )
) interval
where unit_id is not null and valid_from < valid_to;
"""

_UNITS = f"""
insert into unit (id, code, name, kind, parent_id, manager_id, region)
select distinct on (root) root::uuid, data->>'code', data->>'name', data->>'kind',
       (data->>'parent_id')::uuid, (data->>'manager_id')::uuid, data->>'region'
from batch where type in ('{UnitCreated.type}', '{UnitChanged.type}')
order by root, sequence desc
on conflict (id) do update set
    code = excluded.code, name = excluded.name, kind = excluded.kind, parent_id = excluded.parent_id,
    manager_id = excluded.manager_id, region = excluded.region;

update unit set closed_on = said.closed_on
from (
    select distinct on (root) root::uuid as id, (data->>'closed_on')::date as closed_on
    from batch where type = '{UnitClosed.type}'
    order by root, sequence desc
) said
where said.id = unit.id;

insert into parent_change (unit_id, effective_on, parent_id)
select distinct on (root, data->>'effective_on')
       root::uuid, (data->>'effective_on')::date, (data->>'parent_id')::uuid
from batch where type in ('{UnitCreated.type}', '{UnitChanged.type}')
order by root, data->>'effective_on', sequence desc
on conflict (unit_id, effective_on) do update set parent_id = excluded.parent_id;

delete from closure;

-- While events of several units are on their way, units can stand above each other: `cycle` ends the walk.
insert into closure (descendant_id, ancestor_id, valid_from, valid_to)
with recursive link as (
    select change.unit_id, change.parent_id, change.effective_on as valid_from,
           least(
               lead(change.effective_on, 1, 'infinity'::date)
                   over (partition by change.unit_id order by change.effective_on),
               unit.closed_on
           ) as valid_to
    from parent_change change
    join unit on unit.id = change.unit_id
), above (descendant_id, ancestor_id, valid_from, valid_to) as (
    select unit_id, unit_id, min(valid_from), max(valid_to) from link group by unit_id
    union all
    select above.descendant_id, link.parent_id,
           greatest(above.valid_from, link.valid_from), least(above.valid_to, link.valid_to)
    from above
    join link on link.unit_id = above.ancestor_id
    where link.parent_id is not null
      and greatest(above.valid_from, link.valid_from) < least(above.valid_to, link.valid_to)
) cycle ancestor_id set looped using path
select descendant_id, ancestor_id, valid_from, max(valid_to)
from above
where not looped
group by descendant_id, ancestor_id, valid_from;
"""
