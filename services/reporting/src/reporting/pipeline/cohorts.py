"""What became of the opportunities opened in a month: their visits of each stage, counted.

An opportunity whose facts move it is taken out of the counts as it stands, told on (`story`), and counted again.
"""

from contracts import Event
from contracts.opportunities import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityStageChanged,
    OpportunityVoided,
    OpportunityWon,
)
from reporting.statements import Statements, types

MOVES: frozenset[type[Event]] = frozenset(
    {
        OpportunityOpened,
        OpportunityStageChanged,
        OpportunityWon,
        OpportunityLost,
        OpportunityReopened,
        OpportunityVoided,
    }
)
"""The facts that begin or end a visit, or say why an opportunity was lost."""

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


def counted(standing: str, schema: str = "") -> str:
    """Counts of the opportunities of `standing(id, slice)`, by key. A void one has no visits. `schema`, with its dot,
    is where the tables are unless the search path says it.
    """
    return f"""(
        with standing as materialized (
            select chosen.slice, opportunity.id, opportunity.pipeline, opportunity.state, opportunity.stage,
                   opportunity.loss_reason, date_trunc('month', opportunity.opened_on)::date as opened_in
            from ({standing}) as chosen join {schema}opportunity using (id)
            where opportunity.state <> 'void'
        )
        select standing.pipeline, opened_in, visit.stage, null as reason, slice, count(*),
               count(*) filter (where not reentry) as opportunities,
               count(*) filter (where visit = 1) as opened,
               count(*) filter (where reentry) as re_entries,
               count(*) filter (where exit = 'advanced') as advanced,
               count(*) filter (where exit = 'lost') as lost,
               count(*) filter (where exit = 'returned') as returned,
               count(*) filter (where exit is null) as open,
               count(*) filter (where exit = 'advanced' and next_stage is null) as won,
               coalesce(sum(extract(epoch from left_at - entered_at)), 0) as seconds_of_left,
               coalesce(sum(extract(epoch from entered_at)) filter (where exit is null), 0) as open_since_seconds
        from standing join {schema}stage_visit as visit on visit.opportunity_id = standing.id
        group by 1, 2, 3, 5
        union all
        select pipeline, opened_in, stage, loss_reason, slice, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        from standing where state = 'lost'
        group by 1, 2, 3, 4, 5
    )"""


def _moved(roots: str) -> str:
    return counted(f"""
        select root::uuid as id, partition as slice from batch where type in ({types(*MOVES)})
        group by root, partition having {roots}
    """)


_SAME = """
    cohort.pipeline = told.pipeline and cohort.opened_in = told.opened_in and cohort.stage = told.stage
    and cohort.slice = told.slice and cohort.reason is not distinct from told.reason
"""


def _added(sign: str) -> str:
    return ", ".join(f"{name} = cohort.{name} {sign} told.{name}" for name in FIGURES)


uncount_cohorts = Statements(
    MOVES,
    f"""
    merge into cohort using {_moved("min(sequence) > 1")} as told on {_SAME}
    when matched and cohort.count = told.count then delete
    when matched then update set {_added("-")}
    """,
)

count_cohorts = Statements(
    MOVES,
    f"""
    merge into cohort using {_moved("true")} as told on {_SAME}
    when matched then update set {_added("+")}
    when not matched then insert ({_KEY}, {", ".join(FIGURES)})
        values ({", ".join(f"told.{name}" for name in (*_KEY.split(", "), *FIGURES))})
    """,
)
