"""Consistency tokens: written by whoever records, read by whoever waits."""

import pytest

from messaging.tokens import NotAToken, named, together
from messaging.topics import PARTITIONS, partition_of


def test_one_token_stands_for_the_last_fact_of_each_partition() -> None:
    tokens = [f"root{number}@{number}" for number in range(1, 500)]
    facts = named(together(tokens) or "")
    assert len(facts) == PARTITIONS
    for root, number in facts:
        later = [n for n in range(number + 1, 500) if partition_of(f"root{n}") == partition_of(root)]
        assert not later


def test_of_one_root_the_last_fact_is_waited_for() -> None:
    assert together(["a@1", None, "a@2"]) == "a@2"
    assert together([None]) is together([]) is None


def test_a_root_may_have_any_sign_but_a_comma() -> None:
    assert named("pipeline:default@3,metric:a@b@12") == [("pipeline:default", 3), ("metric:a@b", 12)]


@pytest.mark.parametrize(
    "token", ["", "a", "a@", "@1", "a@1,", "a@-1", "a@1.0", "a@٣", f"a@{'9' * 19}", "a@1,b"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(NotAToken):
        named(token)
