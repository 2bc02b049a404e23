"""The company of the demo: which one it is, whether it was played already, and playing it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from attain.client import Services
from attain.company.calendar import SPAN
from attain.company.deals import deal_key
from attain.company.organisation import COMPANY
from attain.company.plan import Company, make_company
from attain.company.play import GOAL_METRIC, Player
from attain.company.sender import Told
from attain.company.steps import SHANGHAI
from attain.problems import LocalProblem

SEED = 2026


class OtherCompany(LocalProblem):
    """The instance holds a made-up company of another size; two of them would be mixed."""


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
    """Whether the first and the last thing that are played are there: the opportunities, and people's parts of the
    last quarter's target. Raises `OtherCompany` where they are those of a company of another size.
    """
    size = len(company.deals)
    people = await _people_with_a_goal(services, company.goals[-1].period)
    opened = await _is_opened(services, size)
    if await _is_opened(services, size + 1) or (people and not opened):
        raise OtherCompany(
            f"This instance holds a company of other than {size} opportunities. Show that one with the --opportunities "
            "that it was played with, or play another in an instance of its own: --home FOLDER."
        )
    return opened and len(people) >= len(company.organisation.sellers_on(company.last_day))


async def _people_with_a_goal(services: Services, period: str) -> set[str]:
    people: set[str] = set()
    cursor: str | None = None
    while True:
        page = await services.get(
            "targets", "/v1/targets", metric=GOAL_METRIC, period=period, limit=200, cursor=cursor
        )
        people |= {each["subject_id"] for each in page["items"] if each["subject_kind"] == "person"}
        if not (cursor := page["next"]):
            return people


async def _is_opened(services: Services, number: int) -> bool:
    """Whether the company's opportunity of that number is there; its title ends with its key."""
    key = deal_key(number)
    found = await services.get("opportunities", "/v1/opportunities", text=key, limit=200)
    return any(each["title"].endswith(f" {key}") for each in found["items"])


async def _unit(services: Services) -> Any:
    found = await services.get("targets", "/v1/units", text=COMPANY)
    return next((unit for unit in found["items"] if unit["code"] == COMPANY), None)
