"""What attainment reads: the figure of every subject, and the target beside it, in one statement.

Targets are joined when reading, so that the order in which facts and targets arrive does not matter.
"""

from enum import StrEnum
from functools import cache

from contracts.targets import SubjectKind
from reporting.belonging import CHAIN, CREDITED_TODAY, PLACE, RECORDS, UNDER, Attribution
from reporting.conversion import RATED
from reporting.freshness import FRESHNESS
from reporting.metrics.queries import METRIC_AND_PARTS
from reporting.moments import SPAN
from reporting.viewer import NAMED_PERSON, NAMED_UNIT
from runtime.query import Query, prefixed


class Include(StrEnum):
    """Which units a named unit stands for."""

    self = "self"
    children = "children"
    subtree = "subtree"


class Chosen(StrEnum):
    """How the subjects of a report were named."""

    all = "all"
    one = "one"
    within = "within"


# What counts of a metric, up to the instant asked for.
_COUNTS = """
    fact.metric = any(:metrics::text[]) and fact.day >= :starts_on and fact.day < :ends_on
    and fact.dimensions @> :dimensions::jsonb and fact.occurred_at <= :horizon
"""

# Materialized: the planner knows little of intervals, and would look facts up person by person.
_FROM_FACTS = f"""
    counted as materialized ( -- each fact
        select fact.metric, {{credited}} as person_id, fact.occurred_on, fact.currency, fact.value
        from fact {{records}}
        where {_COUNTS} {{of_whom}}
    )
"""

# Of one unit: first who was of it on which days, and then their facts, which are summed before anything else. Their
# order is by day: days differ most and compare fastest.
_FROM_MEMBERS = f"""
    below as materialized (
        select person_id, valid_from, valid_to from under_{{attribution}} where unit_id = :unit_id
    ),
    counted as materialized (
        select fact.occurred_on, fact.currency, fact.metric, sum(fact.value) as value
        from fact {{records}}
        where {_COUNTS} {{of_whom}}
        group by 1, 2, 3
    )
"""

_OF_MEMBERS = {
    Attribution.as_was: {  # one by one: the index has each person's days as a range
        "records": """
            join below on below.person_id = fact.person_id
             and below.valid_from <= fact.occurred_on and fact.occurred_on < below.valid_to
        """,
        "of_whom": "",
    },
    # By today's owner no index finds facts: each is looked up among the people, who are of the unit on all days. `is
    # true` has them hashed: joined, the planner takes them for a few and goes through all of them with each fact.
    Attribution.as_is: {
        "records": RECORDS,
        "of_whom": f"and ({CREDITED_TODAY} in (select person_id from below)) is true",
    },
}

# The whole company is everybody but a few. What all did lies summed by day; taken off is what people did on days on
# which they were not below the unit, and they are looked up one by one.
_FROM_ROLLUP = f"""
    summed as materialized (
        select metric, occurred_on, currency, sum(sum) as value, sum(count) as count
        from rollup
        where metric = any(:metrics::text[]) and day >= :starts_on and day < :ends_on and placed
        group by 1, 2, 3
    ),
    span as materialized (select min(occurred_on) as first, max(occurred_on) as last from summed),
    outside as materialized ( -- the units that were not below the unit on all of these days, and closed ones
        select id from unit
        where not exists (
            select from closure, span
            where ancestor_id = :unit_id and descendant_id = unit.id and valid_from <= first and last < valid_to
        )
    ),
    apart as materialized ( -- who may have been away: whose memberships leave a gap, and who was outside
        select person_id from membership
        where valid_to <= (select last from span)
          and not exists (
              select from membership as following
              where following.person_id = membership.person_id and following.valid_from = membership.valid_to
              offset 0 -- they are few: not by a join of all with all
          )
          and not exists (
              select from person
              where person.id = membership.person_id and person.left_on = membership.valid_to
              offset 0
          )
        union all
        select person_id from membership
        where valid_from > (select first from span)
          and not exists (
              select from membership as preceding
              where preceding.person_id = membership.person_id and preceding.valid_to = membership.valid_from
              offset 0
          )
        union all
        select person_id from membership where unit_id = any(array(select id from outside))
    ),
    elsewhere as materialized ( -- who was
        select person_id from apart, span
        where (
            select range_agg(daterange(below.valid_from, below.valid_to))
            from under_{Attribution.as_was} as below
            where below.unit_id = :unit_id and below.person_id = apart.person_id
        ) @> daterange(first, last, '[]') is not true
    ),
    counted as materialized (
        select metric, occurred_on, currency, sum(value) as value from (
            select * from summed
            union all
            select fact.metric, fact.occurred_on, fact.currency, -fact.value, -1
            from fact
            where fact.metric = any(:metrics::text[]) and fact.day >= :starts_on and fact.day < :ends_on
              and fact.person_id = any(array(select person_id from elsewhere))
              and not exists (
                  select from under_{Attribution.as_was} as below
                  where below.unit_id = :unit_id and below.person_id = fact.person_id
                    and below.valid_from <= fact.occurred_on and fact.occurred_on < below.valid_to
              )
        ) as told
        group by 1, 2, 3
        having sum(count) > 0
    )
"""

# Units and people of a report are those that belonged there on any day of [:since, :until].
_UNITS = {
    Chosen.all: """
        select descendant_id from closure
        where descendant_id = ancestor_id and valid_from <= :until and :since < valid_to
    """,
    Include.self: "select :unit_id::uuid",
    Include.children: """
        select unit_id from (
            select unit_id, parent_change.parent_id, effective_on as valid_from,
                   least(
                       lead(effective_on, 1, 'infinity') over (partition by unit_id order by effective_on), closed_on
                   ) as valid_to
            from parent_change join unit on unit.id = unit_id
        ) as child
        where parent_id = :unit_id and valid_from <= :until and :since < valid_to
    """,
    Include.subtree: """
        select descendant_id from closure
        where ancestor_id = :unit_id and valid_from <= :until and :since < valid_to
    """,
}

# Without a unit: who was employed, and who has facts or a target although they were not.
_ALL_PEOPLE = """
    select id from person where hired_on <= :until and (left_on is null or :since < left_on)
    union
    select person_id from counted
    union
    select subject_id from published
"""

# Of a unit: its members, and leavers whose facts still count there.
_PEOPLE_OF = """
    select person_id from membership
    where unit_id in ({units}) and valid_from <= :until and :since < valid_to
    union
    select person_id from counted
"""

_COUNTED_OF = """
    and {{credited}} = any(array(
        select person_id from place_{attribution}
        where unit_id in ({units}) and valid_from <= :until and :since < valid_to
    ))
"""

_PUBLISHED = """
    published as ( -- the target of each subject; of several the one that was published last
        select distinct on (subject_id) subject_id, id, base, challenge
        from target
        where metric = :metric and subject_kind = :subject_kind and dimensions = :dimensions::jsonb
          and period = :period::text and published_at <= :horizon and (withdrawn_at is null or :horizon < withdrawn_at)
        order by subject_id, published_at desc, id
    )
"""

# Where facts are placed first: a unit's people share a place, a person is one.
_PLACED = {
    SubjectKind.unit: """
        placed as (
            select place.unit_id as place_id, counted.metric, counted.occurred_on, counted.currency,
                   sum(counted.value) as value
            from counted
            join place_{attribution} as place on place.person_id = counted.person_id
             and place.valid_from <= counted.occurred_on and counted.occurred_on < place.valid_to
            group by 1, 2, 3, 4
        )
    """,
    SubjectKind.person: """
        placed as (
            select person_id as place_id, metric, occurred_on, currency, sum(value) as value
            from counted group by 1, 2, 3, 4
        )
    """,
}

_VALUED = f"""
    {RATED},
    valued as (
        select place_id, metric, placed.occurred_on, placed.currency,
               case when placed.currency is null then value else value * rate end as value,
               placed.currency is not null and rate is null as unrated
        from placed
        left join rated on rated.currency = placed.currency
         and rated.valid_from <= placed.occurred_on and placed.occurred_on < rated.valid_to
    )
"""

# Of one unit: its facts are below it already, and that the asker sees it was looked up with its name.
_SUBJECT_ALONE = "subject as (select id, code, name from unit where id = :unit_id)"
_PLACED_BELOW = "placed as (select :unit_id::uuid as place_id, * from counted)"

_TOTAL = """
    total as (
        select {subject_id} as subject_id, valued.metric, sum(valued.value) as total,
               jsonb_agg(distinct jsonb_build_object('currency', valued.currency, 'day', valued.occurred_on))
                   filter (where unrated) as unrated
        from valued {above}
        where {subject_id} in (select id from subject)
        group by 1, 2
    )
"""

_ABOVE = """
    join {chain} as closure on closure.descendant_id = valued.place_id
     and closure.valid_from <= {day} and {day} < closure.valid_to
"""
_DAY = {Attribution.as_was: "valued.occurred_on", Attribution.as_is: ":today"}

_ROWS = """
    select subject.id, subject.code, subject.name,
           coalesce(first.total, 0) as first, coalesce(second.total, 0) as second,
           first.unrated as first_unrated, second.unrated as second_unrated,
           published.id as target_id, published.base, published.challenge,
           (select jsonb_agg(jsonb_build_array(effective_on, base::text, challenge::text) order by effective_on)
            from (
                select distinct on (effective_on) effective_on, base, challenge
                from target_revision where target_id = published.id and revised_at <= :horizon
                order by effective_on, sequence desc
            ) as revision) as revisions
    from subject
    left join total as first on first.subject_id = subject.id and first.metric = (:metrics::text[])[1]
    left join total as second on second.subject_id = subject.id and second.metric = (:metrics::text[])[2]
    left join published on published.subject_id = subject.id
    order by subject.code, subject.id
"""


def is_alone(kind: SubjectKind, chosen: Chosen, include: Include) -> bool:
    """Whether the figure is that of the unit which is named and of no other."""
    return (kind, chosen, include) == (SubjectKind.unit, Chosen.within, Include.self)


@cache
def attainment_rows(
    kind: SubjectKind, chosen: Chosen, include: Include, attribution: Attribution, *, whole: bool = False
) -> Query:
    """The rows of `_rows`."""
    return Query(_rows(kind, chosen, include, attribution, whole=whole))


def _rows(
    kind: SubjectKind, chosen: Chosen, include: Include, attribution: Attribution, *, whole: bool
) -> str:
    """One row a subject that the asker may see: its totals (a ratio's two parts), and its target's values.

    `whole`: of the one unit that stands above the company, everything that was heard, as it was and without
    dimensions; that figure comes from the sums of all, and the others from the facts of the people that they are of.
    """
    alone = is_alone(kind, chosen, include)
    if alone:
        subject, placed, total = _SUBJECT_ALONE, _PLACED_BELOW, _total("valued.place_id")
        counted = _FROM_ROLLUP if whole else _from_members(attribution)
    else:
        subject = _subject(kind, chosen, include)
        counted = _counted(kind, chosen, include, attribution)
        placed = _PLACED[kind].format(attribution=attribution)
        above = _ABOVE.format(chain=CHAIN, day=_DAY[attribution])
        total = (
            _total("closure.ancestor_id", above) if kind is SubjectKind.unit else _total("valued.place_id")
        )
    places = UNDER[attribution] if alone else PLACE[attribution]
    return f"with {places}, {_PUBLISHED}, {counted}, {subject}, {placed}, {_VALUED}, {total} {_ROWS}"


def _total(subject_id: str, above: str = "") -> str:
    return _TOTAL.format(subject_id=subject_id, above=above)


def _from_members(attribution: Attribution) -> str:
    return _FROM_MEMBERS.format(attribution=attribution, **_OF_MEMBERS[attribution])


def _counted(kind: SubjectKind, chosen: Chosen, include: Include, attribution: Attribution) -> str:
    whom = {
        (SubjectKind.unit, Chosen.within): f"""
            and {{credited}} = any(array(
                select place.person_id from place_{attribution} as place
                join closure on closure.descendant_id = place.unit_id
                where closure.ancestor_id = :unit_id
            ))
        """,
        (SubjectKind.person, Chosen.within): _COUNTED_OF.format(
            attribution=attribution, units=_UNITS[include]
        ),
        (SubjectKind.person, Chosen.one): "and {credited} = :person_id",
    }.get((kind, chosen), "")
    credit = _credit(attribution)
    return _FROM_FACTS.format(of_whom=whom.format(**credit), **credit)


def _credit(attribution: Attribution) -> dict[str, str]:
    """Whom a fact is credited to, and the records that it takes to say so."""
    if attribution is Attribution.as_is:
        return {"credited": CREDITED_TODAY, "records": RECORDS}
    return {"credited": "fact.person_id", "records": ""}


def _subject(kind: SubjectKind, chosen: Chosen, include: Include) -> str:
    units = _UNITS[Chosen.all if chosen is Chosen.all else include]
    if kind is SubjectKind.unit:
        return f"""
            subject as (
                select id, code, name from unit
                where id in ({units})
                  and (:everything or id in (select visible_unit(:asker::uuid, :leads, :today)))
            )
        """
    people = {
        Chosen.all: _ALL_PEOPLE,
        Chosen.one: "select :person_id::uuid",
        Chosen.within: _PEOPLE_OF.format(units=units),
    }[chosen]
    return f"""
        subject as (
            select id, code, display_name as name from person
            where id in ({people})
              and (:everything or id in (select visible_member(:asker::uuid, :leads, :today)))
        )
    """


# Everything that a question names, in one round trip. Working days are 0 where a year of the period has no working time
# yet: the days of the other years are no measure of it.
_SETTLED = f"""
    select metrics, span.*, elapsed, working_days, fresh.*,
           unit.id as unit_id, unit.code as unit_code, unit.name as unit_name, topmost,
           person.id as person_id, person.code as person_code, person.name as person_name
    from (select jsonb_agg(to_jsonb(metric)) as metrics from ({METRIC_AND_PARTS}) as metric) as defined
    cross join ({FRESHNESS}) as fresh
    left join ({SPAN}) as span on true
    left join lateral (
        select count(*) filter (where day < :day) as elapsed, count(*) as working_days
        from working_day
        where day >= starts_on and day < ends_on
          and (select count(*) from working_time
               where year between extract(year from starts_on) and extract(year from ends_on - 1))
              = extract(year from ends_on - 1) - extract(year from starts_on) + 1
    ) as worked on true
    left join ({NAMED_UNIT}) as unit on true
    left join ({NAMED_PERSON}) as person on true
"""

SETTLED = Query(_SETTLED)


@cache
def settled_and_alone(attribution: Attribution, *, whole: bool) -> Query:
    """The row of `SETTLED`, and beside it the figure of one unit for values that were settled before.

    The parameters of `SETTLED` have `asked_` before their names. Both parts see the same data, so whoever finds that
    the question settles to those values has its figure.
    """
    settled = prefixed(_SETTLED, "asked_")
    alone = _rows(SubjectKind.unit, Chosen.within, Include.self, attribution, whole=whole)
    return Query(f"select * from ({settled}) as settled left join ({alone}) as alone on true")
