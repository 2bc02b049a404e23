"""The services as the documents see them: their declaration and what each has registered to hear."""

from importlib import import_module

from attain.instance.ports import SERVICES
from contracts import Event
from runtime import Database, Service

__all__ = ["SERVICES", "heard_by", "load"]


def load(name: str) -> Service:
    """The declaration in the service's `main.py`. Importing it also declares the service's refusals."""
    service = import_module(f"{name}.main").service
    if not isinstance(service, Service):
        raise TypeError(f"{name}.main.service is no Service")
    return service


def heard_by(service: Service) -> frozenset[type[Event]]:
    """The event types that the service's workers hear: those with a reaction or a projection.

    The workers are made and not run, so nothing connects to anything.
    """
    settings = service.settings.model_construct()
    workers = service.workers(settings, Database(settings))
    return frozenset(event for worker in workers for event in getattr(worker, "hears", ()))
