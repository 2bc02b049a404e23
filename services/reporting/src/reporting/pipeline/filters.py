"""What a list of opportunities is filtered and sorted by."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query as Parameter

from contracts.dates import RequestDay
from reporting.moments import Moment
from reporting.pipeline.queries import SORTS, opportunity_page
from runtime import PageRequest
from runtime.problems.refusals import SortUnknown
from runtime.query import Query


@dataclass(frozen=True)
class Filters:
    """What a list of opportunities is filtered by. `to` days are exclusive."""

    owner_id: UUID | None = None
    unit_id: Annotated[
        UUID | None, Parameter(description="deals of the people of a unit and all below it")
    ] = None
    unit_code: str | None = None
    customer_id: UUID | None = None
    stage: str | None = None
    state: Literal["open", "won", "lost"] | None = None
    product_line: str | None = None
    channel: str | None = None
    opened_from: RequestDay | None = None
    opened_to: RequestDay | None = None
    closed_from: RequestDay | None = None
    closed_to: RequestDay | None = None
    text: Annotated[str | None, Parameter(description="part of the customer's name")] = None

    @property
    def of_unit(self) -> bool:
        return self.unit_id is not None or self.unit_code is not None

    def values(self, moment: Moment) -> dict[str, Any]:
        """The parameters of the query."""
        return {
            **asdict(self),
            "text": f"%{_escaped(self.text)}%" if self.text else None,
            "opened_from": self.opened_from and moment.start(self.opened_from),
            "opened_to": self.opened_to and moment.start(self.opened_to),
        }


def page_query(page: PageRequest, *, past: bool, of_unit: bool) -> Query:
    """The query of a page in the order asked for, the latest opened first by default. Raises `SortUnknown`."""
    asked = page.sort or "-opened_at"
    name = asked.removeprefix("-")
    if name not in SORTS:
        raise SortUnknown(asked=name, allowed=", ".join(SORTS))
    return opportunity_page(SORTS[name], descending=asked.startswith("-"), past=past, of_unit=of_unit)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
