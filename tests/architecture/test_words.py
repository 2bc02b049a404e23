"""Names say what a thing is; the libraries that carry events and requests know nothing of sales."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES_OF_NOTHING = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc", "shared"}
SALES_WORDS = {
    "attainment", "commission", "crm", "customer", "deal", "discount", "funnel", "lead", "opportunity", "pipeline",
    "prospect", "quota", "quotation", "receipt", "revenue", "sale", "salesperson", "seller", "territory", "won",
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def words(text: str) -> set[str]:
    """The words of identifiers and strings, lower-case and singular: `OpportunitiesWon` is opportunity, won."""
    found = {word.lower() for word in WORD.findall(text)}
    return found | {word.removesuffix("s") for word in found} | {re.sub("ies$", "y", word) for word in found}


def said(source: str) -> Iterator[str]:
    """Everything that a module names or says: identifiers, attributes, arguments, imports, strings, docstrings."""
    for node in ast.walk(ast.parse(source)):
        for field in ("id", "attr", "arg", "name", "asname", "module", "value"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value


def sales_words(source: str) -> set[str]:
    return SALES_WORDS & {word for text in said(source) for word in words(text)}


@pytest.mark.parametrize("library", ["messaging", "runtime"])
def test_messaging_and_runtime_know_no_sales_word(library: str) -> None:
    files = list((ROOT / "libs" / library / "src").rglob("*.py"))
    assert files
    assert {file.name: found for file in files if (found := sales_words(file.read_text()))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "def win(opportunity_id): ...",
        "class CustomerGone(Exception): ...",
        "text = 'select * from opportunities'",
        "from contracts import leads",
        '"""Moves deals."""',
        "row.salesAmount = 1",
    ],
)
def test_a_planted_sales_word_is_found(planted: str) -> None:
    assert sales_words(planted)


def test_words_that_only_contain_a_sales_word_are_left_alone() -> None:
    assert sales_words("leader = wholesale = 'misleading ideal wonder'") == set()


def names_of_nothing(files: list[str]) -> list[str]:
    return [file for file in files if NAMES_OF_NOTHING & {part.split(".")[0] for part in Path(file).parts}]


def test_nothing_is_named_utils_common_helpers_core_or_base() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = listed.splitlines()
    assert len(files) > 100
    assert names_of_nothing(files) == []


@pytest.mark.parametrize(
    "planted", ["libs/core/a.py", "services/targets/src/targets/utils.py", "docs/misc.md"]
)
def test_a_planted_name_of_nothing_is_found(planted: str) -> None:
    assert names_of_nothing([planted]) == [planted]
