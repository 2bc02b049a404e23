"""An event type is declared once, and a faulty declaration fails when it is imported."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from pydantic import ValidationError

import contracts
from contracts import Event, UnknownEventType, event, event_class, root_of
from contracts.declaration import REGISTRY, subject_of
from contracts.fields import TARGET, THING
from contracts.targets import TargetWithdrawn


@pytest.fixture(autouse=True)
def _registry_is_left_as_it_was() -> Iterator[None]:
    before = dict(contracts.registry())
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def declare(type: str, root: str = "thing_id", subject: str | None = None) -> type[Event]:
    @event(type, root=root, subject=subject, en="A thing was made", zh="已创建")
    class ThingMade(Event):
        thing_id: UUID
        code: str

    return ThingMade


def test_a_declaration_carries_its_service_topic_and_version() -> None:
    made = declare("leads.thing.made.v2")
    assert (made.service, made.topic, made.version) == ("leads", "attain-leads", 2)
    assert event_class("leads.thing.made.v2") is made


def test_a_type_declared_twice_fails_at_import() -> None:
    declare("leads.thing.made.v1")
    with pytest.raises(TypeError, match="declared twice"):
        declare("leads.thing.made.v1")


@pytest.mark.parametrize(("root", "subject"), [("lead_id", None), ("thing_id", "lead_id")])
def test_a_root_or_subject_that_is_no_field_fails_at_import(root: str, subject: str | None) -> None:
    with pytest.raises(TypeError, match="'lead_id' is no field of ThingMade"):
        declare("leads.thing.made.v1", root, subject)
    assert "leads.thing.made.v1" not in REGISTRY


@pytest.mark.parametrize("type", ["thing.made.v1", "leads.thing.made", "leads.thing.made.v0", "Leads.a.b.v1"])
def test_a_type_that_is_not_service_noun_fact_version_fails_at_import(type: str) -> None:
    with pytest.raises(TypeError, match="is no event type"):
        declare(type)


def test_a_writer_cannot_say_a_field_that_is_not_declared() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        TargetWithdrawn.model_validate({"target_id": TARGET, "reason_code": "merged", "note": "free text"})


def test_an_id_is_a_root_as_it_is_and_a_code_with_its_field_before_it() -> None:
    by_id = declare("leads.thing.made.v1", root="thing_id", subject="code")(thing_id=THING, code="a")  # type: ignore[call-arg]
    assert (root_of(by_id), subject_of(by_id)) == (str(THING), "code:a")


def test_a_type_that_nobody_declared_is_unknown() -> None:
    with pytest.raises(UnknownEventType, match=r"leads\.lead\.captured\.v9"):
        event_class("leads.lead.captured.v9")


def test_the_registry_knows_every_module_and_keys_each_type_by_its_own_name() -> None:
    assert {each.service for each in contracts.registry().values()} >= {"targets", "opportunities"}
    assert all(type == each.type for type, each in contracts.registry().items())
