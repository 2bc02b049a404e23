"""What the demo shows of the reports: attainment and funnel, from reporting's API."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich.table import Table

from attain.client import Services
from attain.company.organisation import COMPANY


async def attainment_table(services: Services, period: str) -> Table:
    """Attainment 达成率 of the company and its regions in a period."""
    rows = [
        row
        for include in ("self", "children")
        for row in (
            await services.get(
                "reporting", "/v1/attainment",
                metric="sales_amount", period=period, unit_code=COMPANY, include=include, sort="code",
            )
        )["items"]
    ]  # fmt: skip
    table = report_table(
        f"Attainment 达成率 {period}, sales amount 销售额 (CNY)",
        ("unit", "actual 实际", "base 目标", "attainment 达成率", "challenge 挑战", "gap 差距", "pace 进度"),
    )
    for row in rows:
        table.add_row(
            row["subject"]["name"],
            amount(row["actual"]),
            amount(row["base"]),
            percent(row["attainment"]),
            percent(row["challenge_attainment"]),
            amount(row["gap"]),
            percent(row["pace"]),
        )
    return table


async def funnel_table(services: Services, first_day: str, day_after: str) -> Table:
    """The cohort funnel 漏斗 of everything opened between two days."""
    span = {"from": first_day, "to": day_after}
    answer = await services.get("reporting", "/v1/funnels/cohort", **span)
    total = answer["total"]
    table = report_table(
        f"Funnel 漏斗 of {total['opened']} opportunities: {total['won']} won 成交, {total['lost']} lost 丢单, "
        f"{total['open']} open 进行中",
        (
            "stage",
            "entered 进入",
            "advanced 推进",
            "lost 丢单",
            "open 停留",
            "conversion 转化率",
            "days 平均周期",
        ),
    )
    for row in answer["items"]:
        table.add_row(
            f"{row['stage']['name_en']} {row['stage']['name_zh']}",
            *(str(row[count]) for count in ("entered", "advanced", "lost", "open")),
            percent(row["conversion"]),
            one_decimal(row["average_cycle_days"]["value"]),
        )
    return table


def report_table(title: str, columns: tuple[str, ...]) -> Table:
    """A table of a report: names to the left, figures to the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def amount(figure: Any) -> str:
    """Money without cents."""
    return "–" if figure is None else f"{Decimal(figure['amount']):,.0f}"


def percent(ratio: Any) -> str:
    """A display rounds half up to one decimal."""
    if ratio is None or ratio["value"] is None:
        return "–"
    return f"{_rounded(Decimal(ratio['value']) * 100)} %"


def one_decimal(value: str | None) -> str:
    """A number to one decimal."""
    return "–" if value is None else str(_rounded(Decimal(value)))


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)
