"""To whom a figure belongs: to the owner and unit of its day, or to today's."""

from enum import StrEnum


class Attribution(StrEnum):
    """`as_was`: to the owner and unit at the instant of the fact. `as_is`: to today's owner and unit."""

    as_was = "as_was"
    as_is = "as_is"


# The unit that a person's facts count for. After a departure it stays the last one: what comes in late for a
# leaver must not vanish from the totals.
_PLACE = """
    select membership.person_id, membership.unit_id, membership.valid_from,
           case when membership.valid_to = person.left_on then 'infinity' else membership.valid_to end as valid_to
    from membership left join person on person.id = membership.person_id
"""

PLACE = {
    # not materialized: whoever asks for a few people or one unit shall not read all memberships
    Attribution.as_was: f"place_as_was as not materialized ({_PLACE})",
    Attribution.as_is: f"""
    place_as_is as (
        select person_id, unit_id, date '-infinity' as valid_from, date 'infinity' as valid_to
        from ({_PLACE}) as known where valid_from <= :today and :today < valid_to
    )
    """,
}
"""CTE `place_…(person_id, unit_id, valid_from, valid_to)`: the unit that a person's facts count for on which days."""

CHAIN = """(
    select closure.descendant_id, closure.ancestor_id, closure.valid_from,
           case when closure.valid_to = unit.closed_on then 'infinity' else closure.valid_to end as valid_to
    from closure join unit on unit.id = closure.descendant_id
)"""
"""The table `closure`, in which a closed unit stays below those that it was closed under: what its leavers achieved
must not vanish from the totals above it."""

UNDER = {
    Attribution.as_was: f"""
    {PLACE[Attribution.as_was]},
    under_as_was as not materialized (
        select closure.ancestor_id as unit_id, place.person_id,
               greatest(place.valid_from, closure.valid_from) as valid_from,
               least(place.valid_to, closure.valid_to) as valid_to
        from place_as_was as place
        join {CHAIN} as closure on closure.descendant_id = place.unit_id
         and closure.valid_from < place.valid_to and place.valid_from < closure.valid_to
    )
    """,
    Attribution.as_is: f"""
    {PLACE[Attribution.as_is]},
    under_as_is as not materialized (
        select closure.ancestor_id as unit_id, place.person_id, place.valid_from, place.valid_to
        from place_as_is as place
        join {CHAIN} as closure on closure.descendant_id = place.unit_id
         and closure.valid_from <= :today and :today < closure.valid_to
    )
    """,
}
"""The CTE above, and `under_…(unit_id, person_id, valid_from, valid_to)`: the same for a unit and all above it."""

RECORDS = """
    left join opportunity on opportunity.id = case when position(':' in fact.root) = 0 then fact.root::uuid end
    left join customer on customer.id = case when position(':' in fact.root) = 0 then fact.root::uuid end
    join metric as counting on counting.code = fact.metric
"""
"""Joins the record of a `fact`, its root, and the metric that it counts for. A root with a colon is a code, no
opportunity and no customer."""

OWNER_TODAY = "coalesce(opportunity.owner_id, customer.owner_id, fact.person_id)"
"""Whose record it is today; of a root without an owner, whom the fact was credited to."""

CREDITED_TODAY = f"case when counting.credited_field = 'owner_id' then {OWNER_TODAY} else fact.person_id end"
"""Who is credited as is: today's owner of what its owner is credited for; others, such as who held an interaction,
stay credited themselves."""
