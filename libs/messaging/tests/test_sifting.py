"""The root's number decides what is done with an event, whatever order events come in."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from contracts import Received
from messaging.absorbing import closes_gap
from messaging.arrivals import Arrival
from messaging.sifting import Reason, RootState, Sifted, sift

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def arrival(root: str, sequence: int) -> Arrival:
    received = Received(UUID(int=sequence), "t", root, root, str(sequence), NOW, NOW, "clerk", Raw(b"{}"))
    return Arrival("topic", 0, 0, b"", received)


def ready(sifted: Sifted, root: str = "a") -> list[int]:
    return [each.sequence for each in sifted.ready.get(root, [])]


def waiting(sifted: Sifted, root: str = "a") -> set[int]:
    return {each.sequence for each in sifted.waiting if each.root == root}


def test_the_next_number_is_ready_and_what_was_applied_is_a_duplicate() -> None:
    sifted = sift([arrival("a", 3), arrival("a", 4), arrival("a", 4)], {"a": RootState(last=3)})
    assert (ready(sifted), sifted.duplicates, sifted.parked) == ([4], 2, {})


def test_a_gap_parks_its_root_and_no_other() -> None:
    sifted = sift([arrival("a", 1), arrival("a", 3), arrival("b", 1)], {})
    assert (ready(sifted), waiting(sifted), ready(sifted, "b")) == ([1], {3}, [1])
    assert sifted.parked["a"].reason is Reason.gap
    assert sifted.parked["a"].detail == "#2 is missing; #3 has arrived"
    assert "b" not in sifted.parked


def test_the_missing_number_heals_the_root_with_all_that_waited() -> None:
    stored = [arrival("a", 3), arrival("a", 4)]
    sifted = sift([arrival("a", 2)], {"a": RootState(1, Reason.gap)}, stored)
    assert (ready(sifted), sifted.healed, sifted.parked) == ([2, 3, 4], {"a"}, {})


def test_a_root_with_a_second_gap_stays_parked_behind_it() -> None:
    sifted = sift([arrival("a", 2)], {"a": RootState(1, Reason.gap)}, [arrival("a", 3), arrival("a", 5)])
    assert (ready(sifted), waiting(sifted), sifted.healed) == ([2, 3], {5}, set())
    assert sifted.parked["a"].detail == "#4 is missing; #5 has arrived"


def test_a_duplicate_does_not_end_a_gap() -> None:
    waits = RootState(1, Reason.gap, asked=True, waits=True)
    assert sift([arrival("a", 1)], {"a": waits}) == Sifted(duplicates=1)
    not_asked = RootState(1, Reason.gap)
    assert sift([arrival("a", 1)], {"a": not_asked}) == Sifted(duplicates=1)


def test_an_owner_that_has_nothing_but_what_is_known_ends_a_gap() -> None:
    asked = RootState(2, Reason.gap, asked=True)
    assert sift([arrival("a", 1)], {"a": asked}).healed == set()
    assert sift([arrival("a", 2)], {"a": asked}).healed == {"a"}
    later = sift([arrival("a", 2), arrival("a", 4)], {"a": asked})
    assert (later.healed, later.parked["a"].reason, waiting(later)) == (set(), Reason.gap, {4})


def test_a_failed_root_waits_until_a_retry_is_asked_for() -> None:
    states, stored = {"a": RootState(1, Reason.failed)}, [arrival("a", 2)]
    assert waiting(sift([arrival("a", 3)], states)) == {3}
    sifted = sift([], states, stored, retried={"a"})
    assert (ready(sifted), sifted.healed) == ([2], {"a"})


def test_a_failure_in_the_middle_of_a_run_keeps_what_came_before() -> None:
    sifted = sift([arrival("a", 1), arrival("a", 2), arrival("a", 3)], {})
    sifted.fail("a", 1, "it broke")
    assert (ready(sifted), waiting(sifted), sifted.parked["a"].reason) == ([1], {2, 3}, Reason.failed)


@given(st.permutations(range(1, 9)), st.lists(st.integers(1, 8)), st.integers(1, 4))
def test_any_order_and_any_repeats_apply_each_number_once_in_order(
    order: list[int], repeats: list[int], size: int
) -> None:
    applied: list[int] = []
    stored: dict[int, Arrival] = {}
    parked: Reason | None = None
    told = [each for pair in zip(order, [*repeats, *order], strict=False) for each in pair]
    for start in range(0, len(told), size):
        state = RootState(len(applied), parked, asked=True, waits=bool(stored))
        batch = [arrival("a", sequence) for sequence in told[start : start + size]]
        due = stored.values() if any(closes_gap(each, state) for each in batch) else ()
        sifted = sift(batch, {"a": state}, list(due))
        applied += ready(sifted)
        stored.update({each.sequence: each for each in sifted.waiting})
        stored = {sequence: each for sequence, each in stored.items() if sequence > len(applied)}
        parked = sifted.parked["a"].reason if "a" in sifted.parked else None if sifted.healed else parked
    assert applied == list(range(1, 9))
    assert (stored, parked) == ({}, None)
