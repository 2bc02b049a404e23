"""What the cycle reads: the opportunities closed in the period, and their days from first contact to close."""

from enum import StrEnum
from functools import cache

from reporting.belonging import PLACE, Attribution
from reporting.deals import Reach, reaching, within
from runtime.query import Query


class Grouping(StrEnum):
    """By what the cycle is split up."""

    unit = "unit"
    product_line = "product_line"


_OWNER = {Attribution.as_was: "signed.owner_id", Attribution.as_is: "opportunity.owner_id"}

_LABELS = {
    None: "null as code, null as name",
    Grouping.product_line: "signed.product_line as code, signed.product_line as name",
    Grouping.unit: "unit.code, unit.name",
}

# The unit that the owner belonged to on the day of the close, not those above it.
_UNIT = """
    left join place_{attribution} as place on place.person_id = {owner}
     and place.valid_from <= closed.closed_on and closed.closed_on < place.valid_to
    left join unit on unit.id = place.unit_id
"""


@cache
def cycle_rows(reach: Reach, attribution: Attribution, grouping: Grouping | None) -> Query:
    """One row of all (`is_total`), and one a group. Days are differences of calendar dates, as in a spreadsheet.

    The cycle begins with the first contact, or the opening where none was logged before the close.
    """
    owner = _OWNER[attribution]
    meant = within(reach, owner=owner, day="closed.closed_on", deal="signed")
    by_unit = grouping is Grouping.unit
    places = f"{PLACE[attribution]}," if by_unit and reach is Reach.everything else ""
    unit = _UNIT.format(attribution=attribution, owner=owner) if by_unit else ""
    return Query(f"""
        with {places} {reaching(reach, attribution)}
        closing as (
            select {_LABELS[grouping]},
                   closed.closed_on - coalesce(
                       case when opportunity.first_contact_at <= closed.closed_at
                            then (opportunity.first_contact_at at time zone :zone)::date end,
                       closed.opened_on
                   ) as days
            from opportunity_history as closed
            join opportunity on opportunity.id = closed.opportunity_id
            join opportunity_history as signed on signed.opportunity_id = closed.opportunity_id
             and signed.valid_from <= closed.closed_at and closed.closed_at < signed.valid_to
            {unit}
            where closed.valid_from <= :horizon and :horizon < closed.valid_to
              and closed.state = any(:states::text[])
              and closed.closed_on >= :starts_on and closed.closed_on < :ends_on and {meant}
        )
        select {_GROUPED if grouping else _UNGROUPED}, count(*) as closed, coalesce(sum(days), 0) as days,
               percentile_cont(0.5) within group (order by days) as median
        from closing
        {"group by grouping sets ((), (code, name)) order by is_total desc, code nulls last" if grouping else ""}
    """)


_GROUPED = "code, name, grouping(code) = 1 as is_total"
_UNGROUPED = "null as code, null as name, true as is_total"
