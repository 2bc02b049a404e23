"""Records on Kafka that should not be there, and one that should be."""

import asyncio
import json
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer

from chaos.faults.kind import KAFKA, RECORD, WORKER, NotRun, kind
from chaos.faults.writers import open_root
from chaos.load.story import interaction
from chaos.points import DROPS
from chaos.stage import Stage
from contracts import registry, seal
from contracts.envelope import CONTENT_TYPE
from contracts.opportunities import OpportunityOpened
from messaging.topics import partition_of

TOPIC = "attain-opportunities"
_SENT_WITHIN = 20.0
_REACHED_WITHIN = 20.0
_LOOK = 0.05


async def _send(stage: Stage, root: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stage.rig.kafka.bootstrap, acks="all")
    try:
        async with asyncio.timeout(_SENT_WITHIN):
            await producer.start()
            await producer.send_and_wait(
                TOPIC,
                value,
                key=root.encode(),
                partition=partition_of(root),
                headers=[("content-type", CONTENT_TYPE.encode())],
            )
    finally:
        await producer.stop()


def _root(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _opened(stage: Stage, random: Random, root: UUID) -> OpportunityOpened:
    return OpportunityOpened(
        opportunity_id=root,
        customer_id=None,
        owner_id=UUID(random.choice(stage.company.people)),
        pipeline="default",
        pipeline_version=1,
        stage="prospect",
        product_line=None,
        channel=None,
        amount="1.00",
        currency="CNY",
        expected_close_on=None,
        imported=False,
    )


def _sealed(stage: Stage, random: Random) -> dict[str, Any]:
    """The envelope of the opening of an opportunity that nobody has asked for."""
    now = datetime.now(UTC)
    opened = _opened(stage, random, _root(random))
    said: dict[str, Any] = json.loads(
        seal(opened, event_id=_root(random), occurred_at=now, recorded_at=now, sequence=1, by="chaos")
    )
    return said


@kind("poison record", lasts=4, needs={KAFKA, WORKER}, times=4, brief=True)
async def poison(stage: Stage, random: Random) -> None:
    """Bytes that are no event: the root that their key names waits alone, and what follows is applied."""
    root = str(_root(random))
    stage.planted.poisoned.add(root)
    await _send(stage, root, random.choice((b"", b"\xff\xfe", b'{"specversion": "1.0"}', b"[1, 2")))
    await stage.flows()


@kind("unknown event type", lasts=4, needs={KAFKA, WORKER, RECORD}, times=4, brief=True)
async def unknown_type(stage: Stage, random: Random) -> None:
    """What a newer program says and an older one does not know is passed over."""
    said = _sealed(stage, random) | {"type": "opportunities.opportunity.dreamt_of.v1"}
    assert said["type"] not in registry()
    await _state(stage, said)
    await stage.flows()


@kind("event of a newer schema", lasts=4, needs={KAFKA, WORKER, RECORD}, times=4, brief=True)
async def newer_schema(stage: Stage, random: Random) -> None:
    """A field that this program does not know is passed over, and the rest counts."""
    said = _sealed(stage, random)
    said["data"]["mood"] = {"colour": "blue", "depth": [1, 2]}
    await _state(stage, said)
    await stage.flows()


async def _state(stage: Stage, said: dict[str, Any]) -> None:
    """What a newer version of the owner would state: a row of its ledger."""
    root, envelope = said["partitionkey"], json.dumps(said).encode()
    async with stage.rig.database("opportunities") as connection:
        stage.planted.stated.add(root)
        at = datetime.fromisoformat(said["time"])
        await connection.execute(
            _STATE,
            TOPIC,
            partition_of(root),
            root,
            UUID(said["id"]),
            said["type"],
            said["subject"],
            at,
            envelope,
        )


_STATE = """
insert into messaging.ledger (
    topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope
) values ($1, $2, $3, 1, $4, $5, $6, $7, $7, $8)
"""


@kind("record missing from Kafka", lasts=6, breaks={RECORD}, needs={KAFKA, WORKER})
async def missing(stage: Stage, random: Random) -> None:
    """The relay believes that Kafka has a record which is not there: a gap, to be repaired from the ledger."""
    orders = stage.rig.parts["opportunities-worker"].orders
    assert orders
    orders.give(DROPS)
    await open_root(stage, random)
    for _ in range(int(_REACHED_WITHIN / _LOOK)):
        if said := orders.report():
            break
        await asyncio.sleep(_LOOK)
    else:
        orders.withdraw()
        raise NotRun("no page came by")
    stage.planted.dropped[said["root"]] = said["sequence"]
    # Nobody can notice that the last fact of a root is missing, so there must be one after it.
    await stage.load.send(interaction(random, keyed=True), said["root"])
    await stage.flows()
