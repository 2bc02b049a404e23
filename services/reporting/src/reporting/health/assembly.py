"""From what was measured to the rows of the health table."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from asyncpg import Record

from contracts.reporting import HealthMeasure
from reporting.figures import ratio, trimmed
from reporting.funnels.answers import Stage
from reporting.health.answers import HealthRow, HealthStage, Judged
from reporting.health.queries import Figure, Figures
from reporting.health.rules import COLOURS, SECONDS, Thresholds, band, mean

NAMES = {
    HealthMeasure.first_visit_conversion: ("Lead to first visit", "线索初访转化率", "ratio"),
    HealthMeasure.stage_dwell: ("Average days in a stage", "商机平均停留天数", "days"),
    HealthMeasure.response_interval: ("Customer response interval", "客户响应间隔", "hours"),
}
"""Each dimension's names and unit (F2)."""


def health(
    figures: Figures, limits: Mapping[HealthMeasure, Thresholds], stages: Iterable[Record]
) -> list[HealthRow]:
    """A row a dimension; the dwell with the `stages` of the default pipeline, and others by code behind them."""
    return [_row(measure, figures, limits.get(measure), stages) for measure in HealthMeasure]


def _row(
    measure: HealthMeasure, figures: Figures, limits: Thresholds | None, stages: Iterable[Record]
) -> HealthRow:
    name_en, name_zh, unit = NAMES[measure]
    dwells = measure is HealthMeasure.stage_dwell
    return HealthRow(
        measure=measure,
        name_en=name_en,
        name_zh=name_zh,
        unit=unit,
        direction=limits and limits.direction,
        healthy=limits and limits.healthy,
        alert=limits and limits.alert,
        stages=_stages(figures, limits, stages) if dwells else [],
        **dict(_judged(measure, figures.measures[measure], limits)),
    )


def _stages(figures: Figures, limits: Thresholds | None, stages: Iterable[Record]) -> list[HealthStage]:
    known = {
        row["stage"]: Stage(code=row["stage"], name_en=row["name_en"], name_zh=row["name_zh"])
        for row in stages
    }
    others = {
        code: Stage(code=code, name_en=code, name_zh=code)
        for code in sorted(set(figures.stages) - set(known))
    }
    return [
        HealthStage(
            stage=stage,
            **dict(_judged(HealthMeasure.stage_dwell, figures.stages.get(code, Figure()), limits)),
        )
        for code, stage in (known | others).items()
    ]


def _judged(measure: HealthMeasure, figure: Figure, limits: Thresholds | None) -> Judged:
    found = band(mean(measure, figure.total, figure.count), limits)
    return Judged(
        value=ratio(trimmed(Decimal(figure.total) / SECONDS[measure]), figure.count),
        band=found,
        colour=found and COLOURS[found],
    )
