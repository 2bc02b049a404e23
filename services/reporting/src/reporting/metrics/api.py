"""The metric dictionary over HTTP: what each figure means, and which version of it is in force."""

from pydantic import BaseModel

from reporting.freshness import CurrentFreshness, Freshness, waits
from reporting.metrics.definition import Metric, find_metric
from reporting.metrics.queries import METRICS
from runtime import Router, Snapshot

router = Router(prefix="/v1/metrics", tags=["metrics"], dependencies=[waits])


class MetricsAnswer(BaseModel):
    """All metrics by code."""

    items: list[Metric]
    freshness: Freshness


@router.get("")
async def list_report_metrics(snapshot: Snapshot, freshness: CurrentFreshness) -> MetricsAnswer:
    """The metrics that attainment can report, as they are defined now (S161)."""
    rows = await METRICS.rows(snapshot)
    return MetricsAnswer(items=[Metric.model_validate(dict(row)) for row in rows], freshness=freshness)


@router.get("/{code}")
async def read_report_metric(code: str, snapshot: Snapshot) -> Metric:
    """One metric as it is defined now."""
    metric, _ = await find_metric(snapshot, code)
    return metric
