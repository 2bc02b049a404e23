"""Every route of every service: without a token, with every role, and as a stranger."""

import inspect
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from starlette.routing import Route

from contracts import Role
from runtime import Issuer, Service
from runtime.documentation import open_routes
from testkit.databases import Databases
from testkit.http import Api, serving
from testkit.operations import Operation

ACCESS = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
GROUPS = {name: {Role(role) for role in roles} for name, roles in ACCESS.pop("roles").items()}
UNKNOWN_PERSON = "0199d1a2-0000-7000-8000-0000000000aa"
UNANSWERED = {"subject_needed", "unknown_customer", "unknown_owner"}
"""Refusals that say the same whether or not the record exists."""

each_service = pytest.mark.parametrize("service", list(ACCESS))


def callers(service: str, operation: Operation) -> set[Role]:
    """The roles that may call an operation."""
    return GROUPS[ACCESS[service][operation.id].split()[0]]


def scoped(service: str, target: Any) -> list[Operation]:
    """The operations that show records to those alone who may see them, as far as representatives may call them."""
    return [
        each
        for each in target.operations
        if ACCESS[service][each.id].endswith(" scoped") and Role.representative in callers(service, each)
    ]


def requests(operation: Operation, target: Any, person: str) -> list[dict[str, str]]:
    """What to ask for: the owner's record, the whole list, and what each filter finds of the owner."""
    if operation.method != "get":
        return [target.known | {"owner_id": person}]
    filters = [each for each in target.filters if each.keys() <= operation.parameters]
    return [target.known, *(target.known | each for each in filters)]


def code(answer: Response) -> Any:
    return answer.json().get("code")


@each_service
async def test_the_table_of_access_lists_every_operation_and_no_other(guarded: Any, service: str) -> None:
    assert sorted(ACCESS[service]) == sorted(each.id for each in guarded[service].operations)


async def opened(api: Api) -> set[str]:
    """The paths that answer anybody, also those that the OpenAPI document does not show."""
    routes = [route for route in api.app.routes if isinstance(route, Route)]
    paths = {route.path for route in routes if "GET" in (route.methods or ())}
    anybody = api.client()
    return {path for path in paths if (await anybody.get(path)).status_code != 401}


@each_service
async def test_the_open_routes_are_the_committed_ones(guarded: Any, service: str) -> None:
    assert await opened(guarded[service].api) == open_routes()


async def test_a_planted_open_route_is_found(databases: Databases, issuer: Issuer, jwks: Path) -> None:
    planted = Service(name="planted", title="Planted")
    async with serving(planted, await databases.clone(), issuer, jwks) as api:
        api.app.add_api_route("/v1/leak", lambda: "seen by anybody", include_in_schema=False)
        assert await opened(api) == {*open_routes(), "/v1/leak"}


@each_service
@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic b3BlcmF0aW9uczo="])
@pytest.mark.capability("S212")
async def test_no_route_answers_without_a_valid_token(guarded: Any, service: str, token: str | None) -> None:
    target = guarded[service]
    client = target.api.client()
    client.headers |= {"Authorization": token} if token else {}
    for operation in target.operations:
        answer = await operation.ask(client, target.known)
        assert (answer.status_code, code(answer)) == (401, "unauthenticated"), operation


@each_service
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.capability("S193", "S212")
async def test_a_role_may_call_what_the_table_says_and_is_refused_the_rest(
    guarded: Any, service: str, role: Role
) -> None:
    """Asked for a record that does not exist, so that nothing changes and no record decides."""
    target = guarded[service]
    client = target.api.client(role, UNKNOWN_PERSON)
    for operation in target.operations:
        answer = await operation.ask(client, {"year": "1999"})
        refused = answer.status_code == 403 and code(answer) == "forbidden"
        assert refused == (role not in callers(service, operation)), (operation, answer.text)
        assert answer.status_code not in (401, 500), (operation, answer.text)


@each_service
@pytest.mark.parametrize("stranger", ["of another team", "unknown to the organisation"])
@pytest.mark.capability("S212")
async def test_a_stranger_finds_no_record_and_no_figure(guarded: Any, service: str, stranger: str) -> None:
    target = guarded[service]
    person = target.stranger if stranger == "of another team" else UNKNOWN_PERSON
    client = target.api.client(Role.representative, person)
    for operation in scoped(service, target):
        for known in requests(operation, target, person):
            answer = await operation.ask(client, known)
            if any(f"{{{name}}}" in operation.path for name in known):
                assert (answer.status_code, code(answer)) == (404, "not_found"), (operation, answer.text)
            elif answer.status_code != 404:
                assert answer.is_success or code(answer) in UNANSWERED, (operation, answer.text)
                untold = [secret for secret in target.secrets if secret not in known.values()]
                assert not [secret for secret in untold if secret in answer.text], (operation, answer.text)


@each_service
async def test_the_owner_is_answered_what_the_stranger_is_not(guarded: Any, service: str) -> None:
    """Shows that what a stranger does not find is there."""
    target = guarded[service]
    owner = target.api.client(Role.representative, target.owner)
    stranger = target.api.client(Role.representative, target.stranger)
    for operation in scoped(service, target):
        if operation.method == "get":
            *_, known = requests(operation, target, target.owner)
            answer, hidden = await operation.ask(owner, known), await operation.ask(stranger, known)
            assert answer.status_code == 200, (operation, answer.text)
            assert answer.text != hidden.text, operation


@pytest.mark.parametrize(
    ("service", "verb", "record"),
    [("opportunities", "win", "opportunity_id"), ("leads", "qualify", "lead_id")],
)
async def test_a_row_of_a_batch_that_names_a_strangers_record_is_not_found(
    guarded: Any, service: str, verb: str, record: str
) -> None:
    target = guarded[service]
    client = target.api.client(Role.representative, target.stranger)
    rows = [{"verb": verb, record: target.known[record]}]
    answer = await client.post(f"/v1/{service}:batch", json={"items": rows})
    [row] = answer.json()["items"]
    assert (answer.status_code, row["status"], row["problem"]["code"]) == (207, 404, "not_found")


@each_service
async def test_no_route_waits_for_a_thread_to_put_its_parameters_together(guarded: Any, service: str) -> None:
    routes = iter_route_contexts(guarded[service].api.app.routes)
    calls = {call for route in routes for call in _dependencies(getattr(route, "dependant", None))}
    assert calls
    assert [call for call in calls if not _runs_here(call)] == []


def _dependencies(dependant: Any) -> list[Any]:
    below = dependant.dependencies if dependant else []
    return [call for each in below for call in (each.call, *_dependencies(each))]


def _runs_here(call: Any) -> bool:
    asked = call if inspect.isroutine(call) else type(call).__call__
    return inspect.iscoroutinefunction(asked) or inspect.isasyncgenfunction(asked)
