"""The rows of the metrics: a metric is a root, its versions stay."""

from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from targets.rows import RootRow, Row


class Metric(RootRow, table=True):
    """A metric and the number of the version that holds."""

    root_field = "metric"

    code: str = Field(primary_key=True)
    metric_version: int = 0

    @property
    def root_key(self) -> str:
        return self.code


class MetricVersion(Row, table=True):
    """A definition as it was stated once; a report names the version that it used."""

    __tablename__ = "metric_version"

    metric: str = Field(primary_key=True, foreign_key="metric.code")
    metric_version: int = Field(primary_key=True)
    name_en: str
    name_zh: str
    direction: str
    core: bool
    definition: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
