"""Everything is settled when nothing is under way and nothing was said while that was found."""

from pathlib import Path

import pytest

from attain import settling
from attain.instance.layout import Instance
from attain.settling import NotSettled, settle


class Services:
    """What settling finds, look after look: how many facts were said, and how many are under way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, said: list[int], under_way: list[int]) -> None:
        self.said, self.waiting = iter(said), iter(under_way)
        monkeypatch.setattr(settling, "_said", self.count)
        monkeypatch.setattr(settling, "_under_way", self.look)
        monkeypatch.setattr(settling, "PAUSE", 0)

    async def count(self, instance: Instance) -> dict[str, int]:
        return {"opportunities": next(self.said)}

    async def look(self, instance: Instance) -> dict[str, int]:
        waiting = next(self.waiting)
        return {"events to be applied by reporting.projection": waiting} if waiting else {}


INSTANCE = Instance(Path("/nowhere"))


async def test_an_answer_that_was_said_behind_the_look_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Services(monkeypatch, said=[7, 8, 8, 8], under_way=[0, 0])
    await settle(INSTANCE)
    assert next(found.said, None) is None


async def test_what_does_not_arrive_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Services(monkeypatch, said=[7], under_way=[3])
    with pytest.raises(NotSettled, match=r"3 events to be applied by reporting\.projection"):
        await settle(INSTANCE, patience=-1)


async def test_services_that_never_stop_talking_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Services(monkeypatch, said=[7, 8], under_way=[0])
    with pytest.raises(NotSettled, match="new facts all the time"):
        await settle(INSTANCE, patience=-1)
