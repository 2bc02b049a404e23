"""Plays a made-up company through the services' APIs, in bulk, so that playing it again changes nothing."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import batched
from typing import Any

from attain.client import ServiceError, Services
from attain.company.organisation import COMPANY, Unit
from attain.company.plan import Company, Deal, Step, in_utc

SOURCE = "made-up"
BATCH = 1000
GOAL_METRIC = "sales_amount"
PATIENCE = 60.0
"""Seconds that one service may take to hear what another has said."""

Told = Callable[[str, int, int], None]
"""Hears of progress: of what, how many are done, of how many."""


class PlayRefused(ServiceError):
    """A service refused a row of the company; its rules and the company no longer agree."""


@dataclass(frozen=True, slots=True)
class Player:
    """Plays one company. Every request carries an `Idempotency-Key` made from what is played, so that a play
    which broke off goes on where it stopped."""

    services: Services
    company: Company
    name: str
    told: Told

    async def play(self) -> None:
        """Plays everything, in order: organisation, rates, customers, opportunities."""
        people = await self._organisation()
        rates = {"items": self.company.rates}
        await self._post("targets", "/v1/calendar/rates:batch", "rates", rates)
        customers = await self._customers()
        await self._until_known(people)
        await self._opportunities(people, customers)
        await self._goals()

    async def _organisation(self) -> dict[str, str]:
        """Units, people, managers, the move and the leave; the ids of people by code."""
        organisation, first_day = self.company.organisation, str(self.company.organisation.first_day)
        units = [_unit_row(unit, first_day) for unit in organisation.units]
        people = [
            {
                "code": person.code,
                "display_name": person.name,
                "role": person.role,
                "hired_on": str(person.hired_on),
                "unit_code": person.unit,
            }
            for person in organisation.people
        ]
        await self._batch("targets", "/v1/units:batch", "units", units)
        ids = await self._batch("targets", "/v1/people:batch", "people", people)
        led = [
            {**row, "manager_code": unit.manager} for row, unit in zip(units, organisation.units, strict=True)
        ]
        await self._batch("targets", "/v1/units:batch", "managers", led)
        by_code = {person.code: id for person, id in zip(organisation.people, ids, strict=True)}
        mover, leaver = organisation.mover, organisation.leaver
        move = {"unit_code": mover.moves_to, "effective_on": str(mover.moved_on)}
        leave = {"left_on": str(leaver.left_on), "reason_code": "resigned"}
        await self._post("targets", f"/v1/people/{by_code[mover.code]}/move", "move", move)
        await self._post("targets", f"/v1/people/{by_code[leaver.code]}/leave", "leave", leave)
        return by_code

    async def _customers(self) -> dict[str, str]:
        rows = [{"source": SOURCE, **customer} for customer in self.company.customers]
        ids = await self._batch("opportunities", "/v1/customers:batch", "customers", rows)
        return {row["external_id"]: id for row, id in zip(self.company.customers, ids, strict=True)}

    async def _until_known(self, people: dict[str, str]) -> None:
        """Waits until opportunities has heard of everybody: what it needs from others it has as own rows."""
        probes = [
            {"verb": "open", "title": "?", "owner_id": people[person.code], "occurred_at": f"{day}T04:00:00Z"}
            for person in self.company.organisation.people
            for day in [person.hired_on]
        ]
        deadline = time.monotonic() + PATIENCE
        path = "/v1/opportunities:batch"
        for chunk in batched(probes, BATCH):
            while refused := await self._refused(path, list(chunk)):
                if time.monotonic() > deadline:
                    raise PlayRefused(f"opportunities has not heard of everybody: {refused[0]}")
                await asyncio.sleep(0.1)

    async def _refused(self, path: str, rows: list[dict[str, Any]]) -> list[Any]:
        answer = await self.services.post("opportunities", path, {"items": rows}, validate_only="true")
        return [item["problem"] for item in answer["items"] if item.get("problem")]

    async def _opportunities(self, people: dict[str, str], customers: dict[str, str]) -> None:
        """Opens every opportunity, then does everything that happens to them, one life after the other."""
        names = {customer["external_id"]: customer["name"] for customer in self.company.customers}
        openings = [
            _opening(deal, people[deal.owner.code], customers[deal.customer], names)
            for deal in self.company.deals
        ]
        path = "/v1/opportunities:batch"
        ids = await self._batch("opportunities", path, "opportunities opened", openings)
        steps = [
            _row(step, id, people)
            for deal, id in zip(self.company.deals, ids, strict=True)
            for step in deal.steps[1:]
        ]
        await self._batch("opportunities", path, "facts about them", steps)

    async def _goals(self) -> None:
        """The company's targets, divided over regions, teams and people."""
        for number, goal in enumerate(self.company.goals, 1):
            target = {
                "metric": GOAL_METRIC,
                "subject_kind": "unit",
                "subject_code": COMPANY,
                "period": goal.period,
                "base": str(goal.base),
                "challenge": str(goal.challenge),
            }
            published = await self._post("targets", "/v1/targets", f"goal {goal.period}", target)
            level = [published["id"]]
            for over in ("units", "units", "people"):
                level = [part for parent in level for part in await self._divide(parent, over)]
            self.told("targets", number, len(self.company.goals))

    async def _divide(self, target_id: str, over: str) -> list[str]:
        path = f"/v1/targets/{target_id}/decompose"
        answer = await self._post("targets", path, f"divide {target_id}", {"over": over})
        return [part["id"] for part in answer["parts"]]

    async def _batch(self, service: str, path: str, what: str, rows: list[dict[str, Any]]) -> list[str]:
        """Posts rows in chunks; their ids, in order. Raises `PlayRefused` for the first refused row."""
        ids: list[str] = []
        for number, chunk in enumerate(batched(rows, BATCH)):
            answer = await self._post(service, path, f"{what} {number}", {"items": list(chunk)})
            for row, item in zip(chunk, answer["items"], strict=True):
                if problem := item.get("problem"):
                    raise PlayRefused(f"{path} refused {row}: {problem}")
                ids.append(item["id"])
            self.told(what, len(ids), len(rows))
        return ids

    async def _post(self, service: str, path: str, what: str, body: Any) -> Any:
        headers = {"Idempotency-Key": f"{self.name} {what}"}
        return (await self.services.request("POST", service, path, json=body, headers=headers)).json()


def _unit_row(unit: Unit, first_day: str) -> dict[str, Any]:
    row = {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent_code": unit.parent,
        "region": unit.region,
        "effective_on": first_day,
    }
    return {key: value for key, value in row.items() if value is not None}


def _opening(deal: Deal, owner_id: str, customer_id: str, names: dict[str, str]) -> dict[str, Any]:
    step = deal.steps[0]
    return {
        "verb": "open",
        "title": f"{names[deal.customer]} · {step.body['product_line']} {deal.key}",
        "owner_id": owner_id,
        "customer_id": customer_id,
        "occurred_at": in_utc(step.at),
        **step.body,
    }


def _row(step: Step, opportunity_id: str, people: dict[str, str]) -> dict[str, Any]:
    body = {"owner_id": people[step.body["owner"]]} if step.verb == "change_owner" else step.body
    return {"verb": step.verb, "opportunity_id": opportunity_id, "occurred_at": in_utc(step.at), **body}
