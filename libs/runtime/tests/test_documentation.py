"""The OpenAPI document is complete and steady."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from runtime import Router, Service, Settings, create_app, open_routes
from runtime.documentation import OperationNamedTwice


@pytest.fixture
async def paths(client: AsyncClient) -> dict[str, Any]:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    found: dict[str, Any] = document["paths"]
    return found


async def test_an_operation_is_called_like_its_function(paths: dict[str, Any]) -> None:
    assert paths["/v1/books"]["get"]["operationId"] == "list_books"
    assert paths["/v1/books/{book_id}"]["patch"]["operationId"] == "change_pages"


def test_two_operations_of_one_name_are_refused_at_the_start() -> None:
    routers = [Router(prefix="/v1/a"), Router(prefix="/v1/b")]
    for router in routers:

        @router.get("")
        async def list_things() -> None: ...

    with pytest.raises(OperationNamedTwice, match="list_things"):
        create_app(Service(name="x", title="X", routers=routers), Settings())


def test_a_route_is_worked_out_when_somebody_asks_for_it() -> None:
    router = Router(prefix="/v1/things")

    @router.get("")
    async def list_things() -> None: ...

    app = create_app(Service(name="x", title="X", routers=[router]), Settings())
    [route] = router.routes
    assert "dependant" not in vars(route)
    assert "/v1/things" in app.openapi()["paths"]
    assert "dependant" in vars(route)


async def test_problems_are_documented_where_they_can_come(paths: dict[str, Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in paths.items():
        for operation in operations.values():
            if path not in open_routes():
                assert operation["responses"]["401"]["content"] == problem
                assert operation["security"] == [{"bearer": []}]
    patch = paths["/v1/books/{book_id}"]["patch"]["responses"]
    assert {"404", "409", "412", "422", "428"} <= patch.keys()
    assert "428" not in paths["/v1/books"]["post"]["responses"]


async def test_every_post_documents_its_idempotency_key(paths: dict[str, Any]) -> None:
    for operations in paths.values():
        for method, operation in operations.items():
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method == "post")


async def test_a_row_of_a_batch_is_documented_as_what_it_is(client: AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert schemas["Batch_NewBook_"]["properties"]["items"]["items"] == {
        "$ref": "#/components/schemas/NewBook"
    }
    assert schemas["Problem"]["properties"]["errors"]["anyOf"][0]["items"] == {
        "$ref": "#/components/schemas/FieldProblem"
    }
    assert "FieldProblem" in schemas
