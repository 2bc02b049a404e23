"""What is asked of the metrics."""

from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.refusal import NotFound
from contracts.targets import MetricDefined
from runtime import Page, PageRequest, matches, page, sort_keys
from targets.metrics.tables import Metric, MetricVersion
from targets.metrics.views import MetricVersionView, MetricView


class MetricFilter(BaseModel):
    """Which metrics."""

    text: str | None = None
    kind: Literal["count", "sum", "ratio"] | None = None
    event_type: str | None = None
    core: bool | None = None


async def metric(session: AsyncSession, code: str) -> Metric:
    """Raises `NotFound`."""
    found = await session.get(Metric, code)
    if found is None:
        raise NotFound(what="metric", id=code)
    return found


async def metric_view(session: AsyncSession, code: str) -> MetricView:
    """A metric as it is computed now. Raises `NotFound`."""
    found = (await session.execute(_current().where(col(Metric.code) == code))).one_or_none()
    if found is None:
        raise NotFound(what="metric", id=code)
    return _view(found)


async def metrics(session: AsyncSession, asked: MetricFilter, query: PageRequest) -> Page[MetricView]:
    """Metrics by what people look for."""
    statement = _current().where(
        matches(asked.text, MetricVersion.metric, MetricVersion.name_en, MetricVersion.name_zh)
    )
    definition: Any = col(MetricVersion.definition)
    if asked.kind:
        statement = statement.where(definition["kind"].astext == asked.kind)
    if asked.event_type:
        statement = statement.where(definition["event_type"].astext == asked.event_type)
    if asked.core is not None:
        statement = statement.where(col(MetricVersion.core) == asked.core)
    keys = sort_keys(query.sort, {"code": Metric.code}, default="code", unique=Metric.code)
    return await page(session, statement, keys=keys, query=query, view=_view, filters=asked)


async def versions(session: AsyncSession, code: str) -> list[MetricVersionView]:
    """Every definition that the metric had, oldest first. Raises `NotFound`."""
    await metric(session, code)
    rows = await session.scalars(
        select(MetricVersion)
        .where(col(MetricVersion.metric) == code)
        .order_by(col(MetricVersion.metric_version))
    )
    return [MetricVersionView.model_validate(row) for row in rows]


async def definitions(session: AsyncSession) -> dict[str, MetricDefined]:
    """What every metric means now, by code."""
    rows = await session.execute(_current())
    return {metric.code: MetricDefined.model_validate(version.model_dump()) for metric, version in rows}


def _current() -> Select[Any]:
    both: Any = select(Metric, MetricVersion).join(
        MetricVersion,
        and_(
            col(MetricVersion.metric) == col(Metric.code),
            col(MetricVersion.metric_version) == col(Metric.metric_version),
        ),
    )
    current: Select[Any] = both
    return current


def _view(row: Any) -> MetricView:
    metric, version = row[0], row[1]
    return MetricView.model_validate(
        {**version.model_dump(), "version": metric.version, "token": metric.token}
    )
