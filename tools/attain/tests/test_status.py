"""How `attain status` words what a service answers."""

import pytest

from attain.commands.status import standing
from attain.instance.probe import Answer
from attain.processes.state import ProcessState, Status
from runtime.health import Readiness

REPORTING = ProcessState(name="reporting", status=Status.ready)


def not_ready(database: str, **stalled: str) -> Answer:
    body = Readiness.model_validate({"status": "not_ready", "database": database, "stalled_workers": stalled})
    return Answer(503, body.model_dump_json().encode())


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer(200, b""), "ready"),
        (None, "not answering"),
        (Answer(500, b"{}"), "answers 500"),
        (not_ready("unreachable"), "not ready: database unreachable"),
        (not_ready("ok", Projector="the log was cut"), "not ready: Projector: the log was cut"),
    ],
)
def test_a_service_stands_as_it_answers(answer: Answer | None, shown: str) -> None:
    assert standing(REPORTING, {"reporting": answer}) == shown


def test_what_is_not_asked_stands_as_the_supervisor_has_it() -> None:
    assert standing(ProcessState(name="kafka", status=Status.starting), {}) == "starting"
