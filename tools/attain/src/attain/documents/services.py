"""The services as the documents see them: their declaration and what each has registered to hear."""

from collections.abc import Iterable
from importlib import import_module

from attain.instance.ports import SERVICES
from contracts import Event
from runtime.service import Service

__all__ = ["SERVICES", "heard_by", "load"]


def load(name: str) -> Service:
    """The declaration in the service's `main.py`. Importing it also declares the service's refusals."""
    service = import_module(f"{name}.main").service
    if not isinstance(service, Service):
        raise TypeError(f"{name}.main.service is no Service")
    return service


def heard_by(name: str) -> frozenset[type[Event]]:
    """The event types for which the service's `reactions.py` lists a reaction or a projection."""
    return frozenset(_hears(vars(import_module(f"{name}.reactions")).values()))


def _hears(listed: Iterable[object]) -> Iterable[type[Event]]:
    for each in listed:
        if isinstance(each, list | tuple):
            yield from _hears(each)
        elif not isinstance(each, type):
            yield from getattr(each, "hears", ())
