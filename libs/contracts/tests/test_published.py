"""What was published stays readable: shapes and examples are recorded once and never edited."""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field, create_model

import contracts
from contracts import Event, open_envelope
from contracts.examples import example
from contracts.published import Altered, Incompatible, Revision, check, read, recorded_example, revise
from contracts.schemas import data_schema, shape

RECORD = read((Path(__file__).parents[1] / "published.jsonl").read_text().splitlines())
each_revision = pytest.mark.parametrize("revision", RECORD, ids=lambda each: f"{each.type}#{each.number}")

Thing = Annotated[str, Field(examples=["a thing"])]
Count = Annotated[int, Field(examples=[3])]


def said(**fields: Any) -> type[Event]:
    """A declaration of `leads.thing.said.v1` with these fields, without registering it."""
    declared: type[Event] = create_model("ThingSaid", __base__=Event, **({"thing": (Thing, ...)} | fields))
    declared.type, declared.version = "leads.thing.said.v1", 1
    declared.service, declared.topic = "leads", "attain-leads"
    declared.root_field = declared.subject_field = "thing"
    declared.en, declared.zh = "A thing was said", "已说明"
    return declared


FIRST = revise([], [said()])
NOTED = said(count=(Count | None, None))


def test_every_declared_type_is_published_as_it_stands_today() -> None:
    last = {revision.type: revision.shape for revision in RECORD}
    assert last == {type: shape(data_schema(each)) for type, each in contracts.registry().items()}


def test_every_pair_of_revisions_of_a_type_is_compatible_both_ways() -> None:
    check(RECORD)


@each_revision
def test_a_recorded_example_is_readable_by_the_readers_of_today(revision: Revision) -> None:
    received = open_envelope(json.dumps(revision.example).encode())
    assert received.event().type == revision.type
    Draft202012Validator(revision.shape).validate(received.data)


def test_an_optional_field_is_a_new_revision_beside_the_old_one() -> None:
    record = revise(FIRST, [NOTED])
    assert [revision.number for revision in record] == [1, 2]
    assert record[0] == FIRST[0]
    assert recorded_example(record, NOTED)["data"] == {"thing": "a thing", "count": 3}


def test_a_required_field_needs_a_new_version_of_the_type() -> None:
    with pytest.raises(Incompatible, match=r"leads\.thing\.said\.v1 .*\n  /count: required"):
        revise(FIRST, [said(count=(Count, ...))])


def test_a_field_that_returns_with_another_type_breaks_with_the_revision_before_the_last() -> None:
    dropped = revise(revise(FIRST, [NOTED]), [said()])
    with pytest.raises(Incompatible, match="published revision 2"):
        revise(dropped, [said(count=(Thing | None, None))])


def test_an_unchanged_declaration_appends_nothing_and_other_types_are_left_alone() -> None:
    assert revise(FIRST, [said()]) == FIRST
    assert revise([*RECORD, *FIRST], []) == sorted(
        [*RECORD, *FIRST], key=lambda revision: (revision.type, revision.number)
    )


def test_another_example_does_not_replace_the_recorded_one() -> None:
    reworded = said(thing=(Annotated[str, Field(examples=["another thing"])], ...))
    assert example(reworded)["data"] == {"thing": "another thing"}
    assert recorded_example(revise(FIRST, [reworded]), reworded)["data"] == {"thing": "a thing"}


def test_a_record_is_read_back_as_it_was_written_and_an_edited_line_is_noticed() -> None:
    lines = [revision.line() for revision in FIRST]
    assert read(lines) == FIRST
    with pytest.raises(Altered, match="revision 1 is not what was published"):
        read([lines[0].replace("a thing", "b thing")])


def test_what_is_published_first_is_written_as_it_will_be_read_back() -> None:
    published = revise([], contracts.registry().values())
    assert [json.dumps(each.example) for each in published] == [
        json.dumps(each.example) for each in read([each.line() for each in published])
    ]
