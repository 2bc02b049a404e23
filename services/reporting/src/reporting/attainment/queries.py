"""What attainment reads: the figure of every subject, and the target beside it, in one statement.

Targets are joined when reading, so that the order in which facts and targets arrive does not matter.
"""

from enum import StrEnum
from functools import cache

from contracts.targets import SubjectKind
from reporting.belonging import OWNER_TODAY, RECORDS, UNDER, Attribution
from reporting.conversion import RATED
from reporting.query import Query


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


FROM_ROLLUP = """
    counted as ( -- the facts, summed by day
        select metric, person_id, day, currency, sum as value
        from rollup
        where metric = any(:metrics::text[]) and day >= :starts_on and day < :ends_on
          and dimensions @> :dimensions::jsonb
    )
"""

FROM_FACTS = """
    counted as ( -- each fact, up to the instant asked for
        select fact.metric, {credited} as person_id, fact.day, fact.currency, fact.value
        from fact {records}
        where fact.metric = any(:metrics::text[]) and fact.day >= :starts_on and fact.day < :ends_on
          and fact.dimensions @> :dimensions::jsonb and fact.occurred_at <= :horizon
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
            select unit_id, parent_id, effective_on as valid_from,
                   lead(effective_on, 1, 'infinity') over (partition by unit_id order by effective_on) as valid_to
            from parent_change
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

_PEOPLE_OF = """
    select person_id from membership
    where unit_id in ({units}) and valid_from <= :until and :since < valid_to
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

_FIGURE = f"""
    {RATED},
    figure as (
        select credit.subject_id, counted.metric, counted.day, counted.currency, sum(counted.value) as value
        from credit
        join counted on counted.person_id = credit.person_id
         and credit.valid_from <= counted.day and counted.day < credit.valid_to
        group by 1, 2, 3, 4
    ),
    total as (
        select subject_id, metric,
               sum(case when figure.currency is null then value else value * rate end) as total,
               jsonb_agg(distinct jsonb_build_object('currency', figure.currency, 'day', figure.day))
                   filter (where figure.currency is not null and rate is null) as unrated
        from figure
        left join rated on rated.currency = figure.currency
         and rated.valid_from <= figure.day and figure.day < rated.valid_to
        group by 1, 2
    )
"""

_ROWS = """
    select subject.id, subject.code, subject.name,
           coalesce(first.total, 0) as first, coalesce(second.total, 0) as second,
           first.unrated as first_unrated, second.unrated as second_unrated,
           published.id as target_id, published.base, published.challenge,
           (select jsonb_agg(jsonb_build_array(effective_on, base::text, challenge::text) order by effective_on)
            from target_revision where target_id = published.id and revised_at <= :horizon) as revisions
    from subject
    left join total as first on first.subject_id = subject.id and first.metric = (:metrics::text[])[1]
    left join total as second on second.subject_id = subject.id and second.metric = (:metrics::text[])[2]
    left join published on published.subject_id = subject.id
    order by subject.code, subject.id
"""


@cache
def attainment_rows(
    kind: SubjectKind, chosen: Chosen, include: Include, attribution: Attribution, *, past: bool
) -> Query:
    """One row a subject that the asker may see: its totals (a ratio's two parts), and its target's values.

    Today's as-was figures come from the rollup; a past instant or another owner needs the single facts.
    """
    counted = FROM_ROLLUP
    if attribution is Attribution.as_is:
        counted = FROM_FACTS.format(credited=OWNER_TODAY, records=RECORDS)
    elif past:
        counted = FROM_FACTS.format(credited="fact.person_id", records="")
    return Query(
        f"""
        with {counted}, {_PUBLISHED}, {_subject(kind, chosen, include)}, {_credit(kind, attribution)}, {_FIGURE}
        {_ROWS}
        """
    )


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


def _credit(kind: SubjectKind, attribution: Attribution) -> str:
    """CTE `credit(subject_id, person_id, valid_from, valid_to)`: whose facts count for a subject on which days."""
    if kind is SubjectKind.person:
        return """
            credit as (
                select id as subject_id, id as person_id, date '-infinity' as valid_from, date 'infinity' as valid_to
                from subject
            )
        """
    return f"""
        {UNDER[attribution]},
        credit as (
            select unit_id as subject_id, person_id, valid_from, valid_to
            from under_{attribution} where unit_id in (select id from subject)
        )
    """


WORKING_DAYS = Query("""
    select count(*) filter (where day < :day) as elapsed, count(*) as total
    from working_day where day >= :starts_on and day < :ends_on
""")
