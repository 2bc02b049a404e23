"""`attain replay`."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from attain.access import require_running, service_settings
from attain.commands.options import INSTANTS, Home, in_utc
from attain.commands.terminal import console, errors, plain_problems
from attain.instance.layout import Instance
from messaging import MessagingSettings, republish


def replay(
    service: Annotated[str, typer.Argument(help="The service whose ledger is published again.")],
    root: Annotated[str | None, typer.Option(help="Only the facts of this root.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", help="Only what was recorded at this instant or later.", formats=INSTANTS),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="Only what was recorded before this instant.", formats=INSTANTS)
    ] = None,
    home: Home = None,
) -> None:
    """Publish facts of a ledger to Kafka again. Whoever has heard them passes over them.

    Instants are UTC unless they say their offset.
    """
    with plain_problems(), errors.status(f"Publishing the ledger of {service}") as status:

        def told(count: int) -> None:
            status.update(f"Publishing the ledger of {service}: {count:,} facts are out")

        count = asyncio.run(_published(Instance.at(home), service, root, in_utc(since), in_utc(until), told))
    console.print(f"{count} facts of {service} published again.", highlight=False)


async def _published(
    instance: Instance,
    service: str,
    root: str | None,
    since: datetime | None,
    until: datetime | None,
    told: Callable[[int], None],
) -> int:
    await require_running(instance, service)
    settings = service_settings(instance, service)
    return await republish(
        service,
        settings.database_url,
        MessagingSettings(kafka_bootstrap=settings.kafka_bootstrap),
        root=root,
        since=since,
        until=until,
        told=told,
    )
