"""How commands reach an instance as a caller: its addresses, and a token from the development issuer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import quote

import asyncpg
from pydantic import ValidationError

from attain.client import Services
from attain.instance.layout import Configuration, Instance
from attain.instance.ports import SERVICES
from attain.parts.postgres import SUPERUSER
from attain.problems import LocalProblem
from contracts import Role
from messaging import Projector
from runtime import Database, Service, Settings
from runtime.tokens import Issuer, IssuerRefused

COMMAND_LINE = "attain-cli"
"""Whom the ledger names for what the commands write."""


class InstanceNotSetUp(LocalProblem):
    """The instance was never brought up."""


class SettingsRefused(LocalProblem):
    """The environment holds settings that the services refuse."""


class UnknownService(LocalProblem):
    """There is no service of that name."""


def require_known(service: str) -> None:
    """Raises `UnknownService` for a name that no service has."""
    if service not in SERVICES:
        raise UnknownService(f"There is no service {service!r}; choose from {', '.join(SERVICES)}.")


def issue_token(
    instance: Instance, role: Role, *, subject: str = COMMAND_LINE, lifetime: timedelta = timedelta(hours=12)
) -> str:
    """A token of the instance's development issuer. Raises `SettingsRefused` under a production setting."""
    if not instance.issuer_key.exists():
        raise InstanceNotSetUp(f"There is no issuer in {instance.home}: run `attain up` first.")
    try:
        return Issuer.load(instance.issuer_key, _settings(Settings)).issue(subject, role, lifetime=lifetime)
    except IssuerRefused as error:
        raise SettingsRefused(str(error)) from error


def addresses(instance: Instance) -> dict[str, str]:
    """The base URL of each service of the instance."""
    return {name: f"http://127.0.0.1:{port}" for name, port in _configured(instance).ports.services.items()}


def connect(instance: Instance, role: Role = Role.operations) -> Services:
    """The instance's services, called in a role."""
    return Services(addresses(instance), issue_token(instance, role))


def service_settings(instance: Instance, service: str, kind: type[Settings] = Settings) -> Settings:
    """The settings that a service of the instance runs with, as far as its data are concerned; of the service's own
    `kind` where a part of it is to be run."""
    require_known(service)
    configuration = _configured(instance)
    password = quote(configuration.postgres_password, safe="")
    return _settings(
        kind,
        database_url=(
            f"postgresql+asyncpg://{SUPERUSER}:{password}@127.0.0.1:{configuration.ports.postgres}/attain_{service}"
        ),
        kafka_bootstrap=f"127.0.0.1:{configuration.ports.kafka}",
    )


@asynccontextmanager
async def database(instance: Instance, service: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a service's database."""
    try:
        connection = await asyncpg.connect(service_settings(instance, service).database_dsn)
    except (OSError, asyncpg.PostgresError) as error:
        raise InstanceNotSetUp(
            f"PostgreSQL of {instance.home} does not answer: run `attain up`. ({error})"
        ) from error
    try:
        yield connection
    finally:
        await connection.close()


async def require_running(instance: Instance, service: str) -> None:
    """Raises `InstanceNotSetUp` where nothing runs, `UnknownService` for no service."""
    async with database(instance, service):
        return


def projectors(instance: Instance, service: str) -> list[Projector]:
    """The projections that a service keeps."""
    require_known(service)
    declared: Service = import_module(f"{service}.main").service
    settings = service_settings(instance, service, declared.settings)
    workers = declared.workers(settings, Database(settings))
    return [worker for worker in workers if isinstance(worker, Projector)]


def _settings[S: Settings](kind: type[S], **given: Any) -> S:
    try:
        return kind(**given)
    except ValidationError as error:
        faults = (f"{_variable(each['loc'])}{each['msg']}" for each in error.errors())
        raise SettingsRefused("\n".join(faults)) from error


def _variable(place: tuple[int | str, ...]) -> str:
    return f"ATTAIN_{place[0]}: ".upper() if place else ""


def _configured(instance: Instance) -> Configuration:
    configuration = instance.configuration()
    if configuration is None:
        raise InstanceNotSetUp(f"There is no instance in {instance.home}: run `attain up` first.")
    return configuration
