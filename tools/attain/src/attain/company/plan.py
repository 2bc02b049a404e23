"""The made-up company as data: a pure function of size, seed and last day.

The same arguments give the same company to the last cent, so playing it twice is playing it once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from attain.company import names
from attain.company.calendar import SEASON, SPAN, Calendar
from attain.company.deals import Deal, DealMaker
from attain.company.goals import WEEKS, Goal, WeekGoal, Win, make_goals, make_week_goals
from attain.company.leads import Lead, LeadMaker
from attain.company.organisation import Organisation, make_organisation
from attain.company.sources import Sources, make_sources

USD_WORTH = Decimal("7.1")

LEADS_OF_TEN = 3
"""Leads for ten opportunities, unless told."""


@dataclass(frozen=True, slots=True)
class Company:
    """Everything that is played, in the order in which it is played."""

    last_day: date
    organisation: Organisation
    rates: list[dict[str, str]]
    customers: list[dict[str, str]]
    sources: Sources
    leads: list[Lead]
    deals: list[Deal]
    week_goals: list[WeekGoal]
    goals: list[Goal]


def make_company(*, opportunities: int, seed: int, last_day: date, leads: int | None = None) -> Company:
    """A company whose history ends on `last_day`, with about one person for 25 opportunities.

    About a quarter of the leads become opportunities, which are among the `opportunities`: at most half of them.
    """
    random, calendar = Random(seed), Calendar(last_day)
    count = opportunities * LEADS_OF_TEN // 10 if leads is None else leads
    organisation = make_organisation(
        random, max(12, opportunities // 25), calendar.first_day, calendar.last_day
    )
    customers = _customers(random, max(8, opportunities // 6))
    sources = make_sources(random, count, SEASON, calendar.first_day, last_day)
    lead_maker = LeadMaker(random, organisation, customers, sources, calendar, room=opportunities // 2)
    known = [lead_maker.make(number) for number in range(1, count + 1)]
    deals = _deals(DealMaker(random, organisation, customers, calendar), opportunities, known)
    won = list(_won(deals, organisation))
    return Company(
        last_day,
        organisation,
        _rates(calendar.first_day, last_day),
        customers,
        sources,
        known,
        deals,
        make_week_goals(won, organisation.watched_team, calendar.finished_weeks(len(WEEKS))),
        make_goals(won, SEASON, calendar.first_day, last_day),
    )


def _deals(maker: DealMaker, opportunities: int, leads: list[Lead]) -> list[Deal]:
    """The opportunities: one small win in each of the weeks that are looked at, most others, and those of leads."""
    watched = maker.organisation.sellers_of(maker.organisation.watched_team)
    mondays = maker.calendar.finished_weeks(len(WEEKS))
    deals = [
        maker.make_won_on(number, watched[number % len(watched)], monday + timedelta(days=number % 4))
        for number, monday in enumerate(mondays, 1)
    ]
    converted = [lead for lead in leads if lead.converts_at is not None]
    deals += [maker.make(number) for number in range(len(deals) + 1, opportunities - len(converted) + 1)]
    deals += [
        maker.make_of_lead(number, lead.key, lead.owner, lead.company, lead.converts_at, lead.known)
        for number, lead in enumerate(converted, len(deals) + 1)
        if lead.converts_at is not None
    ]
    return deals


def _won(deals: list[Deal], organisation: Organisation) -> Iterator[Win]:
    """Every win, dollars at about what they are worth, under the unit that its last owner was in at the end."""
    people = {person.code: person for person in organisation.people}
    for deal in deals:
        amount, worth, owner = Decimal(), Decimal(1), deal.owner
        for step in deal.steps:
            amount = Decimal(step.body.get("amount", amount)) if step.verb in ("open", "change") else amount
            worth = USD_WORTH if step.body.get("currency") == "USD" else worth
            owner = people[step.body["owner"]] if step.verb == "change_owner" else owner
            if step.verb == "win":
                yield Win(step.at.date(), amount * worth, owner.moves_to or owner.unit)


def _rates(first_day: date, last_day: date) -> list[dict[str, str]]:
    """A dollar rate for every quarter, moving a little."""
    days = [first_day + timedelta(days=91 * number) for number in range(SPAN.days // 91 + 1)]
    return [
        {
            "currency": "USD",
            "rate": f"{Decimal('7.08') + Decimal(number % 4) / 50:.4f}",
            "effective_on": str(day),
        }
        for number, day in enumerate(days)
        if day <= last_day
    ]


def _customers(random: Random, count: int) -> list[dict[str, str]]:
    """Chinese companies with a few foreign ones among them."""
    foreign = [
        {"external_id": f"C-F{n:03d}", "name": name, "sector": sector, "country": country}
        for n, (name, sector, country) in enumerate(names.FOREIGN_CUSTOMERS, 1)
    ]
    pairs = [(place, trade) for trade in names.TRADES for place in names.PLACES]
    random.shuffle(pairs)
    local = []
    for number in range(1, count + 1):
        (place, place_en), (trade, trade_en, sector) = pairs[number % len(pairs)]
        suffix = "" if number < len(pairs) else f" {number // len(pairs) + 1}"
        local.append(
            {
                "external_id": f"C-{number:04d}",
                "name": f"{place}{trade}有限公司 {place_en} {trade_en}{suffix}",
                "sector": sector,
                "country": "China",
            }
        )
    return foreign + local
