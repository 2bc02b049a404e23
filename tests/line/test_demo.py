"""The demo shows the line to a newcomer, and a second one doubles nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

from attain.access import database
from attain.instance.layout import Instance


def attain(instance: Instance, *arguments: str) -> str:
    """Runs the command as a person does; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "attain", *arguments, "--home", str(instance.home)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def row_counts(instance: Instance) -> dict[str, int]:
    """How many rows each table of business data has. What the clock brings forth by itself, readings of weeks and
    incidents, may grow between two looks: of incidents it is counted whether one was raised twice.
    """
    tables = {
        "targets": ("messaging.ledger", "target", "person"),
        "leads": ("messaging.ledger", "lead", "contact", "channel", "campaign", "cost"),
        "opportunities": ("messaging.ledger", "opportunity", "customer", "objection"),
        "alerts": ("rule", TWICE),
        "reporting": (
            "projection.event where type not like 'alerts.%' and type not like 'reporting.%'",
            "projection.opportunity",
            "projection.lead",
            "projection.fact",
            "projection.stage_visit",
        ),
    }
    counts = {}
    for service, names in tables.items():
        async with database(instance, service) as connection:
            for name in names:
                counts[f"{service}.{name}"] = await connection.fetchval(f"select count(*) from {name}")
    return counts


TWICE = """(
    select from incident group by rule, subject_id, key, began_event having count(*) > 1
) as twice"""


async def test_a_second_demo_doubles_nothing_though_every_file_beside_the_data_is_lost(
    instance: Instance,
) -> None:
    shown = attain(instance, "demo", "--opportunities", "60")
    for stop in (
        "answer",
        "ledger",
        "Kafka",
        "projection",
        "report",
        "Attainment 达成率",
        "Funnel 漏斗",
        "Channels 渠道",
        "Zhihu 知乎",
        "Health 健康度",
        "Lead to first visit 线索初访转化率",
        "Early warning 预警",
        "连续 2 个已结束的周低于 70 %",
        "curl",
    ):
        assert stop in shown
    assert "201 POST /v1/opportunities" in shown
    assert re.search(r"(green 绿|amber 黄|red 红)", shown), "health has its colours"
    counts = await row_counts(instance)
    forget_local_files(instance.home)
    again = attain(instance, "demo", "--opportunities", "60")
    assert "played by an earlier demo" in again
    assert await row_counts(instance) == counts


def forget_local_files(home: Path) -> None:
    """Deletes everything of the instance but the servers' data and the logs."""
    for path in home.iterdir():
        if path.name not in ("data", "logs"):
            subprocess.run(["rm", "-r", str(path)], check=True)
