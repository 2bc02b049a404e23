"""The made-up company's opportunities, played through the APIs and told without them, are the same facts."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from attain.access import connect, database
from attain.company.plan import make_company
from attain.company.play import Player
from attain.instance.layout import Instance
from attain.instance.lifecycle import bring_up, take_down
from bench.company import Telling, id_of, life
from testkit.servers import open_folder

OPPORTUNITIES = 1_000
LAST_DAY = date(2026, 6, 30)
THINGS = ("interaction_id", "objection_id", "receipt_id", "voided_event_id", "opportunity_id")
"""Ids that each way draws for itself."""

type Told = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture
def own() -> Iterator[Instance]:
    """An instance of its own, for two made-up companies cannot live in one."""
    with open_folder() as folder:
        made = Instance(folder / "home")
        bring_up(made, told=lambda _: None, services=("targets", "leads", "opportunities"))
        yield made
        take_down(made)


async def test_a_company_told_without_http_states_what_it_states_over_http(own: Instance) -> None:
    company = make_company(opportunities=OPPORTUNITIES, seed=5, last_day=LAST_DAY, leads=0)
    async with connect(own) as services:
        await Player(services, company, "equality", lambda *_: None).play()
    async with database(own, "targets") as connection:
        rows = await connection.fetch("select id, code from person")
        people = {row["id"]: row["code"] for row in rows}
    async with database(own, "opportunities") as connection:
        rows = await connection.fetch("select id, external_id from customer")
        customers = {row["id"]: row["external_id"] for row in rows}
        titles = await connection.fetch("select id::text, title from opportunity")
        rows = await connection.fetch("select root, envelope from messaging.ledger order by root, sequence")

    keys = {row["id"]: row["title"].rpartition(" ")[2] for row in titles}
    played: dict[str, Told] = defaultdict(list)
    for row in rows:
        if row["root"] in keys:
            played[keys[row["root"]]].append(_fact(row["envelope"], people, customers))
    names = {id_of("person", person.code): person.code for person in company.organisation.people}
    known = {id_of("customer", each["external_id"]): each["external_id"] for each in company.customers}
    telling = Telling()
    for deal in company.deals:
        told = [_fact(row.envelope, names, known) for row in life(deal, telling)]
        assert played.pop(deal.key) == told
    assert not played


def _fact(
    envelope: bytes, people: dict[UUID, str], customers: dict[UUID, str]
) -> tuple[str, str, dict[str, Any]]:
    """Type, instant and data, with everybody and every customer by code."""
    said = json.loads(envelope)
    data = {name: value for name, value in said["data"].items() if name not in THINGS}
    for name, value in data.items():
        if value is not None and name == "customer_id":
            data[name] = customers[UUID(value)]
        elif value is not None and name.endswith("_id"):
            data[name] = people[UUID(value)]
    return said["type"], said["time"], data
