"""Rules are pure: no clock, no ids and no chance made inside; what they need comes as an argument."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPURE = {
    "now",
    "today",
    "utcnow",
    "uuid1",
    "uuid4",
    "uuid7",
    "monotonic",
    "perf_counter",
    "time_ns",
    "urandom",
}
IMPURE_NAMES = {"open", "print", "input"}


def impurities(source: str) -> set[str]:
    """The calls in a module that read the clock, make an id, or talk to the outside."""
    called = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    attributes = {each.attr for each in called if isinstance(each, ast.Attribute)} & IMPURE
    return attributes | {each.id for each in called if isinstance(each, ast.Name)} & (IMPURE | IMPURE_NAMES)


def rule_files() -> list[Path]:
    files = [*ROOT.glob("services/*/src/**/rules.py"), *ROOT.glob("services/*/src/**/rules/*.py")]
    return [*files, *ROOT.glob("libs/contracts/src/**/*.py")]


def test_there_are_rules_to_look_at() -> None:
    assert any(file.name == "rules.py" for file in rule_files())


@pytest.mark.parametrize("file", rule_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_rule_reads_no_clock_and_makes_no_ids(file: Path) -> None:
    assert impurities(file.read_text()) == set()


@pytest.mark.parametrize(
    "planted",
    ["datetime.now(UTC)", "date.today()", "uuid7()", "uuid.uuid4()", "time.monotonic()", "open('file')"],
)
def test_a_planted_impurity_is_found(planted: str) -> None:
    assert impurities(planted)
