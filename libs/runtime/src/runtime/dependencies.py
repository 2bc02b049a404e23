"""Dependencies that only put a request's parts together."""

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any


def at_once[T](make: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    """The class or function as a dependency that is called where the request runs. FastAPI hands whatever is not
    declared `async` to a thread and back, which costs more than these take: `make` must neither wait nor work long.
    """

    @wraps(make, updated=())
    async def made(**parts: Any) -> T:
        return make(**parts)

    made.__signature__ = inspect.signature(make)  # type: ignore[attr-defined]
    return made
