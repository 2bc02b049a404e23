"""Whom records may be given to."""

from datetime import date
from uuid import UUID

import pytest

from directory.owners import Owner, may_own
from directory.refusals import OwnerHasLeft, UnknownOwner

LI = UUID(int=2)
MONDAY = date(2026, 7, 6)


def test_an_owner_is_known_within_reach_and_still_there() -> None:
    assert may_own(Owner(LI, None, assignable=True), LI, MONDAY) == LI
    with pytest.raises(UnknownOwner):
        may_own(None, LI, MONDAY)
    with pytest.raises(UnknownOwner):
        may_own(Owner(LI, None, assignable=False), LI, MONDAY)


def test_a_leaver_owns_up_to_the_day_before_the_last() -> None:
    leaver = Owner(LI, MONDAY, assignable=True)
    assert may_own(leaver, LI, date(2026, 7, 5)) == LI
    with pytest.raises(OwnerHasLeft, match="left on 2026-07-06"):
        may_own(leaver, LI, MONDAY)
