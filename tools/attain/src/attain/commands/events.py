"""`attain events tail|replay|kafka`."""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from attain.access import addresses, issue_token, require_running, service_settings
from attain.client import Services
from attain.commands.options import INSTANTS, Home, in_utc
from attain.commands.terminal import console, errors, plain_problems
from attain.following import NOW, Asked, CursorFile, Page, pages
from attain.instance.layout import Instance
from contracts import Role, topic_of
from messaging import Arrival, read_topic

app = typer.Typer(
    help="Read what a service states: from its ledger over HTTP, or as it lies on Kafka.",
    no_args_is_help=True,
)

Service = Annotated[str, typer.Argument(help="The service that states them.")]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type", help="Only this type, or all that begin so up to a dot; may be given several times."
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option("--from", help="Only what was recorded at this instant or later; UTC unless it says its offset.",
                 formats=INSTANTS),
]  # fmt: skip
Cursor = Annotated[
    Path | None,
    typer.Option(
        help="File that keeps how far this reader has got: read at the start, written once the lines are out."
    ),
]
Url = Annotated[
    str | None,
    typer.Option(help="Address of the service; that of the local instance unless given.", show_default=False),
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="ATTAIN_TOKEN", help="Token for `--url`; better in the environment.", show_default=False
    ),
]


@app.command()
def tail(
    service: Service,
    type: Types = None,
    since: Since = None,
    cursor: Cursor = None,
    url: Url = None,
    token: Token = None,
    home: Home = None,
) -> None:
    """Print what is stated from now on (from `--from`, or the cursor on), a JSON line a fact, until interrupted.

    A service that is away is asked again. After a crash the last lines may come twice; their `id` tells.
    """
    asked = Asked(service, type or [], _instant(since))
    _print_feed(asked, None if since else NOW, cursor, url, token, home, follow=True)


@app.command()
def replay(
    service: Service,
    type: Types = None,
    since: Since = None,
    cursor: Cursor = None,
    url: Url = None,
    token: Token = None,
    home: Home = None,
) -> None:
    """Print what was stated since the beginning (since `--from`, or the cursor), a JSON line a fact, and end."""
    _print_feed(Asked(service, type or [], _instant(since)), None, cursor, url, token, home, follow=False)


@app.command()
def kafka(
    service: Service,
    root: Annotated[str | None, typer.Option(help="Only the events of this root.")] = None,
    type: Annotated[str | None, typer.Option(help="Only events whose type begins so.")] = None,
    home: Home = None,
) -> None:
    """Print a service's events as they lie on Kafka: place, time, and the envelope's bytes."""
    with plain_problems():
        asyncio.run(_print_topic(Instance.at(home), service, root, type or ""))


def _print_feed(
    asked: Asked, start: str | None, cursor: Path | None, url: str | None, token: str | None, home: Path | None,
    *, follow: bool,
) -> None:  # fmt: skip
    async def print_feed() -> None:
        kept = CursorFile(cursor) if cursor else None
        after = (kept.read() if kept else None) or start
        async with await _services(asked.service, url, token, home) as services:
            async for page in pages(services, asked, after, follow=follow, told=_tell):
                _print(page)
                if kept and page.next != after:
                    kept.write(page.next)
                    after = page.next

    with plain_problems():
        asyncio.run(print_feed())


async def _services(service: str, url: str | None, token: str | None, home: Path | None) -> Services:
    if url:
        if not token:
            raise typer.BadParameter("A token is needed with --url: set ATTAIN_TOKEN.")
        return Services({service: url.rstrip("/")}, token)
    instance = Instance.at(home)
    await require_running(instance, service)
    return Services(addresses(instance), token or issue_token(instance, Role.integrator))


def _print(page: Page) -> None:
    for event in page.events:
        sys.stdout.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _tell(message: str) -> None:
    errors.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _instant(since: datetime | None) -> str | None:
    return instant.isoformat() if (instant := in_utc(since)) else None


async def _print_topic(instance: Instance, service: str, root: str | None, type: str) -> None:
    await require_running(instance, service)
    bootstrap = service_settings(instance, service).kafka_bootstrap
    async for arrival in read_topic(bootstrap, topic_of(service), root=root):
        if arrival.received.type.startswith(type):
            console.print(line(arrival), markup=False, highlight=False, soft_wrap=True)


def line(arrival: Arrival) -> str:
    """An event on one line."""
    place = f"{arrival.topic}-{arrival.partition}@{arrival.offset}"
    return f"{place} {arrival.envelope.decode()}"
