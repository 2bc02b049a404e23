"""Leads counted by a metric, as any other fact."""

from datetime import date
from typing import Any

import pytest

from contracts.leads import ContactLogged, LeadCaptured, LeadConverted
from contracts.targets import Condition, CountOrSum, Ratio
from testkit.history import History

from .conftest import Reports


def counted(event: Any, **conditions: bool) -> CountOrSum:
    return CountOrSum(
        kind="count",
        event_type=event.type,
        credited_field="owner_id",
        conditions=[
            Condition(field=field, operator="eq", value=value) for field, value in conditions.items()
        ],
        dimensions=["channel"],
    )


@pytest.mark.capability("S62", "S70", "S115")
async def test_valid_leads_first_visits_and_conversion_are_figures_of_their_owners(reports: Reports) -> None:
    history = History()
    history.metric("valid_leads", counted(LeadCaptured, valid=True))
    history.metric("first_visits", counted(ContactLogged, first_visit=True))
    history.metric("leads_converted", counted(LeadConverted))
    history.metric(
        "lead_conversion", Ratio(kind="ratio", numerator="leads_converted", denominator="valid_leads")
    )
    team = history.unit("east")
    wang, li = history.person("E1", unit=team), history.person("E2", unit=team)
    month = history.period("2026-09", date(2026, 9, 1), date(2026, 10, 1), kind="month")
    for owner, valid in ((wang, True), (wang, True), (wang, False), (li, True)):
        lead = history.lead(owner, at=date(2026, 9, 7), valid=valid)
        if owner == wang and valid:
            lead.contacted("call").contacted("visit").contacted("visit")
    lead.qualified().converted(at=date(2026, 9, 20))
    await reports.hear(history)

    async def figures(metric: str) -> dict[str, Any]:
        answer = await reports.read("attainment", metric=metric, period=month, subject_kind="person")
        return {row["subject"]["code"]: row["actual"] for row in answer["items"]}

    assert await figures("valid_leads") == {"E1": "2", "E2": "1"}
    assert await figures("first_visits") == {"E1": "2", "E2": "0"}
    assert await figures("lead_conversion") == {"E1": "0.000000", "E2": "1.000000"}
