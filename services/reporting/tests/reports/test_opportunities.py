"""Lists of opportunities, records, and their histories."""

import csv
import io
from datetime import date
from typing import Any

from contracts import Role
from testkit.history import History

from .conftest import Reports


async def found(reports: Reports, **asked: Any) -> set[str]:
    answer = await reports.read("opportunities", **asked)
    return {item["customer"]["name"] for item in answer["items"]}


async def test_a_list_is_filtered_by_what_people_search_by(reports: Reports) -> None:
    history = History()
    company = history.unit("company")
    north, south = history.unit("north", parent=company), history.unit("south", parent=company)
    wang, li = history.person("E1", unit=north), history.person("E2", unit=south)
    river, bay = history.customer("长江精密制造"), history.customer("50%_Bay Ltd")
    history.deal(wang, at=date(2026, 3, 2), customer=river, product_line="cloud").moved("intent")
    closed = history.deal(li, at=date(2026, 4, 1), customer=bay, product_line="box", channel="referral")
    closed.won(at=date(2026, 5, 2))
    void = history.deal(li, at=date(2026, 4, 1), customer=bay).voided("opportunity")
    await reports.hear(history)
    both, first, second = {"长江精密制造", "50%_Bay Ltd"}, {"长江精密制造"}, {"50%_Bay Ltd"}
    for asked, expected in (
        ({}, both),
        ({"owner_id": wang}, first),
        ({"unit_code": "company"}, both),
        ({"unit_id": south}, second),
        ({"stage": "intent"}, first),
        ({"state": "won"}, second),
        ({"customer_id": river}, first),
        ({"product_line": "box", "channel": "referral"}, second),
        ({"opened_from": "2026-04-01"}, second),
        ({"opened_to": "2026-04-01"}, first),
        ({"closed_from": "2026-05-02", "closed_to": "2026-05-03"}, second),
        ({"closed_to": "2026-05-02"}, set()),
        ({"text": "精密"}, first),
        ({"text": "%_bay"}, second),
        ({"text": "5_%"}, set()),
        ({"text": ""}, both),
        ({"state": "open", "as_of": "2026-04-15T00:00:00Z"}, both),
        ({"as_of": "2026-03-15T00:00:00Z"}, first),
    ):
        assert await found(reports, **asked) == expected, asked
    assert len((await reports.read("opportunities"))["items"]) == 2
    assert (await reports.read(f"opportunities/{void.id}"))["state"] == "void"


async def test_a_list_of_a_unit_that_is_not_there_or_not_the_asker_s_is_refused(reports: Reports) -> None:
    history = History()
    history.pipeline()
    north, south = history.unit("north"), history.unit("south")
    wang = history.person("E1", unit=north)
    history.deal(wang, at=date(2026, 3, 2))
    await reports.hear(history)
    own: dict[str, Any] = {"role": Role.representative, "who": wang}
    for asked, found in (
        ({"unit_code": "north"}, True),
        ({"unit_code": "north", "unit_id": north}, True),
        ({"unit_code": "north", **own}, True),
        ({"unit_code": "nroth"}, False),
        ({"unit_id": history.new_id("unit")}, False),
        ({"unit_code": "north", "unit_id": south}, False),
        ({"unit_code": "south", **own}, False),
    ):
        for path in ("opportunities", "funnels/snapshot"):
            answer = await reports.ask(path, **asked)
            assert answer.status_code == (200 if found else 404), (path, asked)
        as_csv = await reports.ask("opportunities", format="csv", **asked)
        assert as_csv.status_code == (200 if found else 404), asked


async def test_records_are_seen_by_their_owner_and_the_owner_s_leaders_only(reports: Reports) -> None:
    history = History()
    boss = history.person("E0", role=Role.manager)
    north = history.unit("north", manager=boss)
    wang, li = history.person("E1", unit=north), history.person("E2", unit=north)
    deal = history.deal(wang, at=date(2026, 3, 2), amount=10)
    other = history.deal(li, at=date(2026, 3, 2), amount=10)
    await reports.hear(history)
    stranger = history.new_id("stranger")
    for path in ("", "/history", "/visits"):
        address = f"opportunities/{deal.id}{path}"
        for role, who, status in (
            (Role.representative, wang, 200),
            (Role.manager, boss, 200),
            (Role.integrator, "crm", 200),
            (Role.representative, li, 404),
            (Role.manager, stranger, 404),
            (Role.administrator, wang, 403),
        ):
            assert (await reports.ask(address, role=role, who=who)).status_code == status, (path, role)
    for role, who, ids in (
        (Role.representative, wang, {deal.id}),
        (Role.manager, boss, {deal.id, other.id}),
        (Role.representative, stranger, set()),
    ):
        answer = await reports.read("opportunities", role=role, who=who)
        assert {item["id"] for item in answer["items"]} == {str(id) for id in ids}
        as_csv = await reports.ask("opportunities", role=role, who=who, format="csv")
        rows = csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig")))
        assert {row["id"] for row in rows} == {str(id) for id in ids}
    deal.owner(li)
    await reports.hear(history)
    handed_over = f"opportunities/{deal.id}"
    assert (await reports.ask(handed_over, role=Role.representative, who=wang)).status_code == 404
    back_then = await reports.ask(
        handed_over, role=Role.representative, who=wang, as_of="2026-03-02T12:00:00Z"
    )
    assert back_then.status_code == 404, "a past instant opens no door that is closed today"


async def test_a_record_tells_how_it_stands_how_it_stood_and_what_happened(reports: Reports) -> None:
    history = History()
    wang = history.person("E1")
    customer = history.customer("长江精密制造")
    deal = history.deal(wang, at=date(2026, 3, 2), amount=100, customer=customer)
    deal.interaction(at=date(2026, 3, 4)).moved("intent", at=date(2026, 3, 9)).amount(
        120, at=date(2026, 3, 10)
    )
    deal.lost(at=date(2026, 3, 12)).reopened(at=date(2026, 3, 20)).moved("proposal", at=date(2026, 3, 21))
    await reports.hear(history)

    now = await reports.read(f"opportunities/{deal.id}")
    assert now["owner"] == {"id": str(wang), "code": "E1", "name": "E1"}
    assert now["customer"]["name"] == "长江精密制造"
    assert (now["state"], now["stage"], now["amount"]["amount"]) == ("open", "proposal", "120.00")
    assert now["first_contact_at"] == "2026-03-03T16:00:00Z"
    assert now["sequence"] == 7
    then = await reports.read(f"opportunities/{deal.id}", as_of="2026-03-13T00:00:00Z")
    assert (then["state"], then["stage"], then["loss_reason"]) == ("lost", "intent", "late_follow_up")
    assert (await reports.ask(f"opportunities/{deal.id}", as_of="2026-03-01T00:00:00Z")).status_code == 404

    first = await reports.read(f"opportunities/{deal.id}/history", limit=4)
    second = await reports.read(f"opportunities/{deal.id}/history", limit=4, cursor=first["next"])
    assert [event["sequence"] for event in first["items"] + second["items"]] == [1, 2, 3, 4, 5, 6, 7]
    assert (second["next"], second["intervals"]) == (None, None)
    states = [(interval["state"], interval["stage"]) for interval in first["intervals"]]
    assert states[0] == ("open", "prospect")
    assert states[-1] == ("open", "proposal")
    for before, after in zip(first["intervals"], first["intervals"][1:], strict=False):
        assert before["valid_to"] == after["valid_from"]
    assert first["intervals"][-1]["valid_to"] is None

    visits = (await reports.read(f"opportunities/{deal.id}/visits"))["items"]
    assert [
        (visit["stage"], visit["exit"], visit["reentry"], visit["dwell_days"]) for visit in visits[:-1]
    ] == [
        ("prospect", "advanced", False, "7"),
        ("intent", "lost", False, "3"),
        ("intent", "advanced", True, "1"),
    ]
    assert visits[-1]["exit"] is None


async def test_the_csv_of_a_list_holds_all_pages_and_no_formula(reports: Reports) -> None:
    history = History()
    wang, customer = history.person("E1"), history.customer("=1+1")
    for _ in range(3):
        history.deal(wang, at=date(2026, 3, 2), amount=10, customer=customer)
    await reports.hear(history)
    answer = await reports.ask("opportunities", format="csv", limit=1)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["customer_name"], row["amount"], row["owner_code"]) for row in rows] == 3 * [
        ("'=1+1", "10.00", "E1")
    ]
