"""What the demo shows of channels: what each is worth beside what it costs."""

from rich.table import Table

from attain.client import Services
from attain.demo.tables import amount, percent, report_table


async def channels_table(services: Services, first_day: str, day_after: str) -> Table:
    """The channels 渠道 of the leads captured between two days."""
    answer = await services.get("reporting", "/v1/reports/channels", **{"from": first_day, "to": day_after})
    total = answer["total"]
    table = report_table(
        f"Channels 渠道 of {total['leads']} leads: {total['converted']} converted 转商机, {total['won']} won 成交",
        (
            "channel",
            "leads 线索",
            "share 占比",
            "first visit 初访率",
            "won 成交",
            "win rate 成单率",
            "value 金额",
            "cost a lead 单条成本",
            "cost a win 获客成本",
        ),
    )
    for row in [*answer["items"], {**total, "name_en": "All", "name_zh": "合计"}]:
        table.add_row(
            f"{row['name_en']} {row['name_zh']}",
            str(row["leads"]),
            percent(row["share"]),
            percent(row["first_visit_conversion"]),
            str(row["won"]),
            percent(row["win_rate"]),
            amount(row["value"]),
            amount(row["cost_per_lead"]),
            amount(row["cost_per_win"]),
        )
    return table
