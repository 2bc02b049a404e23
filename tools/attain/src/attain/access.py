"""How commands reach an instance as a caller: its addresses, and a token from the development issuer."""

from datetime import timedelta

from attain.client import Services
from attain.instance.layout import Instance
from attain.problems import LocalProblem
from contracts import Role
from runtime import Settings
from runtime.tokens import Issuer

COMMAND_LINE = "attain-cli"
"""Whom the ledger names for what the commands write."""


class InstanceNotSetUp(LocalProblem):
    """The instance was never brought up."""


def issue_token(
    instance: Instance, role: Role, *, subject: str = COMMAND_LINE, lifetime: timedelta = timedelta(hours=12)
) -> str:
    """A token of the instance's development issuer. Raises `IssuerRefused` under a production setting."""
    if not instance.issuer_key.exists():
        raise InstanceNotSetUp(f"There is no issuer in {instance.home}: run `attain up` first.")
    return Issuer.load(instance.issuer_key, Settings()).issue(subject, role, lifetime=lifetime)


def addresses(instance: Instance) -> dict[str, str]:
    """The base URL of each service of the instance."""
    configuration = instance.configuration()
    if configuration is None:
        raise InstanceNotSetUp(f"There is no instance in {instance.home}: run `attain up` first.")
    return {name: f"http://127.0.0.1:{port}" for name, port in configuration.ports.services.items()}


def connect(instance: Instance, role: Role = Role.operations) -> Services:
    """The instance's services, called in a role."""
    return Services(addresses(instance), issue_token(instance, role))
