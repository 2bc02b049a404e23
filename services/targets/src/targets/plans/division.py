"""Dividing a target so that its parts sum exactly. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

from targets.plans.refusals import PartsWithoutWeight, SharesExceedTarget

PRECISION = 60
"""Digits that hold the product of any total and any weight."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a part asks for: a weight, or a value of its own."""

    code: str
    weight: Decimal = Decimal(1)
    base: Decimal | None = None
    challenge: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Portion:
    """What a part gets."""

    code: str
    weight: Decimal
    base: Decimal
    challenge: Decimal | None


def divide(total: Decimal, shares: Sequence[Share], quantum: Decimal) -> list[Decimal]:
    """`total` (not negative) by weight, each part rounded half up to a multiple of `quantum`.

    The remainder goes to the largest weight, ties to the first by code, so that the parts sum exactly. Where
    half up would leave that part less than nothing (five units over nine people), all are rounded down instead.
    """
    weight = sum(share.weight for share in shares)
    if not weight:
        raise PartsWithoutWeight(pointer="/parts")
    largest = min(range(len(shares)), key=lambda n: (-shares[n].weight, shares[n].code))
    with localcontext(prec=PRECISION):
        for rounding in (ROUND_HALF_UP, ROUND_DOWN):
            parts = [
                (total * share.weight / weight / quantum).to_integral_value(rounding) * quantum
                for share in shares
            ]
            parts[largest] += total - sum(parts)
            if parts[largest] >= 0:
                break
    return parts


def portions(
    base: Decimal, challenge: Decimal | None, shares: Sequence[Share], quantum: Decimal
) -> list[Portion]:
    """Each part's base and challenge: given shares as they are, the rest of the target by weight.

    The stretch between base and challenge is divided on its own, so that no part's challenge falls short of
    its base by a rounding. Where all shares are given by hand nothing is divided, and they may miss the target.
    """
    given = [share for share in shares if share.base is not None]
    divided = [share for share in shares if share.base is None]
    by_code = {share.code: _given(share) for share in given}
    if divided and challenge is None:
        bases = divide(_left(base, [part.base for part in by_code.values()]), divided, quantum)
        for share, part in zip(divided, bases, strict=True):
            by_code[share.code] = Portion(share.code, share.weight, part, None)
    elif divided and challenge is not None:
        by_code |= _with_challenge(base, challenge, list(by_code.values()), divided, quantum)
    return [by_code[share.code] for share in shares]


def _with_challenge(
    base: Decimal, challenge: Decimal, given: Sequence[Portion], divided: Sequence[Share], quantum: Decimal
) -> dict[str, Portion]:
    lower_is_better = challenge < base

    def least(part: Portion) -> Decimal:
        return part.challenge if lower_is_better and part.challenge is not None else part.base

    def stretch(part: Portion) -> Decimal:
        return abs(part.challenge - part.base) if part.challenge is not None else Decimal(0)

    smaller = divide(_left(min(base, challenge), [least(part) for part in given]), divided, quantum)
    stretches = divide(_left(abs(challenge - base), [stretch(part) for part in given]), divided, quantum)
    parts = {}
    for share, low, extra in zip(divided, smaller, stretches, strict=True):
        ends = (low + extra, low) if lower_is_better else (low, low + extra)
        parts[share.code] = Portion(share.code, share.weight, *ends)
    return parts


def _given(share: Share) -> Portion:
    return Portion(share.code, share.weight, share.base or Decimal(0), share.challenge)


def _left(total: Decimal, given: Sequence[Decimal]) -> Decimal:
    left = total - sum(given)
    if left < 0:
        raise SharesExceedTarget(pointer="/parts", given=sum(given), total=total)
    return left
