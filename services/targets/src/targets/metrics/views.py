"""Metrics as the API shows them."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.targets import CountOrSum, Direction, Ratio
from runtime import View


class MetricVersionView(BaseModel):
    """A definition as it was stated once."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(validation_alias="metric", examples=["sales_amount"])
    metric_version: int = Field(description="1 for the first definition; a report names the one it used")
    name_en: str
    name_zh: str
    direction: Direction
    core: bool
    definition: CountOrSum | Ratio = Field(discriminator="kind")


class MetricView(MetricVersionView, View):
    """A metric as it is computed now."""
