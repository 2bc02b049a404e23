"""What became of the opportunities opened in a month: their visits of each stage, counted.

Telling an opportunity on (`story`) adds what its facts change of the counts: the visits that begin and end by them.
"""

_KEY = "pipeline, opened_in, stage, reason, slice"
FIGURES = (
    "count",
    "opportunities",
    "opened",
    "re_entries",
    "advanced",
    "lost",
    "returned",
    "open",
    "won",
    "seconds_of_left",
    "open_since_seconds",
)
"""The columns that are added up."""


def counted(visits: str, losses: str) -> str:
    """Counts by key: of `visits(pipeline, opened_on, slice, sign, stage, visit, reentry, entered_at, left_at, exit,
    next_stage)`, and of opportunities that stay lost, `losses(pipeline, opened_on, slice, sign, stage, loss_reason)`.
    A row of sign 1 is added, one of sign -1 taken away.
    """
    return f"""(
        select pipeline, date_trunc('month', opened_on)::date as opened_in, stage, null as reason, slice,
               sum(sign) as count,
               {_signs("not reentry")} as opportunities,
               {_signs("visit = 1")} as opened,
               {_signs("reentry")} as re_entries,
               {_signs("exit = 'advanced'")} as advanced,
               {_signs("exit = 'lost'")} as lost,
               {_signs("exit = 'returned'")} as returned,
               {_signs("exit is null")} as open,
               {_signs("exit = 'advanced' and next_stage is null")} as won,
               coalesce(sum(sign * extract(epoch from left_at - entered_at)), 0) as seconds_of_left,
               coalesce(sum(sign * extract(epoch from entered_at)) filter (where exit is null), 0) as open_since_seconds
        from ({visits}) as visit group by 1, 2, 3, 5
        union all
        select pipeline, date_trunc('month', opened_on)::date, stage, loss_reason, slice,
               sum(sign), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        from ({losses}) as loss group by 1, 2, 3, 4, 5
    )"""


def _signs(condition: str) -> str:
    return f"coalesce(sum(sign) filter (where {condition}), 0)"


def counted_anew(standing: str, schema: str = "", sign: int = 1) -> str:
    """Counts of the opportunities of `standing(id, slice)` as the tables have them. A void one has no visits. `schema`,
    with its dot, is where the tables are unless the search path says it.
    """
    return f"""(
        with standing as materialized (
            select chosen.slice, {sign} as sign, opportunity.id, opportunity.pipeline, opportunity.state,
                   opportunity.stage, opportunity.stage_since, opportunity.loss_reason, opportunity.opened_on,
                   opportunity.visits, opportunity.visit_reentry
            from ({standing}) as chosen join {schema}opportunity using (id)
            where opportunity.state <> 'void'
        )
        select * from {
        counted(
            f'''
            select standing.pipeline, opened_on, slice, sign, past.stage, visit, reentry, entered_at, left_at, exit,
                   next_stage
            from standing join {schema}stage_visit_past as past on past.opportunity_id = standing.id
            union all
            select pipeline, opened_on, slice, sign, stage, visits, visit_reentry, stage_since, null, null, null
            from standing where state = 'open'
            ''',
            "select * from standing where state = 'lost'",
        )
    } as told
    )"""


def added(told: str) -> str:
    """The statement that adds the counts `told` to those that are kept. A key that counts nothing more goes."""
    return f"""
    merge into cohort using {told} as told
    on cohort.pipeline = told.pipeline and cohort.opened_in = told.opened_in and cohort.stage = told.stage
       and cohort.slice = told.slice and cohort.reason is not distinct from told.reason
    when matched and cohort.count + told.count = 0 then delete
    when matched then update set {", ".join(f"{name} = cohort.{name} + told.{name}" for name in FIGURES)}
    when not matched then insert ({_KEY}, {", ".join(FIGURES)})
        values ({", ".join(f"told.{name}" for name in (*_KEY.split(", "), *FIGURES))})
    """
