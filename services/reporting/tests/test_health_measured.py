"""What health is measured of, for many units at once."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from contracts.reporting import HealthMeasure
from messaging import Projector
from reporting.health.queries import Figure, health_figures
from testkit.history import History
from testkit.projecting import project

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
DAY, HOUR = 86_400, 3_600


def at(day: int, hour: int = 0) -> datetime:
    """An instant of March in the company's zone."""
    return datetime(2026, 3, day, hour, tzinfo=ZONE)


@pytest.mark.capability("S62", "S84")
async def test_each_unit_is_measured_with_all_below_it_and_everybody_without_one(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    history.pipeline()
    region = history.unit("east")
    team, other = history.unit("east-1", parent=region), history.unit("west")
    wang, li = history.person("E1", unit=team), history.person("E2", unit=other)
    history.lead(wang, at=at(3)).contacted("visit", at(5))
    visited = history.lead(wang, at=at(3)).contacted("call", at(4)).converted(at(5))
    history.deal(wang, at=at(5), lead=visited).interaction(at(6), "demo", "mutual").won(at=at(7))
    history.lead(wang, at=at(4), valid=False)
    history.lead(li, at=at(4)).contacted("visit", at(5), "no_answer")
    history.lead(None, at=at(4))
    history.lead(wang, at=datetime(2026, 3, 1, 23, 59, tzinfo=ZONE)).contacted("visit", at(3))
    stuck = history.deal(li, at=at(1))
    stuck.interaction(at(3), "message", "inbound").interaction(at(3, 5), "message", "inbound")
    stuck.interaction(at(4, 6), "message", "outbound").interaction(at(8), "call", "inbound")
    await project(projecting, history.events)

    now = at(20)
    found = await health_figures(
        looking, [region, team, other], MONDAY, MONDAY + timedelta(days=7), at=now, zone=ZONE
    )
    visits, dwell, response = HealthMeasure
    assert found[team].measures[visits] == Figure(2, 2)
    assert found[region].measures == found[team].measures
    assert found[team].stages == {"prospect": Figure(2 * DAY, 1)}
    assert found[other].measures == {
        visits: Figure(0, 1),
        dwell: Figure(8 * DAY, 1),
        response: Figure(30 * HOUR + DAY, 2),
    }
    everybody = await health_figures(looking, None, MONDAY, MONDAY + timedelta(days=7), at=now, zone=ZONE)
    assert everybody[None].measures[visits] == Figure(2, 4), "a lead of nobody counts for the company"
    assert everybody[None].measures[dwell] == Figure(10 * DAY, 2)


async def test_what_is_still_running_is_counted_up_to_the_instant_asked_for(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    team = history.unit("east-1")
    deal = history.deal(history.person("E1", unit=team), at=at(2)).interaction(at(3), "call", "inbound")
    await project(projecting, history.events)
    found = await health_figures(looking, [team], MONDAY, MONDAY + timedelta(days=7), at=at(5), zone=ZONE)
    assert found[team].measures[HealthMeasure.stage_dwell] == Figure(3 * DAY, 1)
    assert found[team].measures[HealthMeasure.response_interval] == Figure(2 * DAY, 1)
    deal.lost(at=at(4))
    await project(projecting, history.events)
    found = await health_figures(looking, [team], MONDAY, MONDAY + timedelta(days=7), at=at(5), zone=ZONE)
    assert found[team].measures[HealthMeasure.stage_dwell] == Figure(2 * DAY, 1)
    assert found[team].measures[HealthMeasure.response_interval] == Figure(0, 0), "nobody waits any more"


async def test_history_from_an_import_looks_ill_only_from_its_first_live_fact_on(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    team = history.unit("east-1")
    wang = history.person("E1", unit=team)
    history.deal(wang, at=datetime(2017, 1, 1, tzinfo=UTC), imported=True)
    taken_up = history.deal(wang, at=datetime(2017, 1, 1, tzinfo=UTC), imported=True)
    taken_up.live().interaction(at(4), "call", "outbound")
    await project(projecting, history.events)
    found = await health_figures(looking, [team], MONDAY, MONDAY + timedelta(days=7), at=at(20), zone=ZONE)
    assert found[team].measures[HealthMeasure.stage_dwell] == Figure(5 * DAY, 1)
