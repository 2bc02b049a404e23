"""The event map says who hears what, from what is registered."""

from types import SimpleNamespace

import pytest

from attain.documents import services
from attain.documents.events import event_map
from contracts.targets import PersonHired, PersonLeft, UnitClosed
from messaging import Reactions


def test_an_event_stands_under_its_speaker_with_everybody_who_hears_it() -> None:
    page = event_map([PersonLeft, PersonHired], {"reporting": [PersonHired], "opportunities": [PersonHired]})
    assert "## Said by targets" in page
    hired, left = [line for line in page.splitlines() if line.startswith("| [`targets.person.")]
    assert "| `person_id` | reporting, opportunities | A person joined the company | 员工入职 |" in hired
    assert "| nobody yet |" in left


def test_reactions_and_lists_of_projections_are_heard_and_classes_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reactions = Reactions("leads")

    @reactions.on(PersonLeft)
    async def release(session: object, event: PersonLeft, received: object) -> None: ...

    module = SimpleNamespace(
        reactions=reactions,
        projections=[SimpleNamespace(hears=frozenset({PersonHired}))],
        Reactions=Reactions,
        imported=UnitClosed,
    )
    monkeypatch.setattr(services, "import_module", {"leads.reactions": module}.__getitem__)
    assert services.heard_by("leads") == {PersonLeft, PersonHired}
