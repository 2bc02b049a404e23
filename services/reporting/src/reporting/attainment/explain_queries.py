"""The facts that make a figure, and those that nearly did."""

from functools import cache

from contracts.targets import SubjectKind
from reporting.belonging import CREDITED_TODAY, OWNER_TODAY, RECORDS, UNDER, Attribution
from reporting.conversion import RATED
from runtime.query import Query

_WHO = {Attribution.as_was: "fact.person_id", Attribution.as_is: CREDITED_TODAY}

_VISIBLE = f"(:everything or {OWNER_TODAY} in (select visible_person(:asker::uuid, :leads, :today)))"
"""A fact may be seen by whoever may see its record."""

_CONVERTED = "case when fact.currency is null then fact.value else fact.value * rated.rate end"

_RATE_OF_DAY = """
    left join rated on rated.currency = fact.currency
     and rated.valid_from <= fact.occurred_on and fact.occurred_on < rated.valid_to
"""


def _credits(kind: SubjectKind, attribution: Attribution) -> str:
    """CTE `credit_…(person_id, valid_from, valid_to)`: whose facts count for the subject on which days."""
    if kind is SubjectKind.person:
        return f"""
            credit_{attribution} as (
                select :subject_id::uuid as person_id, date '-infinity' as valid_from, date 'infinity' as valid_to
            )
        """
    return f"""
        {UNDER[attribution]},
        credit_{attribution} as (
            select person_id, valid_from, valid_to from under_{attribution} where unit_id = :subject_id
        )
    """


def _explained(kind: SubjectKind, attribution: Attribution) -> str:
    return f"""
        with {RATED}, {_credits(kind, attribution)},
        explained as (
            select fact.*, {_WHO[attribution]} as credited_id, rated.rate, {_CONVERTED} as converted,
                   {_VISIBLE} as visible
            from fact {RECORDS}
            join credit_{attribution} as credit on credit.person_id = {_WHO[attribution]}
             and credit.valid_from <= fact.occurred_on and fact.occurred_on < credit.valid_to
            {_RATE_OF_DAY}
            where fact.metric = any(:metrics::text[]) and fact.day >= :starts_on and fact.day < :ends_on
              and fact.dimensions @> :dimensions::jsonb and fact.occurred_at <= :horizon
        )
    """


@cache
def explained_facts(kind: SubjectKind, attribution: Attribution) -> Query:
    """A page of the facts that the asker may see, in the order in which they occurred."""
    return Query(f"""
        {_explained(kind, attribution)}
        select explained.*, event.type, person.code as person_code, person.display_name as person_name
        from explained
        join event on event.root = explained.root and event.sequence = explained.sequence
        left join person on person.id = explained.credited_id
        where visible
          and (:after_at::timestamptz is null
               or (explained.occurred_at, explained.event_id, explained.metric)
                  > (:after_at::timestamptz, :after_id::uuid, :after_metric::text))
        order by explained.occurred_at, explained.event_id, explained.metric
        limit :limit
    """)


@cache
def explained_totals(kind: SubjectKind, attribution: Attribution) -> Query:
    """What the facts sum to, by metric: all of them, and those that the asker may not see."""
    return Query(f"""
        {_explained(kind, attribution)}
        select metric, count(*) as facts, sum(converted) as total,
               count(*) filter (where not visible) as hidden_facts,
               sum(converted) filter (where not visible) as hidden_total,
               jsonb_agg(distinct jsonb_build_object('currency', currency, 'day', occurred_on))
                   filter (where currency is not null and rate is null) as unrated
        from explained group by metric
    """)


# Events of the metrics' types in the period, shaped like facts.
_SPOKEN = """
        spoken as (
            select metric.code as metric, event.id as event_id, event.root, event.sequence, event.type,
                   event.occurred_at, event.day, event.day as occurred_on, event.voided, event.data, metric.predicate,
                   case when pg_input_is_valid(event.data->>credited_field, 'uuid')
                        then (event.data->>credited_field)::uuid end as person_id,
                   case when kind = 'count' then 1
                        when pg_input_is_valid(event.data->>value_field, 'numeric')
                        then (event.data->>value_field)::numeric end as value,
                   event.data->>currency_field as currency
            from metric
            join event on event.type = metric.event_type
             and event.day >= :starts_on and event.day < :ends_on and event.occurred_at <= :horizon
            where metric.code = any(:metrics::text[])
        )
"""


@cache
def explained_roots(kind: SubjectKind, attribution: Attribution) -> Query:
    """The records that a figure rests on, whoever may see them: those of its facts, and of the events that would be
    facts of it by type, person and day, so that one is found whose facts are lost. Beside each how many there are.
    """
    return Query(f"""
        {_explained(kind, attribution)},
        {_SPOKEN}
        select root, count(*) over () as records from (
            select root from explained
            union
            select fact.root from spoken as fact {RECORDS}
            join credit_{attribution} as credit on credit.person_id = {_WHO[attribution]}
             and credit.valid_from <= fact.occurred_on and fact.occurred_on < credit.valid_to
        ) as concerned
        order by root limit :most
    """)


_NEARBY = {
    Attribution.as_was: f"""(
        {CREDITED_TODAY} in (select person_id from credit_as_is)
        or fact.person_id in (
            select person_id from credit_as_was where valid_from < :ends_on and :starts_on < valid_to
        )
    )""",
    Attribution.as_is: """exists (
        select from credit_as_was as day where day.person_id = fact.person_id
                                           and day.valid_from <= fact.occurred_on and fact.occurred_on < day.valid_to
    )""",
}
"""Whether a fact that does not count is the subject's by the other attribution, or its person was on other days."""


@cache
def near_misses(kind: SubjectKind, attribution: Attribution) -> Query:
    """Facts and events that nearly counted, each with the reason why it does not; the latest first.

    Facts: beside the period by at most a week, without a rate, or of the subject but for the day or attribution.
    Events in the period that made no fact: voided, outside the metric's conditions, or without the value.
    """
    other = Attribution.as_is if attribution is Attribution.as_was else Attribution.as_was
    inside = "fact.day >= :starts_on and fact.day < :ends_on"
    return Query(f"""
        with {RATED}, {_credits(kind, attribution)}, {_credits(kind, other)},
        missed_fact as (
            select fact.metric, fact.event_id, fact.root, fact.sequence, event.type, fact.occurred_at, fact.day,
                   {_WHO[attribution]} as credited_id, fact.value, fact.currency,
                   case when not ({inside}) and credit.person_id is not null then 'outside_period'
                        when {inside} and credit.person_id is null and {_NEARBY[attribution]}
                            then case when :subject_kind = 'unit' then 'other_unit' else 'other_owner' end
                        when {inside} and credit.person_id is not null and fact.currency is not null
                             and rated.rate is null then 'rate_missing'
                   end as reason
            from fact {RECORDS}
            join event on event.root = fact.root and event.sequence = fact.sequence
            left join credit_{attribution} as credit on credit.person_id = {_WHO[attribution]}
             and credit.valid_from <= fact.occurred_on and fact.occurred_on < credit.valid_to
            {_RATE_OF_DAY}
            where fact.metric = any(:metrics::text[]) and fact.dimensions @> :dimensions::jsonb
              and fact.day >= :starts_on - 7 and fact.day < :ends_on + 7 and fact.occurred_at <= :horizon
              and {_VISIBLE}
        ),
        {_SPOKEN},
        missed_event as (
            select fact.metric, fact.event_id, fact.root, fact.sequence, fact.type, fact.occurred_at, fact.day,
                   {_WHO[attribution]} as credited_id, fact.value, fact.currency,
                   case when fact.voided then 'voided'
                        when not fact.data @? fact.predicate then 'condition_not_met'
                        when fact.value is null then 'value_missing'
                   end as reason
            from spoken as fact {RECORDS}
            join credit_{attribution} as credit on credit.person_id = {_WHO[attribution]}
             and credit.valid_from <= fact.occurred_on and fact.occurred_on < credit.valid_to
            where {_VISIBLE}
        )
        select missed.*, person.code as person_code, person.display_name as person_name
        from (select * from missed_fact union all select * from missed_event) as missed
        left join person on person.id = missed.credited_id
        where reason is not null
        order by occurred_at desc, event_id, metric
        limit :limit
    """)
