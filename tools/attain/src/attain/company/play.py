"""Plays a made-up company through the services' APIs, in bulk, so that playing it again changes nothing."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Any

from attain.client import Services
from attain.company.deals import Deal
from attain.company.leads import Lead
from attain.company.organisation import COMPANY, Unit
from attain.company.plan import Company
from attain.company.sender import BATCH, PlayRefused, Route, Row, Sender, Told
from attain.company.sources import CHANNELS
from attain.company.steps import Step, in_utc

SOURCE = "made-up"
GOAL_METRIC = "sales_amount"
PATIENCE = 60.0
"""Seconds in which a service must have heard more of what another has said."""

PAUSE = 0.1
IDS_OF_A_QUERY = 100
"""So many ids fit into an address."""

POOL_RULE = "untouched-30-days"
POOL_RULE_FIELDS = ("name_en", "name_zh", "priority", "channels", "levels", "after_days")

UNITS = Route("targets", "/v1/units:batch")
PEOPLE = Route("targets", "/v1/people:batch")
TARGETS = Route("targets", "/v1/targets:batch")
CUSTOMERS = Route("opportunities", "/v1/customers:batch")
OPPORTUNITIES = Route("opportunities", "/v1/opportunities:batch")
LEADS = Route("leads", "/v1/leads:batch")


@dataclass(frozen=True, slots=True)
class Player:
    """Plays one company. Every request carries an `Idempotency-Key` made from what is played, so that a play
    which broke off goes on where it stopped."""

    services: Services
    company: Company
    name: str
    told: Told

    async def play(self) -> None:
        """Plays everything, in order: organisation, rates, customers, sources, leads, opportunities, goals."""
        people = await self._organisation()
        await self._sender.post("targets", "/v1/calendar/rates:batch", "rates", {"items": self.company.rates})
        customers = await self._customers()
        await self._sources()
        await self._until_known(people)
        await self._releases_leads(by_itself=False)
        leads = await self._leads(people)
        await self._opportunities(people, customers, leads)
        await self._releases_leads(by_itself=True)
        await self._goals()

    @property
    def _sender(self) -> Sender:
        return Sender(self.services, self.name, self.told)

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
        send = self._sender
        await send.rows(UNITS, "units", units, lanes=1)  # parents first
        ids = await send.rows(PEOPLE, "people", people)
        led = [
            {**row, "manager_code": unit.manager} for row, unit in zip(units, organisation.units, strict=True)
        ]
        await send.rows(UNITS, "managers", led, lanes=1)
        by_code = {person.code: id for person, id in zip(organisation.people, ids, strict=True)}
        mover, leaver = organisation.mover, organisation.leaver
        move = {"unit_code": mover.moves_to, "effective_on": str(mover.moved_on)}
        leave = {"left_on": str(leaver.left_on), "reason_code": "resigned"}
        await send.post("targets", f"/v1/people/{by_code[mover.code]}/move", "move", move)
        await send.post("targets", f"/v1/people/{by_code[leaver.code]}/leave", "leave", leave)
        return by_code

    async def _customers(self) -> dict[str, str]:
        rows = [{"source": SOURCE, **customer} for customer in self.company.customers]
        ids = await self._sender.rows(CUSTOMERS, "customers", rows)
        return {row["external_id"]: id for row, id in zip(self.company.customers, ids, strict=True)}

    async def _sources(self) -> None:
        """Channels, their campaigns and what they cost."""
        send = self._sender
        for channel in CHANNELS:
            body = {"name_en": channel.name_en, "name_zh": channel.name_zh}
            await send.put("leads", f"/v1/channels/{channel.code}", body)
        for campaign in self.company.sources.campaigns:
            body = {
                "channel": campaign.channel,
                "name": campaign.name,
                "starts_on": str(campaign.starts_on),
            }
            if campaign.ends_on:
                body["ends_on"] = str(campaign.ends_on)
            await send.put("leads", f"/v1/campaigns/{campaign.code}", body)
        await send.each(
            "costs",
            (
                partial(send.post, "leads", f"/v1/channels/{channel}/costs", f"cost {number}", cost)
                for number, (channel, cost) in enumerate(self.company.sources.costs)
            ),
        )

    async def _releases_leads(self, *, by_itself: bool) -> None:
        """Whether the service releases what nobody touches. Not while the past is told: a lead whose contacts are still
        to be told would seem untouched.
        """
        path = f"/v1/pool-rules/{POOL_RULE}"
        rule = await self.services.get("leads", path)
        if rule["active"] is not by_itself:
            kept = {name: rule[name] for name in POOL_RULE_FIELDS}
            await self._sender.put("leads", path, {**kept, "active": by_itself})

    async def _until_known(self, people: dict[str, str]) -> None:
        """Waits until the services that name owners have heard of everybody: each keeps people as rows of its own."""
        owned = [
            {"owner_id": people[person.code], "occurred_at": f"{person.hired_on}T04:00:00Z"}
            for person in self.company.organisation.people
        ]
        opening = {"verb": "open", "title": "?"}
        capture = {"verb": "capture", "channel": CHANNELS[0].code, "company": "?"}
        for route, probe in ((OPPORTUNITIES, opening), (LEADS, capture)):
            deadline = time.monotonic() + PATIENCE
            for chunk in batched(owned, BATCH):
                rows = [{**probe, **each} for each in chunk]
                while refused := await self._refused(route, rows):
                    if time.monotonic() > deadline:
                        raise PlayRefused(f"{route.service} has not heard of everybody: {refused[0]}")
                    await asyncio.sleep(PAUSE)

    async def _refused(self, route: Route, rows: list[Row]) -> list[Any]:
        answer = await self.services.post(route.service, route.path, {"items": rows}, validate_only="true")
        return [item["problem"] for item in answer["items"] if item.get("problem")]

    async def _leads(self, people: dict[str, str]) -> dict[str, str]:
        """Captures every lead, then does everything that happens to them; the ids of leads by key."""
        deals = {deal.lead: deal for deal in self.company.deals if deal.lead}
        captures = [_step_row(lead.steps[0], people) for lead in self.company.leads]
        ids = await self._sender.rows(LEADS, "leads captured", captures)
        lives = [
            list(_lead_rows(lead, deals.get(lead.key), id, people))
            for lead, id in zip(self.company.leads, ids, strict=True)
        ]
        await self._sender.lives(LEADS, "facts about leads", lives)
        return {lead.key: id for lead, id in zip(self.company.leads, ids, strict=True)}

    async def _opportunities(
        self, people: dict[str, str], customers: dict[str, str], leads: dict[str, str]
    ) -> None:
        """Opens every opportunity that was no lead, waits for the others, then does everything that happens to them."""
        own = [deal for deal in self.company.deals if deal.lead is None]
        openings = [_opening(deal, people, customers) for deal in own]
        ids = await self._sender.rows(OPPORTUNITIES, "opportunities opened", openings)
        by_key = {deal.key: id for deal, id in zip(own, ids, strict=True)}
        converted = {leads[deal.lead]: deal for deal in self.company.deals if deal.lead}
        opened = await self._opened_by(list(converted))
        by_key |= {deal.key: opened[lead_id] for lead_id, deal in converted.items()}
        titles = [[_titled(deal, by_key[deal.key])] for deal in converted.values()]
        await self._sender.lives(OPPORTUNITIES, "opportunities of leads", titles)
        await self._live(by_key, people)

    async def _opened_by(self, lead_ids: list[str]) -> dict[str, str]:
        """The opportunities of converted leads, by the lead. Opportunities opens them when it hears of the conversion.

        Raises `PlayRefused` when none has arrived for a while.
        """
        found: dict[str, str] = {}
        deadline = time.monotonic() + PATIENCE
        while missing := [id for id in lead_ids if id not in found]:
            before = len(found)
            for chunk in batched(missing, IDS_OF_A_QUERY):
                page = await self.services.get(
                    "opportunities", "/v1/opportunities", lead_id=list(chunk), limit=IDS_OF_A_QUERY
                )
                found |= {item["lead_id"]: item["id"] for item in page["items"]}
                if len(page["items"]) < len(chunk):
                    break  # what was converted later is not there yet either
            if len(found) > before:
                self.told("leads become opportunities", len(found), len(lead_ids))
                deadline = time.monotonic() + PATIENCE
            elif time.monotonic() > deadline:
                raise PlayRefused(f"opportunities has not opened those of {len(missing)} converted leads")
            else:
                await asyncio.sleep(PAUSE)
        return found

    async def _live(self, ids: dict[str, str], people: dict[str, str]) -> None:
        """Everything that happens to opportunities, one life after the other. An answer to an objection needs the
        objection's id, which only its raising brings: it waits for the next round, and what follows it too.
        """
        rest = {deal.key: list(deal.steps[1:]) for deal in self.company.deals}
        objections: dict[str, list[str]] = {}
        number = 0
        while rest:
            lives: list[list[Row]] = []
            for key in list(rest):
                steps = list(_doable(rest[key], len(objections.get(key, []))))
                lives.append([_deal_row(step, ids[key], people, objections.get(key, [])) for step in steps])
                rest[key] = rest[key][len(steps) :]
                if not rest[key]:
                    del rest[key]
            what = "facts about opportunities" + (f", round {number + 1}" if number else "")
            await self._sender.lives(OPPORTUNITIES, what, lives)
            raised = await self._sender.each(
                f"objections, round {number + 1}", (partial(self._objections, ids[key]) for key in rest)
            )
            objections, number = dict(zip(rest, raised, strict=True)), number + 1

    async def _objections(self, opportunity_id: str) -> list[str]:
        """The ids of an opportunity's objections, in the order in which they were raised."""
        path = f"/v1/opportunities/{opportunity_id}/objections"
        return [
            each["id"] for each in (await self.services.get("opportunities", path, sort="raised_at"))["items"]
        ]

    async def _goals(self) -> None:
        """The watched team's weeks, and the company's targets, divided over regions, teams and people."""
        weeks = [
            {
                "metric": GOAL_METRIC,
                "subject_kind": "unit",
                "subject_code": goal.unit,
                "period": goal.period,
                "base": str(goal.base),
            }
            for goal in self.company.week_goals
        ]
        await self._sender.rows(TARGETS, "goals of weeks", weeks)
        for number, goal in enumerate(self.company.goals, 1):
            target = {
                "metric": GOAL_METRIC,
                "subject_kind": "unit",
                "subject_code": COMPANY,
                "period": goal.period,
                "base": str(goal.base),
                "challenge": str(goal.challenge),
            }
            published = await self._sender.post("targets", "/v1/targets", f"goal {goal.period}", target)
            level = [published["id"]]
            for over in ("units", "units", "people"):
                level = [part for parent in level for part in await self._divide(parent, over)]
            self.told("targets", number, len(self.company.goals))

    async def _divide(self, target_id: str, over: str) -> list[str]:
        path = f"/v1/targets/{target_id}/decompose"
        answer = await self._sender.post("targets", path, f"divide {target_id}", {"over": over})
        return [part["id"] for part in answer["parts"]]


def _doable(steps: list[Step], known: int) -> Iterator[Step]:
    """The steps up to an answer to an objection that is not among the first `known`."""
    for step in steps:
        if step.verb == "answer_objection" and step.body["objection"] >= known:
            return
        yield step


def _unit_row(unit: Unit, first_day: str) -> Row:
    row = {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent_code": unit.parent,
        "region": unit.region,
        "effective_on": first_day,
    }
    return {key: value for key, value in row.items() if value is not None}


def _title(deal: Deal) -> str:
    return f"{deal.company} · {deal.steps[0].body['product_line']} {deal.key}"


def _opening(deal: Deal, people: dict[str, str], customers: dict[str, str]) -> Row:
    assert deal.customer is not None, "only the opportunity of a lead has no customer before"
    return {
        **_step_row(deal.steps[0], people),
        "title": _title(deal),
        "owner_id": people[deal.owner.code],
        "customer_id": customers[deal.customer],
    }


def _titled(deal: Deal, opportunity_id: str) -> Row:
    at = in_utc(deal.steps[0].at)
    return {"verb": "change", "opportunity_id": opportunity_id, "title": _title(deal), "occurred_at": at}


def _lead_rows(lead: Lead, deal: Deal | None, lead_id: str, people: dict[str, str]) -> Iterator[Row]:
    """What happens to a captured lead, and the conversion of one that became an opportunity."""
    for step in lead.steps[1:]:
        yield {**_step_row(step, people), "lead_id": lead_id}
    if deal is not None:
        opening = deal.steps[0]
        known = {name: opening.body[name] for name in ("amount", "currency", "expected_close_on")}
        yield {"verb": "convert", "lead_id": lead_id, "occurred_at": in_utc(opening.at), **known}


def _deal_row(step: Step, opportunity_id: str, people: dict[str, str], objections: list[str]) -> Row:
    row = {**_step_row(step, people), "opportunity_id": opportunity_id}
    if (number := row.pop("objection", None)) is not None:
        row["objection_id"] = objections[number]
    return row


def _step_row(step: Step, people: dict[str, str]) -> Row:
    """A step as a row of a batch; the owner by id."""
    row = {"verb": step.verb, "occurred_at": in_utc(step.at), **step.body}
    if owner := row.pop("owner", None):
        row["owner_id"] = people[owner]
    return row
