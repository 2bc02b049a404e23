"""All that reporting hears, in the order in which a batch is applied, and the tables that come of it."""

from importlib.resources import files
from zoneinfo import ZoneInfo

from directory import TABLES as DIRECTORY_TABLES
from messaging import Projection
from reporting.attainment.projections import keep_revisions, keep_targets
from reporting.calendar.projections import keep_periods, keep_rates, keep_working_days
from reporting.customers.projections import keep_customers
from reporting.events.projections import KeepEvents
from reporting.health.projections import keep_reading_rules
from reporting.leads.projections import keep_channels, keep_costs, retell_leads
from reporting.metrics.projections import CountFacts, KeepOrganisation
from reporting.pipeline.projections import keep_pipelines
from reporting.pipeline.story import retell_opportunities

SCHEMA = "projection"

_ROOMS = ("events", "pipeline", "metrics", "attainment", "calendar", "customers", "leads", "health")


def projections() -> tuple[Projection, ...]:
    return (
        KeepEvents(),
        CountFacts(),
        keep_pipelines,
        retell_opportunities,
        KeepOrganisation(),
        keep_customers,
        keep_periods,
        keep_working_days,
        keep_rates,
        keep_targets,
        keep_revisions,
        retell_leads,
        keep_channels,
        keep_costs,
        keep_reading_rules,
    )


def tables(business_zone: ZoneInfo) -> str:
    """The DDL of the projection schema. It holds the business zone because the days in the tables follow from
    it: another zone is another shape, to be rebuilt.
    """
    rooms = (files("reporting").joinpath(room, "tables.sql").read_text() for room in _ROOMS)
    return "\n".join((DIRECTORY_TABLES, _BUSINESS_DAY.format(zone=business_zone.key), *rooms))


_BUSINESS_DAY = """
create function business_day(instant timestamptz) returns date language sql stable parallel safe
return (instant at time zone '{zone}')::date;
"""
