"""What is read of leads: those captured in a period, how far they got, and what became of their opportunities."""

from functools import cache

from reporting.belonging import Attribution
from reporting.deals import Reach, reaching, within
from reporting.health.queries import FIRST_VISIT
from runtime.query import Query

# A lead counts for who had it first, or has it today; one that nobody ever had counts for the company alone.
_OWNER = {
    Attribution.as_was: "lead.first_owner_id",
    Attribution.as_is: "coalesce(lead.owner_id, lead.last_owner_id)",
}


def captured(reach: Reach, attribution: Attribution) -> str:
    """CTE `captured`: the leads captured in the period with what became of them up to the instant asked for; begins a
    statement.
    """
    meant = within(reach, owner=_OWNER[attribution], day="lead.captured_on", deal="lead")
    return f"""
        with {reaching(reach, attribution)}
        captured as (
            select lead.channel, lead.valid, lead.assigned_at <= :horizon as assigned,
                   lead.first_contact_at <= :horizon as contacted, visit.at <= :horizon as visited,
                   lead.converted_at <= :horizon as converted, lead.discarded_at <= :horizon as discarded,
                   lead.qualified_at <= :horizon or lead.converted_at <= :horizon as qualified,
                   deal.state = 'won' as won, deal.state = 'lost' as lost,
                   deal.amount, deal.currency, deal.closed_on as day
            from lead
            {FIRST_VISIT}
            left join opportunity_history as deal on deal.opportunity_id = lead.opportunity_id
             and deal.valid_from <= :horizon and :horizon < deal.valid_to
            where lead.captured_on >= :starts_on and lead.captured_on < :ends_on and lead.captured_at <= :horizon
              and (:campaign::text is null or lead.campaign = :campaign::text) and {meant}
        )
    """


@cache
def funnel(reach: Reach, attribution: Attribution) -> Query:
    """One row: how many leads got how far. A lead that was converted counts as qualified."""
    return Query(f"""
        {captured(reach, attribution)}
        select count(*) as captured, count(*) filter (where valid) as valid,
               count(*) filter (where assigned) as assigned,
               count(*) filter (where contacted) as contacted, count(*) filter (where qualified) as qualified,
               count(*) filter (where visited) as visited, count(*) filter (where converted) as converted,
               count(*) filter (where won) as won, count(*) filter (where lost) as lost,
               count(*) filter (where discarded) as discarded,
               count(*) filter (where converted is not true and discarded is not true) as open,
               count(*) filter (where valid and visited) as valid_visited
        from captured
    """)
