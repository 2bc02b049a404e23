"""HTTP access to the services of an instance, as any front end has it: addresses and a token."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2

from attain.problems import LocalProblem


class ServiceError(LocalProblem):
    """A service refused a request as a whole, or could not be reached; the message is for the terminal."""


class Services:
    """The services by name. `addresses` holds base URLs: `{"targets": "http://127.0.0.1:8101"}`."""

    def __init__(self, addresses: Mapping[str, str], token: str, *, timeout: float = 120.0) -> None:
        self.addresses = dict(addresses)
        self._client = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=timeout)

    async def request(
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """One request; raises `ServiceError` unless the answer is a success."""
        url = self.addresses[service] + path
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            answer = await self._client.request(method, url, json=json, params=given, headers=headers)
        except httpx2.TransportError as error:
            raise ServiceError(f"{service} does not answer at {self.addresses[service]}: {error}") from error
        if answer.status_code >= 400:
            raise ServiceError(f"{method} {url} was refused: {_said(answer)}")
        return answer

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON of a GET."""
        return (await self.request("GET", service, path, params=params)).json()

    async def post(self, service: str, path: str, body: Any, **params: Any) -> Any:
        """The JSON of a POST."""
        return (await self.request("POST", service, path, json=body, params=params)).json()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)


def _said(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
        fields = "; ".join(
            f"{each.get('pointer')}: {each.get('detail')}" for each in problem.get("errors", [])[:5]
        )
        return f"{answer.status_code} {problem['code']}: {problem.get('detail', '')} {fields}".strip()
    except (ValueError, KeyError, AttributeError):
        return f"{answer.status_code} {answer.text[:200]}"
