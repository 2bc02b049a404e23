"""The figures of the export as reporting's HTTP API gives them: from reporting alone."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from attain.client import Services
from attain.real.spreadsheet import MEAN, Figures

ALL_DAYS = {"from": "2016-01-01", "to": "2018-01-01"}
"""The export covers opportunities engaged from October 2016 and closed up to the end of 2017."""

QUARTERS = ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
COMPANY = "Company"


async def figures(services: Services) -> Figures:
    """Every figure that `spreadsheet.figures` computes, under the same name."""
    return {**await _won(services), **await _funnel(services), **await _cycle(services)}


async def _won(services: Services) -> Figures:
    total = await _actuals(services, "sales_amount", unit_code=COMPANY, **ALL_DAYS)
    count = await _actuals(services, "won_count", unit_code=COMPANY, **ALL_DAYS)
    found = {"won amount": total[COMPANY], "won opportunities": count[COMPANY]}
    for region, amount in (await _below(services, COMPANY)).items():
        found[f"won in region {region}"] = amount
        teams = await _below(services, region)
        found |= {f"won by team {team}": amount for team, amount in teams.items()}
    for quarter in QUARTERS:
        amounts = await _actuals(services, "sales_amount", unit_code=COMPANY, period=quarter)
        found[f"won in {quarter}"] = amounts[COMPANY]
    return found


async def _below(services: Services, unit: str) -> Figures:
    """The won amount of the units right below a unit, by their codes."""
    return await _actuals(services, "sales_amount", unit_code=unit, include="children", **ALL_DAYS)


async def _actuals(services: Services, metric: str, **parameters: str) -> Figures:
    answer = await _report(services, "/v1/attainment", metric=metric, limit=200, **parameters)
    return {row["subject"]["code"]: _number(row["actual"]) for row in answer["items"]}


async def _funnel(services: Services) -> Figures:
    answer = await _report(services, "/v1/funnels/cohort", **ALL_DAYS)
    stages, total = {row["stage"]["code"]: row for row in answer["items"]}, answer["total"]
    counts = {
        "opened": total["opened"],
        "reached intent": stages["intent"]["entered"],
        "won": total["won"],
        "lost": total["lost"],
        "still open": total["open"],
        "still open in prospect": stages["prospect"]["open"],
        "still open in intent": stages["intent"]["open"],
    }
    return {f"cohort: {name}": Decimal(count) for name, count in counts.items()}


async def _cycle(services: Services) -> Figures:
    found: Figures = {}
    for name, outcome in (("mean days to close", "closed"), ("mean days to win", "won")):
        mean = (await _report(services, "/v1/cycle", outcome=outcome, **ALL_DAYS))["total"]["mean_days"]
        value = Decimal(mean["numerator"]) / Decimal(mean["denominator"])
        found[name] = value.quantize(MEAN, ROUND_HALF_UP)
    return found


async def _report(services: Services, path: str, **parameters: Any) -> Any:
    return await services.get("reporting", path, **parameters)


def _number(actual: Any) -> Decimal:
    return Decimal(actual["amount"] if isinstance(actual, dict) else actual)
