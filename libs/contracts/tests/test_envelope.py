"""The envelope is CloudEvents 1.0 in structured JSON; its writer is closed, its reader open."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import open_envelope, seal
from contracts.fields import PERSON, TARGET, THING
from contracts.opportunities import CustomerOpened, PipelineDefined
from contracts.targets import TargetWithdrawn

OCCURRED = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=8)))
RECORDED = datetime(2026, 7, 1, 2, 0, 1, tzinfo=UTC)
WITHDRAWN = TargetWithdrawn(target_id=TARGET, reason_code="merged")


def sealed(**changes: Any) -> bytes:
    attributes: dict[str, Any] = {
        "event_id": THING,
        "occurred_at": OCCURRED,
        "recorded_at": RECORDED,
        "sequence": 7,
        "by": str(PERSON),
    }
    return seal(WITHDRAWN, **(attributes | changes))


def test_what_was_sealed_is_read_back() -> None:
    received = open_envelope(sealed(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    assert received.event() == WITHDRAWN
    assert (received.id, received.sequence, received.by) == (THING, 7, str(PERSON))
    assert (received.root, received.subject) == (str(TARGET), str(TARGET))
    assert (received.occurred_at, received.recorded_at) == (OCCURRED, RECORDED)
    assert received.traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_number_is_a_sortable_string_and_instants_are_utc() -> None:
    envelope = json.loads(sealed())
    assert envelope["sequence"] == "00000000000000000007"
    assert (envelope["time"], envelope["recordedtime"]) == ("2026-07-01T02:00:00Z", "2026-07-01T02:00:01Z")
    assert "traceparent" not in envelope


def test_the_bytes_are_compact_json_whatever_stands_in_names_and_texts() -> None:
    strange = 'a "quoted"\\path\n\x1f\u2028\x7f 中文 🙂'
    event = CustomerOpened(
        customer_id=THING, name=strange, sector=None, country=None, parent_id=None, owner_id=PERSON
    )
    raw = seal(event, event_id=THING, occurred_at=OCCURRED, recorded_at=RECORDED, sequence=1, by=strange)
    read = json.loads(raw)
    assert (read["authid"], read["data"]["name"]) == (strange, strange)
    assert raw == json.dumps(read, ensure_ascii=False, separators=(",", ":")).encode()


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        sealed(occurred_at=datetime(2026, 7, 1))  # noqa: DTZ001


def test_a_reader_passes_over_fields_that_it_does_not_know_at_any_depth() -> None:
    stage = {
        "code": "proposal",
        "name_en": "Proposal",
        "name_zh": "报价",
        "probability": "0.5",
        "expected_dwell_days": 14,
        "tomorrow": 1,
    }
    envelope = json.loads(sealed()) | {
        "type": PipelineDefined.type,
        "data": {
            "pipeline": "default",
            "pipeline_version": 1,
            "name_en": "Default",
            "name_zh": "默认",
            "stages": [stage],
            "allows_skip": False,
            "allows_step_back": False,
            "tomorrow": True,
        },
    }
    defined = open_envelope(json.dumps(envelope).encode()).event()
    assert isinstance(defined, PipelineDefined)
    assert [stage.code for stage in defined.stages] == ["proposal"]


def test_data_that_break_the_declaration_are_refused_when_typed() -> None:
    envelope = json.loads(sealed()) | {"data": {"target_id": str(TARGET)}}
    with pytest.raises(ValidationError, match="reason_code"):
        open_envelope(json.dumps(envelope).encode()).event()


@pytest.mark.parametrize("attribute", ["id", "type", "subject", "partitionkey", "sequence", "time", "data"])
def test_an_envelope_without_a_needed_attribute_is_refused_by_its_name(attribute: str) -> None:
    envelope = json.loads(sealed())
    del envelope[attribute]
    with pytest.raises(ValueError, match=attribute):
        open_envelope(json.dumps(envelope).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"\xff"])
def test_bytes_that_are_no_envelope_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not an event envelope"):
        open_envelope(raw)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("sequence", "0"),
        ("sequence", "-1"),
        ("sequence", str(2**63)),
        ("sequence", "9" * 5000),
        ("partitionkey", ""),
        ("partitionkey", "x" * 601),
        ("partitionkey", "a\0b"),
        ("partitionkey", None),
        ("type", "a\0b"),
        ("time", "2026-07-01T10:00:00"),
        ("recordedtime", "0001-01-01T00:00:00+14:00"),
        ("time", "9999-12-31T23:59:59-12:00"),
        ("data", []),
        ("data", None),
    ],
)
def test_what_no_reader_could_write_into_its_books_is_no_event(attribute: str, value: Any) -> None:
    envelope = json.loads(sealed()) | {attribute: value}
    with pytest.raises(ValueError, match="not an event envelope"):
        open_envelope(json.dumps(envelope).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b'{"data": ' + b"[" * 100_000,
        sealed().replace(b'"type":"', b'"type":"\xff'),
        sealed().replace(b'"partitionkey":"', b'"partitionkey":"\\ud800'),
    ],
    ids=["nothing", "null", "too deep", "not UTF-8", "half a character"],
)
def test_any_bytes_are_an_event_or_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not an event envelope"):
        open_envelope(raw)
