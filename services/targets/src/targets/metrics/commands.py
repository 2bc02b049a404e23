"""What may be asked of the metrics: the body that defines one."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import Name
from contracts.targets import CountOrSum, Direction, MetricDefined, Ratio

MetricCode = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,79}$", description="Stable; names it in reports", examples=["demos"]),
]


class MetricDefinition(BaseModel):
    """A metric as it shall be computed from now on, over all of history."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: MetricCode
    name_en: Annotated[Name, Field(examples=["Demos"])]
    name_zh: Annotated[Name, Field(examples=["演示次数"])]
    direction: Direction = Direction.higher_is_better
    core: Annotated[bool, Field(description="Watched by the early warning (S118)")] = False
    definition: Annotated[
        CountOrSum | Ratio,
        Field(
            discriminator="kind",
            examples=[
                {
                    "kind": "count",
                    "event_type": "opportunities.interaction.logged.v1",
                    "conditions": [{"field": "interaction_kind", "operator": "eq", "value": "demo"}],
                    "credited_field": "owner_id",
                    "dimensions": ["product_line"],
                }
            ],
        ),
    ]

    def fact(self, version: int) -> MetricDefined:
        """The definition as the fact that states it."""
        return MetricDefined(
            metric=self.code,
            metric_version=version,
            name_en=self.name_en,
            name_zh=self.name_zh,
            direction=self.direction,
            core=self.core,
            definition=self.definition,
        )
