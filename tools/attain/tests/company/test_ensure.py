"""A demo plays its company once, whatever its size, and never a second one into the same instance."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from attain.client import Services
from attain.company.calendar import SPAN
from attain.company.plan import Company, make_company
from attain.company.play import Player
from attain.demo.company import SEED, OtherCompany, ensure_company

LAST_DAY = date(2026, 11, 22)
PAGE = 200


@dataclass
class Instance(Services):
    """What the services answer about a company that was played up to some opening, with or without its goals."""

    company: Company
    opened: int
    goals: bool = True
    posted: list[str] = field(default_factory=list)

    async def get(self, service: str, path: str, **params: Any) -> Any:
        match path:
            case "/v1/units":
                return {"items": [{"code": "changfeng", "id": "u1"}]}
            case "/v1/units/u1/history":
                return {"items": [{"data": {"effective_on": str(LAST_DAY - SPAN)}}]}
            case "/v1/opportunities":
                titles = [f"Somebody · cloud {deal.key}" for deal in self.company.deals[: self.opened]]
                return {"items": [{"title": title} for title in titles if params["text"] in title]}
            case "/v1/targets":
                return self.page_of_targets(int(params.get("cursor") or 0))
        raise AssertionError(path)

    def page_of_targets(self, start: int) -> Any:
        sellers = self.company.organisation.sellers_on(LAST_DAY) if self.goals else []
        units = [
            {"subject_id": unit.code, "subject_kind": "unit"} for unit in self.company.organisation.units
        ]
        rows = [*units, *({"subject_id": person.code, "subject_kind": "person"} for person in sellers)]
        later = start + PAGE
        return {"items": rows[start:later], "next": str(later) if later < len(rows) else None}


def company(opportunities: int) -> Company:
    return make_company(opportunities=opportunities, seed=SEED, last_day=LAST_DAY)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the plays."""
    names: list[str] = []

    async def play(player: Player) -> None:
        names.append(player.name)

    monkeypatch.setattr(Player, "play", play)
    return names


def told(what: str, done: int, total: int) -> None: ...


@pytest.mark.parametrize("size", [60, 5500])
async def test_a_company_that_was_played_to_its_end_is_not_played_again(size: int, played: list[str]) -> None:
    found = await ensure_company(Instance(company(size), opened=size), size, told)
    assert (found.anew, played) == (False, [])


async def test_a_play_that_broke_off_goes_on_under_the_same_name(played: list[str]) -> None:
    found = await ensure_company(Instance(company(60), opened=0, goals=False), 60, told)
    assert (found.anew, played) == (True, [f"demo {SEED} 60 {LAST_DAY}"])


@pytest.mark.parametrize("asked", [50, 90])
async def test_a_company_of_another_size_is_not_played_into_it(asked: int, played: list[str]) -> None:
    with pytest.raises(OtherCompany, match="--home"):
        await ensure_company(Instance(company(60), opened=60), asked, told)
    assert played == []
