"""The PostgreSQL and the Kafka that a test session runs on: the real ones, each in a folder that goes with it."""

import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attain.instance.ports import is_free
from attain.parts.cache import ensure_kafka, ensure_postgres
from attain.parts.kafka import Kafka
from attain.parts.postgres import Postgres
from attain.processes.command import Command
from attain.settings import LocalSettings

_NOTHING_IS_KEPT = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "file_copy_method": "clone",
}

_PORTS = 10_000, 20_000
"""Above them follow those of local instances."""


class ServerNotReady(Exception):
    """A server did not come up; the message holds the end of its log."""


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that trades safety after a crash for speed."""
    installed = ensure_postgres(LocalSettings())
    with open_folder() as folder:
        password = secrets.token_urlsafe(16)
        server = Postgres(installed, folder / "data", free_port(), password, _NOTHING_IS_KEPT)
        server.create()
        with running(server.command(), folder):
            yield server


@contextmanager
def running_kafka() -> Iterator[Kafka]:
    """A Kafka node without topics."""
    class_path = ensure_kafka(LocalSettings())
    with open_folder() as folder:
        server = Kafka(class_path, folder / "data", free_port(), free_port(), heap_mb=384)
        server.create()
        with running(server.command(), folder):
            yield server


def free_port() -> int:
    """A loopback port that nobody uses now, below those that systems give to outgoing connections: a server that is
    started again on one of those may find it taken by somebody's connection."""
    while not is_free(port := random.randrange(*_PORTS)):
        pass
    return port


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder for servers: unlike pytest's, it lets the user through that root runs PostgreSQL as."""
    folder = Path(tempfile.mkdtemp(prefix="attain-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: Command, folder: Path, timeout: float = 60.0) -> Iterator[None]:
    """Run a server while the block lasts; its log goes to the folder."""
    log = folder / f"{command.name}.log"
    process = command.start(log)
    try:
        deadline = time.monotonic() + timeout
        while not (command.ready and command.ready()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerNotReady(
                    f"{command.name} did not come up. Its log ends:\n{log.read_text()[-4000:]}"
                )
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(command.stop_signal)
        process.wait()
