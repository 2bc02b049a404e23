"""`attain demo`."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from attain.access import addresses, connect, issue_token
from attain.client import Services
from attain.commands.options import Home
from attain.commands.terminal import console, errors, plain_problems
from attain.commands.up import start
from attain.company.calendar import SPAN
from attain.company.goals import quarter_of
from attain.demo.channels import channels_table
from attain.demo.company import Played, ensure_company
from attain.demo.health import early_warning, health_table, incident_lines
from attain.demo.journey import travel
from attain.demo.tables import attainment_table, funnel_table
from attain.instance.layout import Instance
from attain.settling import settle
from contracts import Role


def demo(
    opportunities: Annotated[
        int, typer.Option(help="How many opportunities the company has.", min=50)
    ] = 1000,
    home: Home = None,
) -> None:
    """Start an instance with a made-up company in it, and show one fact's way and what the reports say."""
    instance = Instance.at(home)
    start(instance)
    with plain_problems():
        asyncio.run(_show(instance, opportunities))


async def _show(instance: Instance, opportunities: int) -> None:
    async with connect(instance) as services:
        played = await _play(services, opportunities)
        await settle(instance)
        await _show_journey(instance, services)
        await _show_reports(services, played)
        await _show_warning(services, played)
    _show_door(instance, quarter_of(played.company.last_day))


async def _play(services: Services, opportunities: int) -> Played:
    with Progress(console=errors) as display:
        tasks = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = display.add_task(what, total=total)
            display.update(tasks[what], completed=done)

        played = await ensure_company(services, opportunities, told)
    of_leads = sum(len(lead.steps) for lead in played.company.leads)
    facts = of_leads + sum(len(deal.steps) for deal in played.company.deals)
    when = "played just now" if played.anew else "played by an earlier demo"
    console.print(
        f"\nA made-up company of {len(played.company.organisation.people)} people, {len(played.company.leads)} leads, "
        f"{opportunities} opportunities and {facts} facts about them, {when}.",
        highlight=False,
    )
    return played


async def _show_journey(instance: Instance, services: Services) -> None:
    people = await services.get("targets", "/v1/people", role=Role.representative.value, limit=1)
    table = Table(
        title="One opportunity's way 一条商机的路径", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("stop")
    table.add_column("seen there", overflow="fold")
    async for stop in travel(instance, services, people["items"][0]["id"]):
        table.add_row(stop.place, stop.seen)
    console.print("", table)


async def _show_reports(services: Services, played: Played) -> None:
    last_day = played.company.last_day
    console.print("", await attainment_table(services, quarter_of(last_day)))
    days = str(last_day - SPAN), str(last_day + timedelta(days=1))
    console.print("", await funnel_table(services, *days))
    console.print("", await channels_table(services, *days))
    month = {"from": str(last_day - timedelta(days=28)), "to": str(last_day)}
    console.print("", await health_table(services, **month))


async def _show_warning(services: Services, played: Played) -> None:
    """The early warning about the team whose last two weeks were weak."""
    team = played.company.organisation.watched_team
    with errors.status("Waiting for the early warning"):
        incident = await early_warning(services, team)
    console.print(f"\nEarly warning 预警 about {team}", highlight=False)
    if incident is None:
        console.print(
            "Not raised yet: reporting has not read the finished weeks, or alerts has not heard of it. `attain status` "
            "shows what waits; GET /v1/incidents of alerts shows it once it is there.",
            highlight=False,
        )
        return
    for line in incident_lines(incident):
        console.print(line, highlight=False, soft_wrap=True)


def _show_door(instance: Instance, period: str) -> None:
    console.print("\nDocumentation of the APIs", highlight=False)
    for service, address in addresses(instance).items():
        console.print(f"  {service:<14}{address}/docs", highlight=False)
    token = issue_token(instance, Role.operations)
    query = f"metric=sales_amount&period={period}&subject_kind=person&sort=-attainment"
    url = f"{addresses(instance)['reporting']}/v1/attainment?{query}"
    console.print("\nA token of operations for 12 hours, in a line that is ready to run:")
    console.print(
        f"curl -H 'Authorization: Bearer {token}' '{url}'", soft_wrap=True, highlight=False, markup=False
    )
    console.print("\n`make down` stops everything that was started here; the data remain.", highlight=False)
