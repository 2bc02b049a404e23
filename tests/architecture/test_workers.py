"""What runs beside an API is set by the environment, and says when it is stuck, so that readiness and metrics do."""

from importlib import import_module

import pytest

from attain.instance.ports import SERVICES
from runtime import Database, Service
from runtime.service import Watched


@pytest.mark.parametrize("name", SERVICES)
def test_the_event_path_of_a_service_is_set_by_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTAIN_STALLED_AFTER", "7")
    service: Service = import_module(f"{name}.main").service
    assert service.settings().model_dump()["stalled_after"] == 7.0


@pytest.mark.parametrize("name", SERVICES)
def test_every_worker_of_a_service_says_when_it_is_stuck(name: str) -> None:
    service: Service = import_module(f"{name}.main").service
    settings = service.settings()
    workers = service.workers(settings, Database(settings))
    assert workers
    assert [worker for worker in workers if not isinstance(worker, Watched)] == []
