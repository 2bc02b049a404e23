"""What `attain rebuild` says."""

from dataclasses import replace

import pytest
from rich.console import Console

from attain.commands.rebuild import left, told
from messaging import Progress, Rebuilt
from messaging.rebuild import Compared, Step, Versions

EQUAL = Rebuilt(
    schema="projection",
    records=123_456,
    held=0.0123,
    resumed=False,
    versions=Versions.same,
    tables=[Compared("visit", 1_000, 1_000, 0), Compared("fact", 5, 5, 0)],
)
DRIFTED = replace(EQUAL, tables=[*EQUAL.tables, Compared("rollup", 9, 10, 2, ["(a)", "(b)"])])
OTHER = replace(EQUAL, versions=Versions.other, tables=[Compared("visit", None, 7)])


def said(rebuilt: Rebuilt) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        for each in told("reporting", rebuilt, 12.34):
            console.print(each, highlight=False, soft_wrap=True)
    return captured.get()


def test_a_rebuild_says_what_it_took_and_that_everything_was_as_it_should_be() -> None:
    assert said(EQUAL).splitlines() == [
        "reporting: schema projection rebuilt from 123,456 events in 12.3 s; "
        "the live projector waited 12 ms for the swap.",
        "All 2 tables are as they were kept live: 1,005 rows, row by row.",
        "The former tables are kept for a day, in schema projection_old.",
    ]


@pytest.mark.parametrize(
    ("rebuilt", "words"),
    [
        (DRIFTED, ["These tables were not what the events say", "rollup", "9", "10", "2", "(a)", "(b)"]),
        (OTHER, ["Another version made the live tables: only rows were counted:", "visit", "7"]),
        (replace(EQUAL, resumed=True), ["going on where one was interrupted"]),
    ],
)
def test_it_names_what_differed_and_what_could_not_be_compared(rebuilt: Rebuilt, words: list[str]) -> None:
    text = said(rebuilt)
    assert [word for word in words if word not in text] == []


def test_first_tables_have_nothing_to_be_compared_with() -> None:
    assert "kept" not in said(replace(EQUAL, versions=Versions.none, tables=[]))


def test_what_remains_is_said_once_it_is_known() -> None:
    assert left(Progress(Step.reading, 0, 10)) == ""
    assert left(Progress(Step.reading, 5, 10, 20_000.0, 61.4)) == "20,000/s, 0:01:01 left"
