"""One opportunity's way, stop by stop: answer, ledger, Kafka, projection, report."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from attain.access import database, service_settings
from attain.client import Services
from attain.instance.layout import Instance
from contracts import topic_of
from messaging import read_topic

TITLE = "Journey 一条商机的旅程"


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the fact was seen, and as what."""

    place: str
    seen: str


async def travel(instance: Instance, services: Services, owner_id: str) -> AsyncIterator[Stop]:
    """Opens an opportunity, unless an earlier demo has, and follows its first fact."""
    answered, opportunity, token = await _open(services, owner_id)
    root, id = token.partition("@")[0], opportunity["id"]
    yield Stop("answer", f"{answered} → {id}, token {token}")
    yield Stop("ledger", await _ledger(instance, root))
    yield Stop("Kafka", await _kafka(instance, root))
    yield Stop("projection", await _projection(instance, services, id, token))
    line = await services.get("reporting", f"/v1/opportunities/{id}", after=token)
    amount = line["amount"]
    yield Stop(
        "report",
        f"GET /v1/opportunities/{id} → {line['state']} in {line['stage']}, "
        f"{amount['amount']} {amount['currency']}, {line['freshness']['behind_events']} events behind",
    )


async def _open(services: Services, owner_id: str) -> tuple[str, dict[str, Any], str]:
    known = await services.get("opportunities", "/v1/opportunities", text=TITLE)
    if known["items"]:
        opportunity = known["items"][0]
        return "opened by an earlier demo", opportunity, f"{opportunity['id']}@1"
    opening = {"title": TITLE, "owner_id": owner_id, "product_line": "cloud", "amount": "88000.00"}
    answer = await services.request("POST", "opportunities", "/v1/opportunities", json=opening)
    return f"{answer.status_code} POST /v1/opportunities", answer.json(), answer.headers["Attain-Token"]


async def _ledger(instance: Instance, root: str) -> str:
    async with database(instance, "opportunities") as connection:
        row = await connection.fetchrow(
            "select id, sequence, type, recorded_at from messaging.ledger where root = $1 and sequence = 1",
            root,
        )
    assert row is not None, "the transaction that wrote it was answered 201"
    recorded = row["recorded_at"].isoformat(timespec="milliseconds")
    return f"row {row['id']}: #{row['sequence']} {row['type']} recorded {recorded}"


async def _kafka(instance: Instance, root: str) -> str:
    bootstrap = service_settings(instance, "opportunities").kafka_bootstrap
    async for arrival in read_topic(bootstrap, topic_of("opportunities"), root=root):
        return f"{arrival.topic}-{arrival.partition}@{arrival.offset}, {len(arrival.envelope)} bytes"
    return "not published yet; `attain status` shows what the relay waits for"


async def _projection(instance: Instance, services: Services, id: str, token: str) -> str:
    await services.get("reporting", "/v1/freshness", after=token)
    async with database(instance, "reporting") as connection:
        row = await connection.fetchrow(
            "select state, stage, valid_from, sequence from projection.opportunity where id = $1::uuid", id
        )
    assert row is not None, "reporting has said that it applied the fact"
    since = row["valid_from"].isoformat(timespec="milliseconds")
    return f"projection.opportunity: {row['state']} in {row['stage']} since {since}, as of #{row['sequence']}"
