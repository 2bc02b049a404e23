"""What runs beside an API can say that it is stuck, so that its readiness and its metrics do."""

from importlib import import_module

import pytest

from attain.instance.ports import SERVICES
from runtime import Database, Service, Settings
from runtime.service import Watched


@pytest.mark.parametrize("name", SERVICES)
def test_every_worker_of_a_service_says_when_it_is_stuck(name: str) -> None:
    service: Service = import_module(f"{name}.main").service
    settings = Settings()
    workers = service.workers(settings, Database(settings))
    assert workers
    assert [worker for worker in workers if not isinstance(worker, Watched)] == []
