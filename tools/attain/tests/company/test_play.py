"""A company of any size is played in requests that the services take, each record's facts in their order."""

from collections import defaultdict
from datetime import date
from typing import Any
from unittest.mock import Mock

import httpx2
import pytest

from attain.client import Services
from attain.company import play as play_module
from attain.company import sender
from attain.company.plan import Company, make_company
from attain.company.play import Player
from attain.company.sender import PlayRefused
from runtime.batch import LARGEST_BATCH

LAST_DAY = date(2026, 11, 22)
Row = dict[str, Any]


class Listening(Services):
    """Services that take everything and remember it. A lead's opportunity is there at the second question."""

    def __init__(self) -> None:
        super().__init__({}, "no token")
        self.sizes: list[int] = []
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.asked = 0
        self.refused = False
        self.pool_rule: Row = {"active": True, "after_days": 30, "name_en": "Untouched", "name_zh": "未联系"}
        self.pool_rule |= {"priority": 100, "channels": [], "levels": []}
        self.released: list[bool] = []

    async def request(self, method: str, service: str, path: str, **given: Any) -> httpx2.Response:
        answer = self.found(path, given["params"]) if method == "GET" else self.done(path, given)
        return Mock(json=lambda: answer)

    def done(self, path: str, given: dict[str, Any]) -> Row:
        if path.startswith("/v1/pool-rules"):
            self.pool_rule = given["json"]
        if path == "/v1/leads:batch":
            self.released.append(self.pool_rule["active"])
        items = given["json"].get("items", [])
        self.sizes.append(len(items))
        if not (given.get("params") or {}).get("validate_only"):
            self.rows[path] += items
        problem = {"problem": {"title": "no"}} if self.refused and path.startswith("/v1/leads") else {}
        return {"id": "one", "parts": [], "items": [{"id": self.id_of(item), **problem} for item in items]}

    def id_of(self, row: Row) -> str:
        """What the row is about, under its own name: so that the tests can say it again."""
        if row.get("verb") == "capture":
            return f"lead {row.get('phone')}"
        if row.get("verb") == "open":
            return f"opened {row['title'].split()[-1]}"
        return str(row.get("lead_id") or row.get("opportunity_id") or row.get("code"))

    def found(self, path: str, params: dict[str, Any]) -> Row:
        if path.startswith("/v1/pool-rules"):
            return self.pool_rule
        self.asked += 1
        if path.endswith("/objections"):
            opportunity = path.split("/")[3]
            raised = [
                row
                for row in self.rows["/v1/opportunities:batch"]
                if row.get("opportunity_id") == opportunity and row["verb"] == "raise_objection"
            ]
            return {"items": [{"id": f"{opportunity} {number}"} for number, _ in enumerate(raised)]}
        there = params["lead_id"] if self.asked > 1 else []
        return {"items": [{"lead_id": lead, "id": f"of {lead}"} for lead in there]}

    def lives(self, path: str, key: str) -> dict[str, list[Row]]:
        """What was said of each record, in the order in which it was said."""
        lives = defaultdict(list)
        for row in self.rows[path]:
            if key in row:
                lives[row[key]].append(row)
        return lives


@pytest.fixture
def company() -> Company:
    return make_company(opportunities=80, leads=40, seed=7, last_day=LAST_DAY)


async def play(services: Services, company: Company) -> None:
    await Player(services, company, "any size", lambda what, done, total: None).play()


async def test_no_request_has_more_rows_than_a_batch_may_have(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sender.BATCH <= LARGEST_BATCH
    for module in (sender, play_module):
        monkeypatch.setattr(module, "BATCH", 9)
    services = Listening()
    await play(services, company)
    assert max(services.sizes) == 9


async def test_each_record_is_told_of_in_order_though_several_requests_are_under_way(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BATCH", 7)
    services = Listening()
    await play(services, company)
    lives = services.lives("/v1/leads:batch", "lead_id") | services.lives(
        "/v1/opportunities:batch", "opportunity_id"
    )
    assert len(lives) > 80
    for rows in lives.values():
        instants = [row["occurred_at"] for row in rows]
        assert instants == sorted(instants)
    told = sum(len(lead.steps) for lead in company.leads) + sum(len(deal.steps) for deal in company.deals)
    of_leads = sum(deal.lead is not None for deal in company.deals)
    said = len(services.rows["/v1/leads:batch"]) + len(services.rows["/v1/opportunities:batch"])
    assert (
        said == told + of_leads
    )  # a conversion stands for the opening, and then the opportunity gets its title


async def test_an_opportunity_of_a_lead_is_awaited_and_goes_on_under_its_own_id(company: Company) -> None:
    services = Listening()
    await play(services, company)
    converted = [row["lead_id"] for row in services.rows["/v1/leads:batch"] if row["verb"] == "convert"]
    assert converted
    lives = services.lives("/v1/opportunities:batch", "opportunity_id")
    for lead in converted:
        titled, *_ = lives[f"of {lead}"]
        assert (titled["verb"], titled["title"].split()[-1][:2]) == ("change", "D-")


async def test_the_service_releases_no_lead_by_itself_until_the_past_is_told(company: Company) -> None:
    services = Listening()
    before = dict(services.pool_rule)
    await play(services, company)
    assert services.released[0] is True, "the probe comes before"
    assert not any(services.released[1:])
    assert services.pool_rule == before


async def test_every_answer_names_the_objection_that_it_answers(company: Company) -> None:
    services = Listening()
    await play(services, company)
    answers = [row for row in services.rows["/v1/opportunities:batch"] if row["verb"] == "answer_objection"]
    assert answers
    for row in answers:
        assert row["objection_id"].startswith(row["opportunity_id"])
        assert "objection" not in row


async def test_a_refused_row_ends_the_play_with_its_reason(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(play_module, "PATIENCE", 0.0)
    services = Listening()
    services.refused = True
    with pytest.raises(PlayRefused, match="leads has not heard of everybody"):
        await play(services, company)


async def test_a_row_that_is_refused_among_many_is_named_alone(company: Company) -> None:
    services = Listening()
    services.refused = True
    send = sender.Sender(services, "any size", lambda what, done, total: None)
    with pytest.raises(PlayRefused, match=r"/v1/leads:batch refused .*'no'"):
        await send.rows(
            sender.Route("leads", "/v1/leads:batch"), "leads", [{"code": str(n)} for n in range(9)]
        )
