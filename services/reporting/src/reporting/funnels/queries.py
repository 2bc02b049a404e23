"""What the three funnels read. A void opportunity has no visits and stands in no stage, so none of them sees it."""

from functools import cache

from reporting.belonging import Attribution
from reporting.conversion import RATED
from reporting.deals import Reach, reaching, within
from reporting.freshness import FRESHNESS
from reporting.moments import SPAN
from runtime.query import Query

PIPELINE = Query("select code from pipeline where code = :pipeline")

# What a cohort funnel names, in one round trip.
SETTLED = Query(f"""
    select fresh.*, span.*, (select code from pipeline where code = :pipeline) as pipeline
    from ({FRESHNESS}) as fresh left join ({SPAN}) as span on true
""")

_STAGES = """
    stages as ( -- of the pipeline's version in force
        select pipeline_stage.stage, position, pipeline_stage.name_en, pipeline_stage.name_zh
        from pipeline
        join pipeline_stage on pipeline_stage.pipeline = pipeline.code
         and pipeline_stage.pipeline_version = pipeline.version
        where pipeline.code = :pipeline
    )
"""

# An opportunity belongs to the cohort of its opening: to who owned it then, or owns it today. What is read of many
# opportunities joins the tables of visits and not their view, of which the planner knows no numbers.
_COHORT_OWNER = {
    Attribution.as_was: "coalesce(opening.owner_id, opportunity.visit_owner_id)",
    Attribution.as_is: "opportunity.owner_id",
}

_OPENING = {
    Attribution.as_was: """
        left join stage_visit_past as opening on opening.opportunity_id = stood.opportunity_id and opening.visit = 1
    """,
    Attribution.as_is: "",
}

_TODAY = {
    Attribution.as_was: "",
    Attribution.as_is: "join opportunity on opportunity.id = stood.opportunity_id",
}


def _cohort(reach: Reach, attribution: Attribution) -> str:
    meant = within(reach, owner=_COHORT_OWNER[attribution], day="stood.opened_on", deal="stood")
    return f"""
        with {reaching(reach, attribution)}
        cohort as ( -- with the attributes of the instant asked for
            select stood.opportunity_id as id
            from opportunity_history as stood
            join opportunity on opportunity.id = stood.opportunity_id
            {_OPENING[attribution]}
            where stood.valid_from <= :horizon and :horizon < stood.valid_to
              and stood.opened_at >= :starts_at and stood.opened_at < :ends_at
              and stood.pipeline = :pipeline and {meant}
        )
    """


_SUMS = ", ".join(
    f"coalesce(sum({name}), 0)::bigint as {name}"
    for name in ("opportunities", "opened", "re_entries", "advanced", "lost", "returned", "open", "won")
)

# Not needed for the figure, as `:as_of` is now: it tells a plan that is kept how little lies behind that instant.
_RECENTLY = "now() - interval '1 day'"

# Every opportunity that was opened in whole months: their visits are counted as they happen. What lies behind `as_of`
# lasts until then only: a fact may be recorded up to five minutes ahead.
_MONTHS = f"""
    ahead as ( -- what the counts say too much of visits that end, or begin, after the instant
        select visit.stage, opened_in,
               case when exit is not null then extract(epoch from left_at - greatest(entered_at, :as_of))
                    else 0 end as of_left,
               case when exit is not null then extract(epoch from left_at - greatest(entered_at, :as_of))
                    else extract(epoch from :as_of - entered_at) end as of_all
        from (
            select * from stage_visit where left_at > :as_of and left_at > {_RECENTLY}
            union all
            select * from stage_visit where left_at is null and entered_at > :as_of and entered_at > {_RECENTLY}
        ) as visit
        join lateral (
            select date_trunc('month', opened_on)::date as opened_in from opportunity
            where id = visit.opportunity_id and pipeline = :pipeline
        ) as opened on opened_in >= :starts_on and opened_in < :ends_on
    ),
    counted as (
        select stage, grouping(stage) = 1 as is_total,
               {_SUMS},
               coalesce(sum(seconds_of_left), 0) as seconds_of_left, coalesce(sum(seconds_of_all), 0) as seconds_of_all
        from (
            select stage, opportunities, opened, re_entries, advanced, lost, returned, open, won, seconds_of_left,
                   seconds_of_left + open * extract(epoch from :as_of) - open_since_seconds as seconds_of_all
            from cohort
            where pipeline = :pipeline and opened_in >= :starts_on and opened_in < :ends_on and reason is null
            union all
            select stage, 0, 0, 0, 0, 0, 0, 0, 0, -of_left, -of_all from ahead
        ) as told
        group by grouping sets ((stage), ())
    )
"""

_COUNTED = """
    entered as (
        select stage, reentry, visit, exit, next_stage, entered_at, left_at
        from cohort join stage_visit_past on opportunity_id = cohort.id
        union all
        select stage, visit_reentry, visits, null, null, stage_since, null
        from cohort join opportunity using (id) where state = 'open'
    ),
    visit as (
        select stage, reentry, visit = 1 as is_first,
               case when left_at <= :horizon then exit end as exit,
               left_at <= :horizon and exit = 'advanced' and next_stage is null as wins,
               extract(epoch from
                   greatest(least(coalesce(left_at, :as_of), :as_of), entered_at) - entered_at
               ) as seconds
        from entered where entered_at <= :horizon
    ),
    counted as (
        select stage, grouping(stage) = 1 as is_total,
               count(*) filter (where not reentry) as opportunities,
               count(*) filter (where is_first) as opened,
               count(*) filter (where reentry) as re_entries,
               count(*) filter (where exit = 'advanced') as advanced,
               count(*) filter (where exit = 'lost') as lost,
               count(*) filter (where exit = 'returned') as returned,
               count(*) filter (where exit is null) as open,
               count(*) filter (where wins) as won,
               coalesce(sum(seconds) filter (where exit is not null), 0) as seconds_of_left,
               coalesce(sum(seconds), 0) as seconds_of_all
        from visit group by grouping sets ((stage), ())
    )
"""


@cache
def cohort_stages(reach: Reach, attribution: Attribution, *, whole: bool) -> Query:
    """A row a stage, and one (`is_total`) of all: visits up to the instant asked for, by how they ended.

    An opportunity stands in one open visit, or was won by one visit, or stays lost. `whole`: of all opportunities that
    were opened in whole months, as everything that was heard says.
    """
    counted = f"with {_MONTHS}" if whole else f"{_cohort(reach, attribution)}, {_COUNTED}"
    return Query(f"""
        {counted}, {_STAGES}
        select counted.*, coalesce(counted.stage, stages.stage) as code, stages.name_en, stages.name_zh
        from counted full join stages on stages.stage = counted.stage
        order by coalesce(is_total, false), stages.position nulls last, counted.stage
    """)


@cache
def cohort_losses(reach: Reach, attribution: Attribution, *, whole: bool) -> Query:
    """Why the cohort's lost opportunities were lost, by the stage that they were lost from (S101)."""
    if whole:
        return Query("""
            select stage, reason, sum(count)::bigint as count
            from cohort
            where pipeline = :pipeline and opened_in >= :starts_on and opened_in < :ends_on and reason is not null
            group by 1, 2 order by 1, 3 desc, 2
        """)
    return Query(f"""
        {_cohort(reach, attribution)}
        select stood.stage, stood.loss_reason as reason, count(*) as count
        from cohort
        join opportunity_history as stood on stood.opportunity_id = cohort.id
         and stood.valid_from <= :horizon and :horizon < stood.valid_to
        where stood.state = 'lost'
        group by 1, 2 order by 1, 3 desc, 2
    """)


_OWNER = {Attribution.as_was: "stood.owner_id", Attribution.as_is: "opportunity.owner_id"}

_TALLY = """
    count(*) as count, sum(amount) as amount, sum(amount * rate) as converted,
    jsonb_agg(distinct jsonb_build_object('currency', rowwise.currency, 'day', rowwise.day))
        filter (where amount is not null and rate is null) as unrated
"""
"""Number and money of rows with `currency` and `day`; amounts that are not known count as none."""

_RATE_OF_DAY = """
    left join rated on rated.currency = rowwise.currency
     and rated.valid_from <= rowwise.day and rowwise.day < rated.valid_to
"""


@cache
def flow_moves(reach: Reach, attribution: Attribution) -> Query:
    """A row a stage, way and currency: the moves that happened in the period, with the amounts of that moment."""
    meant = within(reach, owner=_OWNER[attribution], day="move.day", deal="stood")
    happened = "{0} >= :starts_at and {0} < :ends_at and {0} <= :horizon and pipeline = :pipeline"
    return Query(f"""
        with {reaching(reach, attribution)}
        {RATED}, {_STAGES},
        move as (
            select opportunity_id, stage, 'into' as way, entered_at as at, (entered_at at time zone :zone)::date as day
            from stage_visit where {happened.format("entered_at")}
            union all
            select opportunity_id, stage,
                   case when exit = 'lost' then 'lost' when exit = 'returned' then 'moved_back'
                        when next_stage is null then 'won' else 'moved_on' end,
                   left_at, (left_at at time zone :zone)::date
            from stage_visit where {happened.format("left_at")}
        ),
        rowwise as ( -- each move with the opportunity as it stood right after it
            select move.stage, move.way, move.day, stood.amount, stood.currency
            from move
            join opportunity_history as stood on stood.opportunity_id = move.opportunity_id
             and stood.valid_from <= move.at and move.at < stood.valid_to
            {_TODAY[attribution]}
            where {meant}
        ),
        tallied as (
            select stage, way, rowwise.currency, {_TALLY} from rowwise {_RATE_OF_DAY} group by 1, 2, 3
        )
        select tallied.*, coalesce(tallied.stage, stages.stage) as code, stages.name_en, stages.name_zh
        from tallied full join stages on stages.stage = tallied.stage
        order by stages.position nulls last, tallied.stage, tallied.way, tallied.currency
    """)


@cache
def snapshot_stages(reach: Reach, attribution: Attribution) -> Query:
    """A row a stage and currency: what stands open there at the instant, valued at the rates of its day."""
    meant = within(reach, owner=_OWNER[attribution], day=":day::date", deal="stood")
    return Query(f"""
        with {reaching(reach, attribution)}
        {RATED}, {_STAGES},
        rowwise as (
            select stood.stage, :day::date as day, stood.amount, stood.currency
            from opportunity_history as stood
            {_TODAY[attribution]}
            where stood.valid_from <= :horizon and :horizon < stood.valid_to
              and stood.state = 'open' and stood.pipeline = :pipeline and {meant}
        ),
        tallied as (
            select stage, 'standing' as way, rowwise.currency, {_TALLY} from rowwise {_RATE_OF_DAY} group by 1, 2, 3
        )
        select tallied.*, coalesce(tallied.stage, stages.stage) as code, stages.name_en, stages.name_zh
        from tallied full join stages on stages.stage = tallied.stage
        order by stages.position nulls last, tallied.stage, tallied.currency
    """)
