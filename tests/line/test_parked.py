"""An operator sees what a consumer could not apply, and it heals by itself when the missing fact comes."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from attain.access import database
from attain.instance.layout import Instance
from attain.settling import settle
from contracts import seal
from contracts.opportunities import Deal, OpportunityAmountChanged, OpportunityOpened
from messaging import parked_roots, uuid7
from messaging.topics import partition_of
from testkit import eventually


async def say(instance: Instance, event: Deal, sequence: int) -> None:
    """Puts a fact into the ledger of opportunities as its numbers would have it."""
    now, event_id, root = datetime.now(UTC), uuid7(), str(event.opportunity_id)
    envelope = seal(
        event, event_id=event_id, occurred_at=now, recorded_at=now, sequence=sequence, by="operator"
    )
    async with database(instance, "opportunities") as connection:
        await connection.execute(
            "insert into messaging.ledger (topic, partition, root, sequence, event_id, type, subject, "
            "occurred_at, recorded_at, envelope) values ($1, $2, $3, $4, $5, $6, $3, $7, $7, $8)",
            *(event.topic, partition_of(root), root, sequence, event_id, event.type, now, envelope),
        )


async def attain(instance: Instance, *arguments: str) -> str:
    """What the command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "attain", *arguments, "--home", str(instance.home)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture
def deal() -> dict[str, Any]:
    return {
        "opportunity_id": uuid4(),
        "customer_id": None,
        "owner_id": uuid4(),
        "pipeline": "default",
        "pipeline_version": 1,
        "stage": "prospect",
        "product_line": None,
        "channel": None,
        "amount": "5.00",
        "currency": "CNY",
        "expected_close_on": None,
        "imported": False,
    }


async def test_a_gap_is_shown_until_the_missing_fact_arrives(
    instance: Instance, deal: dict[str, Any]
) -> None:
    root = str(deal["opportunity_id"])
    shown = await attain(instance, "parked", "list")
    assert "Nothing is parked." in shown
    await say(instance, OpportunityAmountChanged(**deal, previous_amount="4.00", previous_currency="CNY"), 2)

    async def waiting() -> None:
        async with database(instance, "reporting") as connection:
            found = await parked_roots(connection, schema="projection")
        assert [(each.root, each.reason) for each in found] == [(root, "gap")]

    await eventually(waiting, timeout=20)
    shown = await attain(instance, "parked", "show", root)
    assert "#1 is missing" in shown
    assert "opportunities.opportunity.amount_changed.v1" in shown
    await say(instance, OpportunityOpened(**deal), 1)

    async def healed() -> None:
        async with database(instance, "reporting") as connection:
            assert await parked_roots(connection, schema="projection") == []
            assert await connection.fetchval(
                "select amount from projection.opportunity where id = $1::uuid", root
            )

    await eventually(healed, timeout=20)
    await settle(instance)
