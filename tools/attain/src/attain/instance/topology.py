"""What runs in a local instance, and who needs whom."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from attain.instance.layout import Configuration, Instance
from attain.instance.ports import SERVICES
from attain.instance.probe import answers
from attain.parts.kafka import Kafka
from attain.parts.postgres import Postgres
from attain.processes.command import Command
from attain.processes.marks import mark
from attain.processes.supervisor import Node


def topology(
    instance: Instance, configuration: Configuration, postgres: Postgres, kafka: Kafka
) -> list[Node]:
    """Every process and job of the instance, each after what it needs."""
    python = _Python(configuration, instance.jwks, postgres, kafka)
    nodes = [
        Node(postgres.command()),
        Node(kafka.command()),
        Node(python.job("databases", "attain.instance.prepare", "databases"), needs=("postgres",)),
        Node(python.job("topics", "attain.instance.prepare", "topics"), needs=("kafka",)),
    ]
    for service in SERVICES:
        migration = f"migrate-{service}"
        nodes += [
            Node(python.job(migration, service, "migrate", service=service), needs=("databases",)),
            Node(python.service(service), needs=("postgres", "kafka", "topics", migration)),
        ]
    return [_marked(node, instance.home) for node in nodes]


def servers(
    instance: Instance, configuration: Configuration, installed: Path, class_path: Sequence[Path]
) -> tuple[Postgres, Kafka]:
    """The instance's PostgreSQL and Kafka."""
    ports = configuration.ports
    return (
        Postgres(installed, instance.data / "postgres", ports.postgres, configuration.postgres_password),
        Kafka(class_path, instance.data / "kafka", ports.kafka, ports.kafka_controller),
    )


class _Python:
    """Commands of this Python environment with the instance's settings."""

    def __init__(self, configuration: Configuration, jwks: Path, postgres: Postgres, kafka: Kafka) -> None:
        self._ports = configuration.ports.services
        self._jwks = jwks
        self._postgres = postgres
        self._kafka = kafka

    def service(self, service: str) -> Command:
        port = self._ports[service]
        command = self.job(service, service, "serve", "--role", "all", service=service)
        return replace(command, ready=lambda: answers(port, "/readyz"))

    def job(self, name: str, module: str, *arguments: str, service: str | None = None) -> Command:
        environment = {
            "ATTAIN_DATABASE_URL": self._postgres.url(f"attain_{service}" if service else "postgres"),
            "ATTAIN_KAFKA_BOOTSTRAP": self._kafka.bootstrap,
            "ATTAIN_JWKS": str(self._jwks),
        }
        if service:
            environment["ATTAIN_HTTP_PORT"] = str(self._ports[service])
        return Command(name, (sys.executable, "-P", "-m", module, *arguments), environment=environment)


def _marked(node: Node, home: Path) -> Node:
    command = node.command
    return replace(
        node, command=replace(command, environment={**command.environment, **mark(home, command.name)})
    )
