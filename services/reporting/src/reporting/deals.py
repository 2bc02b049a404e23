"""Which opportunities a funnel or a cycle is of: by unit, owner, product line and channel, and by who asks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from asyncpg import Connection

from reporting.belonging import UNDER, Attribution
from reporting.moments import CurrentMoment
from reporting.viewer import CurrentViewer


class Reach(StrEnum):
    """How wide a question looks."""

    everything = "everything"
    unit = "unit"
    """One unit with all below it."""
    visible = "visible"
    """The units whose figures the asker sees, and the asker's own deals."""


def reaching(reach: Reach, attribution: Attribution) -> str:
    """CTE `reach(person_id, valid_from, valid_to)`: whose deals are meant on which days; ends with a comma."""
    if reach is Reach.everything:
        return ""
    people = {
        Reach.unit: f"select person_id, valid_from, valid_to from under_{attribution} where unit_id = :unit_id",
        Reach.visible: f"""
            select person_id, valid_from, valid_to from place_{attribution}
            where unit_id in (select visible_unit(:asker::uuid, :leads, :today))
            union all
            select :asker::uuid, date '-infinity', date 'infinity'
        """,
    }[reach]
    return f"{UNDER[attribution]}, reach as ({people}),"


def within(reach: Reach, *, owner: str, day: str, deal: str) -> str:
    """The condition that a deal is meant: `owner` and `day` say whose it is and when, `deal` holds its attributes."""
    reached = f"""
        and exists (select from reach where reach.person_id = {owner}
                    and reach.valid_from <= {day} and {day} < reach.valid_to)
    """
    return f"""
        (:owner_id::uuid is null or {owner} = :owner_id::uuid)
        and (:product_line::text is null or {deal}.product_line = :product_line::text)
        and (:channel::text is null or {deal}.channel = :channel::text)
        {"" if reach is Reach.everything else reached}
    """


@dataclass(frozen=True)
class DealQuestion:
    """The parameters that funnels and cycle share."""

    viewer: CurrentViewer
    moment: CurrentMoment
    unit_id: UUID | None = None
    unit_code: str | None = None
    owner_id: UUID | None = None
    product_line: str | None = None
    channel: str | None = None
    attribution: Attribution = Attribution.as_was

    @property
    def reach(self) -> Reach:
        if self.unit_id is not None or self.unit_code is not None:
            return Reach.unit
        return Reach.everything if self.viewer.everything else Reach.visible

    @property
    def unlimited(self) -> bool:
        """Whether all deals are meant, as everything that was heard says: whoever owns them, and whatever they are."""
        limits = (self.owner_id, self.product_line, self.channel)
        return self.reach is Reach.everything and limits == (None, None, None) and not self.moment.past

    async def settle(self, connection: Connection) -> dict[str, Any]:
        """The parameters of the queries. Raises `NotFound` for a unit whose figures the asker does not see."""
        values = {
            **self.viewer.values(),
            "owner_id": self.owner_id,
            "product_line": self.product_line,
            "channel": self.channel,
            "as_of": self.moment.as_of,
            "horizon": self.moment.horizon,
            "day": self.moment.day,
            "today": self.moment.today,
            "zone": self.moment.zone.key,
            "unit_id": self.unit_id,
        }
        if self.reach is Reach.unit:
            unit = await self.viewer.unit(connection, self.moment.today, self.unit_id, self.unit_code)
            values["unit_id"] = unit["id"]
        return values
