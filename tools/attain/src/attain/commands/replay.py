"""`attain replay`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from attain.access import require_running, service_settings
from attain.commands.options import Home
from attain.commands.terminal import console, plain_problems
from attain.instance.layout import Instance
from messaging import MessagingSettings, republish

Instant = Annotated[datetime | None, typer.Option(help="Recorded at or after (before) this instant, UTC.")]


def replay(
    service: Annotated[str, typer.Argument(help="The service whose ledger is published again.")],
    root: Annotated[str | None, typer.Option(help="Only the facts of this root.")] = None,
    since: Instant = None,
    until: Instant = None,
    home: Home = None,
) -> None:
    """Publish facts of a ledger to Kafka again. Whoever has heard them passes over them."""
    with plain_problems():
        count = asyncio.run(_published(Instance.at(home), service, root, since, until))
    console.print(f"{count} facts of {service} published again.", highlight=False)


async def _published(
    instance: Instance, service: str, root: str | None, since: datetime | None, until: datetime | None
) -> int:
    await require_running(instance, service)
    settings = service_settings(instance, service)
    return await republish(
        service,
        settings.database_url,
        MessagingSettings(kafka_bootstrap=settings.kafka_bootstrap),
        root=root,
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
    )
