"""The oracle sees what it is there to see: each kind of violation is planted once."""

from dataclasses import replace

import pytest

from chaos.load.record import Outcome, Request
from chaos.oracle.answers import check_answers
from chaos.oracle.ledgers import Row
from chaos.oracle.topics import Record, check_topics

OPENED, MOVED = "opportunities.opportunity.opened.v1", "opportunities.opportunity.stage_changed.v1"


def row(number: int, *, root: str = "root", type: str = MOVED, trace: str | None = None) -> Row:
    envelope = f'{{"partitionkey": "{root}", "sequence": "{number}"}}'.encode()
    return Row("opportunities", number, root, number, type, trace or f"{number:032x}", envelope)


def record(told: Row, offset: int, partition: int = 3) -> Record:
    return Record("attain-opportunities", partition, offset, told.envelope)


def request(told: Row, outcome: Outcome = Outcome.done) -> Request:
    return Request(
        told.trace or "",
        "opportunities",
        "/v1/opportunities",
        told.type,
        keyed=True,
        began=0.0,
        outcome=outcome,
        token=f"{told.root}@{told.sequence}",
    )


ROWS = [row(1, type=OPENED), row(2), row(3)]


def test_a_run_without_loss_has_no_violation() -> None:
    asked = [request(each) for each in ROWS]
    records = [record(each, offset) for offset, each in enumerate(ROWS)]
    assert not list(check_answers(asked, ROWS, {}))
    assert not list(check_topics(records, ROWS))


def test_repeats_on_a_topic_are_allowed() -> None:
    records = [record(each, offset) for offset, each in enumerate([ROWS[0], ROWS[1], *ROWS])]
    assert not list(check_topics(records, ROWS))


def test_a_success_without_its_fact_is_a_violation() -> None:
    assert "not in the ledger" in one(check_answers([request(each) for each in ROWS], ROWS[:2], {}))


def test_a_fact_that_nobody_asked_for_is_a_violation() -> None:
    assert "nobody asked for" in one(check_answers([request(each) for each in ROWS[:2]], ROWS, {}))


def test_a_fact_of_a_refused_request_is_a_violation() -> None:
    asked = [request(ROWS[0]), request(ROWS[1]), request(ROWS[2], Outcome.refused)]
    assert "although it was refused" in one(check_answers(asked, ROWS, {}))


def test_a_request_of_unknown_outcome_may_have_made_its_fact_once_or_not() -> None:
    asked = [request(each, Outcome.unknown) for each in ROWS]
    assert not list(check_answers(asked, ROWS, {}))
    assert not list(check_answers(asked, ROWS[:1], {}))


def test_a_fact_that_was_made_twice_is_a_violation() -> None:
    doubled = [*ROWS, row(4, trace=ROWS[2].trace)]
    assert "2 times in the ledger" in one(check_answers([request(each) for each in ROWS], doubled, {}))


def test_a_token_of_another_fact_is_a_violation() -> None:
    wrong = request(ROWS[1])
    wrong.token = "root@3"
    assert "was answered root@3" in one(check_answers([request(ROWS[0]), wrong, request(ROWS[2])], ROWS, {}))


def test_what_was_there_before_the_load_belongs_to_nobody() -> None:
    assert not list(check_answers([request(ROWS[2])], ROWS, {"opportunities": 2}))


@pytest.mark.parametrize(
    ("offsets", "violation"),
    [
        ([0, 2], "goes from 1 to 3"),
        ([0, 2, 1], "goes from 1 to 3"),
        ([1, 0, 2], "goes from 0 to 2"),
        ([0, 1], "root@3 is in the ledger and on no topic"),
    ],
)
def test_a_fact_that_lacks_or_overtakes_another_is_a_violation(offsets: list[int], violation: str) -> None:
    records = [record(ROWS[each], offset) for offset, each in enumerate(offsets)]
    assert any(violation in found for found in check_topics(records, ROWS))


def test_a_record_that_no_ledger_has_is_a_violation() -> None:
    records = [record(each, offset) for offset, each in enumerate([*ROWS, row(4)])]
    assert "which no ledger has" in one(check_topics(records, ROWS))


def test_other_bytes_than_the_ledger_has_are_a_violation() -> None:
    changed = replace(ROWS[2], envelope=ROWS[2].envelope + b" ")
    records = [record(each, offset) for offset, each in enumerate([ROWS[0], ROWS[1], changed])]
    assert "other bytes" in one(check_topics(records, ROWS))


def test_a_root_in_two_partitions_is_a_violation() -> None:
    records = [record(ROWS[0], 0), record(ROWS[1], 1), record(ROWS[2], 0, partition=4)]
    assert "in the partitions [3, 4]" in one(check_topics(records, ROWS))


def test_a_record_that_cannot_be_read_is_a_violation_unless_it_was_planted() -> None:
    records = [record(each, offset) for offset, each in enumerate(ROWS)]
    records.append(Record("attain-opportunities", 3, 3, b"\xff"))
    assert "1 records are no events" in one(check_topics(records, ROWS))
    assert not list(check_topics(records, ROWS, unreadable=1))


def test_a_dropped_record_may_come_late_but_must_come() -> None:
    late = [record(ROWS[each], offset) for offset, each in enumerate([0, 2, 1, 2])]
    assert not list(check_topics(late, ROWS, dropped={"root": 2}))
    assert any("lacks [2]" in each for each in check_topics(late[:2], ROWS, dropped={"root": 2}))


def one(found: object) -> str:
    """The only violation."""
    violations = list(found)  # type: ignore[call-overload]
    assert len(violations) == 1, violations
    return str(violations[0])
