"""How a target is divided: parts that sum exactly, whatever the weights."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.plans.division import Portion, Share, divide, portions
from targets.plans.refusals import PartsWithoutWeight, SharesExceedTarget

CENT, WHOLE = Decimal("0.01"), Decimal(1)

weights = st.lists(st.decimals(min_value=0, max_value=10_000, places=3), min_size=1, max_size=30).filter(any)


def shares(*weights: object) -> list[Share]:
    return [Share(f"{n:03}", Decimal(str(weight))) for n, weight in enumerate(weights)]


def bases(parts: list[Portion]) -> list[Decimal]:
    return [part.base for part in parts]


@pytest.mark.capability("S10")
def test_parts_follow_their_weights() -> None:
    assert divide(Decimal("1000.00"), shares(1, 2, 7), CENT) == [Decimal(100), Decimal(200), Decimal(700)]


def test_the_remainder_goes_to_the_largest_weight() -> None:
    assert divide(Decimal(100), shares(1, 1.5, 1), CENT) == [
        Decimal(each) for each in ("28.57", "42.86", "28.57")
    ]
    assert divide(Decimal(100), shares(1, 2, 3), WHOLE) == [17, 33, 50]


def test_of_equal_weights_the_first_code_takes_the_remainder() -> None:
    by_code = [Share("b"), Share("a"), Share("c")]
    assert divide(Decimal(200), by_code, CENT) == [Decimal(each) for each in ("66.67", "66.66", "66.67")]


def test_a_count_is_divided_into_whole_units_and_never_below_nothing() -> None:
    assert divide(Decimal(5), shares(*[1] * 9), WHOLE) == [5, *[0] * 8]


@given(total=st.integers(0, 10**14), weights=weights, cents=st.booleans())
def test_parts_sum_exactly_to_the_whole(total: int, weights: list[Decimal], cents: bool) -> None:
    quantum = CENT if cents else WHOLE
    parts = divide(total * quantum, shares(*weights), quantum)
    assert sum(parts) == total * quantum
    assert all(part >= 0 and part % quantum == 0 for part in parts)


@pytest.mark.capability("S18")
@given(
    base=st.integers(0, 10**12),
    challenge=st.integers(0, 10**12),
    weights=weights,
)
def test_base_and_challenge_both_sum_exactly_and_keep_their_order(
    base: int, challenge: int, weights: list[Decimal]
) -> None:
    parts = portions(base * CENT, challenge * CENT, shares(*weights), CENT)
    challenges = [part.challenge for part in parts if part.challenge is not None]
    assert (sum(bases(parts)), sum(challenges)) == (base * CENT, challenge * CENT)
    for part in parts:
        assert part.challenge is not None
        assert part.challenge >= part.base >= 0 if challenge >= base else part.base >= part.challenge >= 0


@given(total=st.integers(0, 10**9), given_share=st.integers(0, 10**9), weights=weights)
def test_shares_given_by_hand_stay_and_the_others_divide_the_rest(
    total: int, given_share: int, weights: list[Decimal]
) -> None:
    asked = [Share("by hand", base=given_share * CENT), *shares(*weights)]
    if given_share > total:
        with pytest.raises(SharesExceedTarget):
            portions(total * CENT, None, asked, CENT)
        return
    parts = portions(total * CENT, None, asked, CENT)
    assert parts[0].base == given_share * CENT
    assert sum(bases(parts)) == total * CENT


def test_shares_that_are_all_given_by_hand_may_miss_the_whole() -> None:
    parts = portions(Decimal(100), None, [Share("a", base=Decimal(60)), Share("b", base=Decimal(60))], CENT)
    assert bases(parts) == [60, 60]


def test_a_part_by_hand_without_a_challenge_leaves_the_stretch_to_the_others() -> None:
    parts = portions(Decimal(100), Decimal(130), [Share("a", base=Decimal(40)), Share("b")], CENT)
    assert parts[1] == Portion("b", Decimal(1), Decimal(60), Decimal(90))
    assert parts[0].challenge is None


def test_parts_without_any_weight_are_refused() -> None:
    with pytest.raises(PartsWithoutWeight):
        divide(Decimal(1), shares(0, 0), CENT)
