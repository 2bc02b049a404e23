"""A database that was restored: the relay refuses, says what to do, and goes on once a person has decided."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from typer.testing import CliRunner, Result

from attain.access import database
from attain.cli import app
from attain.instance.layout import Instance
from contracts import seal
from contracts.opportunities import Deal, OpportunityAmountChanged, OpportunityOpened
from messaging import backlog, uuid7
from messaging.topics import partition_of
from testkit import eventually

SERVICE = "opportunities"


async def say(instance: Instance, event: Deal, sequence: int) -> None:
    """Puts a fact into the ledger of opportunities."""
    now, event_id, root = datetime.now(UTC), uuid7(), str(event.opportunity_id)
    envelope = seal(
        event, event_id=event_id, occurred_at=now, recorded_at=now, sequence=sequence, by="operator"
    )
    async with database(instance, SERVICE) as connection:
        await connection.execute(
            "insert into messaging.ledger (topic, partition, root, sequence, event_id, type, subject, "
            "occurred_at, recorded_at, envelope) values ($1, $2, $3, $4, $5, $6, $3, $7, $7, $8)",
            *(event.topic, partition_of(root), root, sequence, event_id, event.type, now, envelope),
        )


async def run(instance: Instance, *arguments: str) -> Result:
    """The command, run."""
    return await asyncio.to_thread(
        partial(CliRunner().invoke, app, [*arguments, "--home", str(instance.home)])
    )


async def attain(instance: Instance, *arguments: str) -> tuple[int, str]:
    """The exit status of the command, and all that it prints, in one line."""
    result = await run(instance, *arguments)
    return result.exit_code, " ".join(result.output.split())


async def set_back(instance: Instance, root: str, number: int) -> None:
    """What a restore to an earlier moment does to the ledger, and to whoever is connected."""
    async with database(instance, SERVICE) as connection:
        await connection.execute(
            "delete from messaging.ledger where root = $1 and sequence > $2", root, number
        )
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'messaging'"
        )


async def test_a_ledger_that_was_set_back_is_published_again_once_somebody_has_adopted_it(
    instance: Instance,
) -> None:
    root = uuid4()
    deal: dict[str, Any] = {
        "opportunity_id": root, "customer_id": None, "owner_id": uuid4(), "pipeline": "default",
        "pipeline_version": 1, "stage": "prospect", "product_line": None, "channel": None,
        "currency": "CNY", "expected_close_on": None, "imported": False,
    }  # fmt: skip

    async def reported(amount: int) -> None:
        async with database(instance, "reporting") as connection:
            found = await connection.fetchval("select amount from projection.opportunity where id = $1", root)
        assert found == amount

    def changed(amount: str) -> OpportunityAmountChanged:
        return OpportunityAmountChanged(
            **deal, amount=amount, previous_amount="5.00", previous_currency="CNY"
        )

    await say(instance, OpportunityOpened(**deal, amount="5.00"), 1)
    await say(instance, changed("6.00"), 2)
    await eventually(lambda: reported(6))
    await set_back(instance, str(root), 1)

    async def refuses() -> None:
        _, shown = await attain(instance, "status")
        assert f"attain ledger lost {SERVICE}" in shown

    await eventually(refuses, every=0.5)
    lost = await run(instance, "ledger", "lost", SERVICE)
    assert lost.exit_code == 0, lost.output
    assert [json.loads(line)["data"]["amount"] for line in lost.stdout.splitlines()] == ["6.00"], lost.output
    status, said = await attain(instance, "ledger", "adopt", SERVICE)
    assert (status, "`--discard` goes on without them" in said) == (1, True)
    status, said = await attain(instance, "ledger", "adopt", SERVICE, "--discard")
    assert (status, "has epoch" in said, "attain rebuild reporting" in said) == (0, True, True), said
    await say(instance, changed("7.00"), 2)

    async def published() -> None:
        async with database(instance, SERVICE) as connection:
            assert await backlog(connection) == 0

    await eventually(published)
    for service in "reporting", "alerts":
        status, said = await attain(instance, "rebuild", service)
        assert status == 0, said
    await eventually(lambda: reported(7))
    assert "Nothing is parked." in (await attain(instance, "parked", "list"))[1]
