"""Repairs: a consumer that lacks facts of a root asks their owner for them, and the owner publishes them again.

Questions travel on a topic of their own. Whoever lacks something asks again and again, less and less often, until it
has come; the active relay of the owner answers, and a new one begins with the questions that are still open.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import BaseModel, ConfigDict, Field

from contracts import topic_of
from contracts.envelope import ROOT_MOST
from messaging.closing import close
from messaging.faults import Trouble
from messaging.postgres import connect
from messaging.publisher import COLUMNS, Publisher
from messaging.settings import MessagingSettings
from messaging.tables import SCHEMA
from messaging.topics import Shape, create_missing

log = structlog.get_logger("messaging")

TOPIC = "attain-repairs"
SHAPE = Shape(1, {"retention.ms": str(24 * 3600 * 1000), "cleanup.policy": "delete"})
_PLACE = TopicPartition(TOPIC, 0)

AGAIN_MOST = 300.0
"""Seconds that lie between two questions for the same root at most."""

_ASK_WITHIN = 5.0
_FETCH_WAIT_MS = 5_000
_AT_A_TIME = 500


class Ask(BaseModel):
    """A question: a group would like to hear the facts of a root of the topic that follow a number."""

    model_config = ConfigDict(frozen=True)

    topic: str
    root: str = Field(min_length=1, max_length=ROOT_MOST, pattern=r"^[^\x00]+$")
    after: int = Field(ge=0, lt=2**63)
    group: str


async def ask(settings: MessagingSettings, asks: Iterable[Ask]) -> None:
    """Puts questions to the owners. Raises KafkaError or TimeoutError; they may be put again at any time."""
    await create_missing(settings.kafka_bootstrap, [TOPIC], SHAPE)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap, acks="all")
    try:
        async with asyncio.timeout(_ASK_WITHIN):
            await producer.start()
            sent = [
                await producer.send(
                    TOPIC, each.model_dump_json().encode(), key=each.root.encode(), partition=0
                )
                for each in asks
            ]
            await asyncio.gather(*sent)
    finally:
        await close(producer.stop)


async def answer(service: str, database_url: str, settings: MessagingSettings) -> None:
    """Answers the questions about the service's facts until it is cancelled, at the end of a relay's term."""
    trouble, never = Trouble(settings), asyncio.Event()
    while True:
        try:
            async for lacking in _questions(service, settings):
                count = await _say_again(service, database_url, settings, lacking)
                log.info("facts published again", service=service, roots=len(lacking), facts=count)
                trouble.well()
        except Exception as failure:
            log.warning("repairs interrupted", service=service, error=trouble.note(failure))
            await trouble.pause(never)


async def _questions(service: str, settings: MessagingSettings) -> AsyncIterator[dict[str, int]]:
    """What is asked about the service's facts, as roots with the least number after which some group lacks them;
    first what was asked while nobody listened: each question is put again at least every `AGAIN_MOST` seconds."""
    await create_missing(settings.kafka_bootstrap, [TOPIC], SHAPE)
    kafka = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=f"{service}-repairs",
        enable_auto_commit=False,
        fetch_max_wait_ms=_FETCH_WAIT_MS,
    )
    try:
        await kafka.start()
        kafka.assign([_PLACE])
        open_since = int((time.time() - AGAIN_MOST) * 1000)
        first = (await kafka.offsets_for_times({_PLACE: open_since}))[_PLACE]
        if first is None:
            await kafka.seek_to_end(_PLACE)
        else:
            kafka.seek(_PLACE, first.offset)
        while True:
            found = await kafka.getmany(timeout_ms=_FETCH_WAIT_MS, max_records=_AT_A_TIME)
            if lacking := _lacking(topic_of(service), found.get(_PLACE, ())):
                yield lacking
    finally:
        await close(kafka.stop)


def _lacking(topic: str, records: Sequence[Any]) -> dict[str, int]:
    lacking: dict[str, int] = {}
    for record in records:
        try:
            asked = Ask.model_validate_json(record.value or b"")
        except ValueError:
            log.warning("no question", topic=TOPIC, offset=record.offset)
            continue
        if asked.topic == topic:
            lacking[asked.root] = min(asked.after, lacking.get(asked.root, asked.after))
    return lacking


async def _say_again(
    service: str, database_url: str, settings: MessagingSettings, lacking: Mapping[str, int]
) -> int:
    """Publishes the facts of each root from the number given on, in the order of the ledger; returns how many.

    With the number itself, which whoever asks has: an answer that brings nothing else says that nothing is missing.
    """
    connection = await connect(database_url)
    count = last = 0
    try:
        async with Publisher(settings, f"{service}-repairs") as publisher:
            while page := await connection.fetch(
                _PAGE, list(lacking), list(lacking.values()), last, settings.relay_page
            ):
                await publisher.publish(topic_of(service), page)
                count, last = count + len(page), page[-1]["id"]
    finally:
        await connection.close()
    return count


_PAGE = f"""
with told as materialized (
    select ledger.* from unnest($1::text[], $2::bigint[]) as lacking(root, number) join {SCHEMA}.ledger using (root)
    where sequence >= number and id > $3
)
select {COLUMNS} from told order by id limit $4
"""
