"""What runs in a local instance, and who needs whom."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from attain.instance.layout import Configuration, Instance
from attain.instance.probe import answers
from attain.parts.kafka import Kafka
from attain.parts.postgres import Postgres
from attain.processes.command import Command
from attain.processes.marks import mark
from attain.processes.supervisor import Node

_PYTHON = (sys.executable, "-P", "-m")


def topology(
    instance: Instance,
    configuration: Configuration,
    postgres: Postgres,
    kafka: Kafka,
    services: Collection[str],
) -> list[Node]:
    """Every process and job of the instance, each after what it needs. Services make their topics themselves."""
    shared = {
        "ATTAIN_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "ATTAIN_JWKS": str(instance.jwks),
        # Who tries webhooks out has their own receiver on this machine.
        "ATTAIN_WEBHOOK_ALLOW_LOOPBACK": "true",
    }
    prepare = Command(
        name="prepare",
        argv=(*_PYTHON, "attain.instance.prepare"),
        environment={**shared, "ATTAIN_SERVER": postgres.url("", driver="postgresql").rstrip("/")},
    )
    commands = [
        _service(name, port, {**shared, "ATTAIN_DATABASE_URL": postgres.url(f"attain_{name}")})
        for name, port in configuration.ports.services.items()
        if name in services
    ]
    nodes = [
        Node(postgres.command()),
        Node(kafka.command()),
        Node(prepare, needs=("postgres",)),
        *(Node(command, needs=("postgres", "kafka", "prepare")) for command in commands),
    ]
    return [replace(node, command=_marked(node.command, instance.home)) for node in nodes]


def servers(
    instance: Instance, configuration: Configuration, installed: Path, class_path: Sequence[Path]
) -> tuple[Postgres, Kafka]:
    """The instance's PostgreSQL and Kafka."""
    ports = configuration.ports
    return (
        Postgres(installed, instance.data / "postgres", ports.postgres, configuration.postgres_password),
        Kafka(class_path, instance.data / "kafka", ports.kafka, ports.kafka_controller),
    )


def _service(name: str, port: int, environment: dict[str, str]) -> Command:
    return Command(
        name=name,
        argv=(*_PYTHON, name, "serve", "--role", "all"),
        ready=lambda: answers(port, "/readyz"),
        environment={**environment, "ATTAIN_HTTP_PORT": str(port)},
    )


def _marked(command: Command, home: Path) -> Command:
    return replace(command, environment={**command.environment, **mark(home, command.name)})
