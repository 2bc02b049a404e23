"""Whom the load names: a few people, customers and a channel, made through the APIs before anything is broken."""

from attain.access import issue_token
from attain.client import ServiceError, Services
from chaos.load.story import CHANNEL, LEADS, OPPORTUNITIES, Company
from chaos.rig import Rig
from contracts import Role
from testkit import eventually

_PEOPLE, _CUSTOMERS = 5, 4
_HEARD_WITHIN = 60.0


def token(rig: Rig) -> str:
    """What all clients of a run present."""
    return issue_token(rig.instance, Role.operations)


async def found_company(rig: Rig) -> Company:
    """Hires and opens, and waits until the other services have heard of it."""
    ports = rig.configuration.ports.services
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    async with Services(addresses, token(rig)) as services:
        unit = {"code": "chaos", "name": "Chaos", "kind": "team", "effective_on": "2020-01-01"}
        await services.post("targets", "/v1/units:batch", {"items": [unit]})
        people = [await _hire(services, number) for number in range(_PEOPLE)]
        named = {"name_en": "Chaos", "name_zh": "混沌", "active": True}
        await services.request("PUT", LEADS, f"/v1/channels/{CHANNEL}", json=named, headers={"If-Match": "*"})
        customers = [
            str((await services.post(OPPORTUNITIES, "/v1/customers", {"name": f"Customer {number}"}))["id"])
            for number in range(_CUSTOMERS)
        ]
        for person in people:
            await _until_known(services, person)
    return Company(people, customers)


async def _hire(services: Services, number: int) -> str:
    person = {
        "code": f"chaos-{number}",
        "display_name": f"Seller {number}",
        "role": "representative",
        "hired_on": "2020-01-01",
        "unit_code": "chaos",
    }
    hired = await services.post("targets", "/v1/people:batch", {"items": [person]})
    return str(hired["items"][0]["id"])


async def _until_known(services: Services, person: str) -> None:
    """Until opportunities and leads can be given to a person."""
    asked = (
        (OPPORTUNITIES, "/v1/opportunities:batch", {"verb": "open", "title": "?", "owner_id": person}),
        (
            LEADS,
            "/v1/leads:batch",
            {"verb": "capture", "channel": CHANNEL, "company": "?", "owner_id": person},
        ),
    )

    async def known() -> None:
        for service, path, item in asked:
            try:
                answer = await services.post(service, path, {"items": [item]}, validate_only="true")
            except ServiceError as error:
                raise AssertionError(str(error)) from error
            assert answer["items"][0].get("problem") is None, answer

    await eventually(known, timeout=_HEARD_WITHIN)
