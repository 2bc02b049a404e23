"""A refusal is a sentence in both languages, filled from its parameters."""

from contracts import Refusal
from contracts.refusal import NotFound, StaleVersion


def test_the_detail_is_filled_and_the_pointer_kept() -> None:
    stale = StaleVersion(pointer="/amount", asked=3, current=5)
    assert "version 3" in stale.detail("en")
    assert "5" in stale.detail("zh-CN")
    assert stale.pointer == "/amount"
    assert str(stale) == stale.detail("en")


def test_the_code_list_has_each_code_once_in_order() -> None:
    codes = [each.code for each in Refusal.all()]
    assert codes == sorted(set(codes))
    assert NotFound.code in codes
