"""Leads are counted by metrics that every installation has."""

import pytest

from contracts import registry
from contracts.targets import CountOrSum, Ratio
from targets.metrics.rules import faults
from targets.metrics.seed import built_in

METRICS = {metric.code: metric.definition for metric in built_in()}


@pytest.mark.capability("S62", "S70", "S115")
def test_leads_are_counted_from_capture_to_conversion() -> None:
    counted = {
        code: (definition.event_type, [(each.field, each.value) for each in definition.conditions])
        for code, definition in METRICS.items()
        if isinstance(definition, CountOrSum) and definition.event_type.startswith("leads.")
    }
    assert counted == {
        "leads_captured": ("leads.lead.captured.v1", []),
        "valid_leads": ("leads.lead.captured.v1", [("valid", True)]),
        "lead_contacts": ("leads.contact.logged.v1", [("outcome", "completed")]),
        "first_visits": ("leads.contact.logged.v1", [("first_visit", True)]),
        "leads_converted": ("leads.lead.converted.v1", []),
        "leads_discarded": ("leads.lead.discarded.v1", []),
    }
    assert METRICS["lead_conversion"] == Ratio(
        kind="ratio", numerator="leads_converted", denominator="valid_leads"
    )


def test_they_are_sound() -> None:
    assert [faults(code, METRICS[code], registry(), METRICS) for code in METRICS] == [[]] * len(METRICS)
