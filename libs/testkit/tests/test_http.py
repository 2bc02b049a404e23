"""A service is asked over HTTP as somebody, or as nobody."""

from collections.abc import Awaitable, Callable

from contracts.roles import Role
from runtime import Service
from testkit.http import Api

EMPTY = Service(name="empty", title="A service without rooms")


async def test_a_client_shows_who_asks(serve: Callable[..., Awaitable[Api]]) -> None:
    api = await serve(EMPTY)
    answer = await api.client(Role.manager, "0199d1a2-0000-7000-8000-00000000abcd").get("/v1/me")
    assert (answer.status_code, answer.json()["role"]) == (200, "manager")
    assert answer.json()["id"] == "0199d1a2-0000-7000-8000-00000000abcd"


async def test_a_client_without_a_role_shows_nothing(serve: Callable[..., Awaitable[Api]]) -> None:
    api = await serve(EMPTY)
    assert (await api.client().get("/v1/me")).status_code == 401
