"""What the demo shows of health and of early warnings: reporting's bands, and an incident with its reasons."""

import asyncio
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.table import Table

from attain.client import Services
from attain.demo.tables import one_decimal, percent, report_table

EARLY_WARNING = "core-metric-low"
"""The rule of alerts that the watched team's two weak weeks fire (S118)."""

PATIENCE = 60.0
"""Seconds: reporting reads a finished week some seconds after it was told of it, and alerts hears of the reading."""

PAUSE = 0.5

STYLES = {"green": "green", "amber": "yellow", "red": "red"}
WORDS = {"green": "green 绿 healthy 健康", "amber": "amber 黄 watch 关注", "red": "red 红 alert 预警"}


async def health_table(services: Services, **span: str) -> Table:
    """Health 健康度 of the company, each dimension by its band; of the dwell also stage by stage."""
    answer = await services.get("reporting", "/v1/reports/health", **span)
    days = answer["period"]
    table = report_table(
        f"Health 健康度, {days['starts_on']} to {days['ends_on']}",
        ("dimension 维度", "value 数值", "healthy 健康", "alert 预警", "band 状态"),
    )
    for row in answer["items"]:
        table.add_row(
            f"{row['name_en']} {row['name_zh']}",
            _value(row, row["value"]),
            _limit(row, row["healthy"], "≥", "≤"),
            _limit(row, row["alert"], "<", ">"),
            _band(row),
        )
        for stage in row["stages"]:
            name = f"  {stage['stage']['name_en']} {stage['stage']['name_zh']}"
            table.add_row(name, _value(row, stage["value"]), "", "", _band(stage))
    return table


def _value(row: Any, ratio: Any) -> str:
    if ratio["value"] is None:
        return "–"
    return (
        percent(ratio) if row["unit"] == "ratio" else f"{one_decimal(ratio['value'])} {_UNITS[row['unit']]}"
    )


_UNITS = {"days": "d 天", "hours": "h 小时"}


def _limit(row: Any, threshold: str | None, if_higher: str, if_lower: str) -> str:
    """A threshold behind the sign that is true of the band, by which way is better."""
    if threshold is None:
        return "–"
    sign = if_higher if row["direction"] == "higher_is_better" else if_lower
    if row["unit"] == "ratio":
        return f"{sign} {percent({'value': threshold})}"
    return f"{sign} {one_decimal(threshold)} {_UNITS[row['unit']]}"


def _band(row: Any) -> str:
    colour = row["colour"]
    return "–" if colour is None else f"[{STYLES[colour]}]{WORDS[colour]}[/]"


async def early_warning(services: Services, unit_code: str) -> Any:
    """The incident about a unit's weak weeks with its explanation; None when none came in time."""
    found = await services.get("targets", "/v1/units", text=unit_code)
    unit = next(unit["id"] for unit in found["items"] if unit["code"] == unit_code)
    deadline = time.monotonic() + PATIENCE
    while True:
        page = await services.get("alerts", "/v1/incidents", rule=EARLY_WARNING, subject_id=unit, limit=1)
        if page["items"]:
            return await services.get("alerts", f"/v1/incidents/{page['items'][0]['id']}")
        if time.monotonic() > deadline:
            return None
        await asyncio.sleep(PAUSE)


def incident_lines(incident: Any) -> Iterator[str]:
    """An incident in words: why, what it rests on, what is to be done and by whom."""
    why = incident["explanation"]
    yield f"[red]●[/] {why['rule_name_en']} {why['rule_name_zh']} · {incident['rule']} v{incident['rule_version']}"
    yield f"  {why['en']}"
    yield f"  {why['zh']}"
    for fact in why["evidence"]:
        yield f"  · {_fact(fact)}"
    yield f"  to 处理人: {incident['assignee_name'] or '–'}, {incident['state']}"
    for number, step in enumerate(incident["steps"], 1):
        yield f"  {number}. {step['name_en']} {step['name_zh']}, due {step['due_at'][:16]}"
    yield f"  {why['resolves_en']} {why['resolves_zh']}"


def _fact(fact: Any) -> str:
    data = fact["data"]
    if "attainment" not in data:
        return f"{fact['type']} {fact['occurred_at']}"
    attained = percent({"value": data["attainment"]})
    return (
        f"{data['period']} {data['metric']}: {_plain(data['value'])} of {_plain(data['target'])} = {attained}"
    )


def _plain(number: str) -> str:
    return f"{Decimal(number):,.0f}"
