"""One running instance for the tests that walk the whole line: processes as in production."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from attain.access import connect
from attain.client import Services
from attain.instance.layout import Instance
from attain.instance.lifecycle import bring_up, take_down
from attain.processes.logs import tail
from testkit.servers import open_folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows how the logs of its instance end: the instance is gone when somebody looks."""
    report = yield
    if report.failed and isinstance(failed := item.funcargs.get("instance"), Instance):
        report.sections.extend((log.name, tail(log)) for log in sorted(failed.logs.glob("*.log")))
    return report


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    """PostgreSQL, Kafka and the services under their supervisor, in a folder of their own."""
    with open_folder() as folder:
        instance = Instance(folder / "home")
        try:
            bring_up(instance, told=lambda process: None)
            yield instance
        finally:
            take_down(instance)


@pytest.fixture
async def services(instance: Instance) -> AsyncIterator[Services]:
    """The instance's services, called by operations."""
    async with connect(instance) as services:
        yield services


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return Path(__file__).parents[2]
