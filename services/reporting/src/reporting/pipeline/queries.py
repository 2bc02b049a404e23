"""What lists and records of opportunities read. Records are the asker's by their owner of today."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from reporting.belonging import UNDER, Attribution
from reporting.pipeline.attributes import ATTRIBUTES
from runtime.query import Query

_SEEN = "(:everything or {owner} in (select visible_person(:asker::uuid, :leads, :today)))"

_NAMED = """
    person.code as owner_code, person.display_name as owner_name, customer.name as customer_name
"""
_NAMES = """
    left join person on person.id = standing.owner_id
    left join customer on customer.id = standing.customer_id
"""

_STANDING = {
    False: f"from opportunity as standing {_NAMES} where {_SEEN.format(owner='standing.owner_id')}",
    True: f"""
        from (
            select opportunity_id as id, {ATTRIBUTES} from opportunity_history
            where valid_from <= :as_of and :as_of < valid_to
        ) as standing
        join opportunity on opportunity.id = standing.id
        {_NAMES}
        where {_SEEN.format(owner="opportunity.owner_id")}
    """,
}
"""Opportunities as they stand, or (past) as they stood at an instant; those that the asker sees."""


@dataclass(frozen=True, slots=True)
class SortField:
    """A column to sort by. Where it may be null, `absent` takes its place, so that a page can end anywhere."""

    column: str
    type: str
    absent: str | None = None

    @property
    def expression(self) -> str:
        return self.column if self.absent is None else f"coalesce({self.column}, {self.absent})"


SORTS: Mapping[str, SortField] = {
    "opened_at": SortField("standing.opened_at", "timestamptz"),
    "closed_at": SortField("standing.closed_at", "timestamptz", "timestamptz '-infinity'"),
    "stage_since": SortField("standing.stage_since", "timestamptz"),
    "expected_close_on": SortField("standing.expected_close_on", "date", "date '-infinity'"),
    "amount": SortField("standing.amount", "numeric", "-1"),
    "customer_name": SortField("customer.name", "text", "''"),
}

# A unit means the deals of its people: members, at the instant shown, of it or of a unit below.
_OF_UNIT = """
    and standing.owner_id in (
        select person_id from under_as_was
        where unit_id = :unit_id and valid_from <= :day and :day < valid_to
    )
"""

_FILTERS = """
    (:owner_id::uuid is null or standing.owner_id = :owner_id::uuid)
    and (:customer_id::uuid is null or standing.customer_id = :customer_id::uuid)
    and (:stage::text is null or standing.stage = :stage::text)
    and (:product_line::text is null or standing.product_line = :product_line::text)
    and (:channel::text is null or standing.channel = :channel::text)
    and (:opened_from::timestamptz is null or standing.opened_at >= :opened_from::timestamptz)
    and (:opened_to::timestamptz is null or standing.opened_at < :opened_to::timestamptz)
    and (:closed_from::date is null or standing.closed_on >= :closed_from::date)
    and (:closed_to::date is null or standing.closed_on < :closed_to::date)
    and (:text::text is null or customer.name ilike :text::text)
"""


def _listed(columns: str, *, past: bool, of_unit: bool) -> str:
    return f"""
        {f"with {UNDER[Attribution.as_was]}" if of_unit else ""}
        select {columns}
        {_STANDING[past]}
          and standing.state <> 'void' and (:state::text is null or standing.state = :state::text)
          and {_FILTERS} {_OF_UNIT if of_unit else ""}
    """


@cache
def opportunity_count(*, past: bool, of_unit: bool) -> Query:
    """How many opportunities all pages of the list have."""
    return Query(_listed("count(*) as total", past=past, of_unit=of_unit))


@cache
def opportunity_page(sort: SortField, *, descending: bool, past: bool, of_unit: bool) -> Query:
    """A page of the list. What was void from the start is not in it."""
    order, beyond = ("desc", "<") if descending else ("asc", ">")
    return Query(f"""
        {_listed(f"standing.*, {_NAMED}, {sort.expression} as sort_key", past=past, of_unit=of_unit)}
          and (:after_id::uuid is null
               or ({sort.expression}, standing.id) {beyond} (:after_key::{sort.type}, :after_id::uuid))
        order by {sort.expression} {order}, standing.id {order}
        limit :limit
    """)


OPPORTUNITY = {
    past: Query(f"select standing.*, {_NAMED} {_STANDING[past]} and standing.id = :id")
    for past in (False, True)
}

# Of one opportunity, up to the instant asked for.
INTERVALS = Query(f"""
    select valid_from, case when valid_to <= :horizon then valid_to end as valid_to, {ATTRIBUTES}
    from opportunity_history where opportunity_id = :id and valid_from <= :horizon order by valid_from
""")

EVENTS = Query("""
    select id, type, sequence, occurred_at, recorded_at, by, voided, data
    from event where root = :id::uuid::text and sequence > :after and occurred_at <= :horizon
    order by sequence limit :limit
""")

VISITS = Query("""
    select visit, stage, entered_at, ended.at as left_at, reentry, owner_id, product_line,
           case when ended.at is not null then exit end as exit,
           case when ended.at is not null then next_stage end as next_stage,
           extract(epoch from greatest(coalesce(ended.at, :as_of), entered_at) - entered_at) as seconds
    from stage_visit
    cross join lateral (select case when left_at <= :horizon then left_at end) as ended(at)
    where opportunity_id = :id and entered_at <= :horizon order by visit
""")
