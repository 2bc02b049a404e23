"""The company of the demo: which one it is, whether it was played already, and playing it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from attain.client import Services
from attain.company.organisation import COMPANY
from attain.company.plan import SHANGHAI, SPAN, Company, make_company
from attain.company.play import GOAL_METRIC, Player, Told

SEED = 2026


@dataclass(frozen=True, slots=True)
class Played:
    """The company that the instance holds, and whether this call has played it."""

    company: Company
    anew: bool


async def ensure_company(services: Services, opportunities: int, told: Told) -> Played:
    """Plays the company unless the instance holds it. What the instance holds is asked of the services
    themselves, so that nothing is doubled when every file beside the data is lost.
    """
    first_day = await _first_day(services)
    last_day = datetime.now(SHANGHAI).date() if first_day is None else first_day + SPAN
    company = make_company(opportunities=opportunities, seed=SEED, last_day=last_day)
    if first_day is not None and await _is_complete(services, company):
        return Played(company, anew=False)
    name = f"demo {SEED} {opportunities} {last_day}"
    await Player(services, company, name, told).play()
    return Played(company, anew=True)


async def _first_day(services: Services) -> date | None:
    """The day from which the company exists; None when it was never played."""
    found = await _unit(services)
    if found is None:
        return None
    history = await services.get("targets", f"/v1/units/{found['id']}/history")
    return date.fromisoformat(history["items"][0]["data"]["effective_on"])


async def _is_complete(services: Services, company: Company) -> bool:
    """Whether the last thing that is played is there: people's parts of the last quarter's target."""
    last = company.goals[-1].period
    found = await services.get("targets", "/v1/targets", metric=GOAL_METRIC, period=last, limit=200)
    people = {target["subject_id"] for target in found["items"] if target["subject_kind"] == "person"}
    sellers = company.organisation.sellers_on(company.last_day)
    return len(people) >= len(sellers)


async def _unit(services: Services) -> Any:
    found = await services.get("targets", "/v1/units", text=COMPANY)
    return next((unit for unit in found["items"] if unit["code"] == COMPANY), None)
