"""A contact is the same however it is typed."""

import pytest

from leads.leads.identity import normalised_credit_code, normalised_email, normalised_phone
from leads.leads.refusals import CreditCodeMalformed, EmailImpossible, PhoneImpossible
from leads.leads.rules import reach


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138 0013 8000", "+86 138-0013-8000", "＋８６１３８００１３８０００", "0086 13800138000"],
)
@pytest.mark.capability("S60")
def test_a_number_is_one_number_however_it_is_typed(typed: str) -> None:
    assert normalised_phone(typed) == "+8613800138000"


def test_a_number_is_read_where_it_is_dialled_and_keeps_its_extension() -> None:
    assert normalised_phone("(201) 555-0123 ext. 7", "US") == "+12015550123;ext=7"
    assert normalised_phone("0755-8888-6666") == "+8675588886666"


@pytest.mark.parametrize("typed", ["", "12", "call me", "+86 1", "99999999999999999999"])
def test_what_can_be_no_number_is_none(typed: str) -> None:
    assert normalised_phone(typed) is None


def test_an_address_is_one_address_in_any_case_and_width() -> None:
    assert normalised_email(" Chen＠Example．COM ") == "chen@example.com"
    assert [normalised_email(text) for text in ("chen", "a@b", "a b@c.cn", "a@b@c.cn")] == [None] * 4


def test_a_credit_code_is_eighteen_letters_and_digits() -> None:
    assert normalised_credit_code("９１３１ 0000-ma1fl00000") == "91310000MA1FL00000"
    assert normalised_credit_code("91310000") is None


def test_what_cannot_be_reached_is_refused_by_its_field() -> None:
    assert reach("13800138000", "a@b.cn", None).reachable
    for given, refusal, pointer in (
        (("12", None, None), PhoneImpossible, "/phone"),
        ((None, "12", None), EmailImpossible, "/email"),
        ((None, None, "12"), CreditCodeMalformed, "/credit_code"),
    ):
        with pytest.raises(refusal) as refused:
            reach(*given)
        assert refused.value.pointer == pointer
