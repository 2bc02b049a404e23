"""One company, however its name is written."""

import pytest

from contracts.companies import company_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("长江精密制造有限公司", "长江精密制造"),
        ("长江精密制造股份有限公司", "长江精密制造有限责任公司"),
        ("长江集团有限公司", "长江"),
        ("ＡＣＭＥ　Ｃｏ．，　Ｌｔｄ．", "acme"),
        ("Acme Holdings, Inc.", "ACME"),
        ("Acme L.L.C.", "Acme"),
        ("北京 长江(科技)有限公司", "北京长江（科技）有限公司"),
        ("Müller GmbH", "MÜLLER"),
    ],
)
@pytest.mark.capability("S60")
def test_width_case_punctuation_and_legal_form_make_no_other_company(one: str, other: str) -> None:
    assert company_key(one) == company_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("长江精密", "长江精工"),
        ("上海长江", "北京长江"),
        ("Acme North", "Acme South"),
        ("Group Nine", "Nine"),
    ],
)
def test_other_words_make_another_company(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@pytest.mark.parametrize("form", ["有限公司", "Ltd", "集团"])
def test_a_name_that_is_a_legal_form_alone_keeps_it(form: str) -> None:
    assert company_key(form) == form.casefold()


def test_a_name_without_letters_has_no_key() -> None:
    assert company_key(" —— ") == ""
