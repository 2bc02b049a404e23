"""Each refusal is a sentence in both languages, filled from the same parameters."""

from string import Formatter

import pytest

from contracts import Refusal
from contracts.refusal import NotFound, StaleVersion


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("refusal", Refusal.all(), ids=lambda each: each.code)
def test_a_refusal_speaks_both_languages_with_the_same_parameters(refusal: type[Refusal]) -> None:
    assert refusal.title("en").isascii()
    assert not refusal.title("zh-CN").isascii()
    assert parameters(refusal.en_detail) == parameters(refusal.zh_detail)


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
