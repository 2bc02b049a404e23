"""HTTP access to the services of an instance, as any front end has it: addresses and a token."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2

from attain.problems import LocalProblem


class ServiceError(LocalProblem):
    """A service refused a request as a whole, or could not be reached; the message is for the terminal."""


class ServiceAway(ServiceError):
    """A service does not answer, or says that it cannot just now: the same request may succeed in `seconds`."""

    def __init__(self, message: str, seconds: float = 1.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class Services:
    """The services by name. `addresses` holds base URLs: `{"targets": "http://127.0.0.1:8101"}`."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        token: str,
        *,
        timeout: float = 120.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` stands for the network, over HTTP unless given."""
        self.addresses = dict(addresses)
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx2.AsyncClient(headers=headers, timeout=timeout, transport=transport)

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
        """One request; raises `ServiceError` unless the answer is a success, `ServiceAway` where it may be later."""
        url = self.addresses[service] + path
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            answer = await self._client.request(method, url, json=json, params=given, headers=headers)
        except httpx2.TransportError as error:
            raise ServiceAway(f"{service} does not answer at {self.addresses[service]}: {error}") from error
        if answer.status_code in _LATER:
            raise ServiceAway(f"{method} {url} was refused: {_said(answer)}", _retry_after(answer))
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


_LATER = {429, 502, 503, 504}


def _retry_after(answer: httpx2.Response) -> float:
    """Seconds; a date, as a proxy may send one, counts as one."""
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else 1.0


def _said(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
        fields = "; ".join(
            f"{each.get('pointer')}: {each.get('detail')}" for each in problem.get("errors", [])[:5]
        )
        return f"{answer.status_code} {problem['code']}: {problem.get('detail', '')} {fields}".strip()
    except (ValueError, KeyError, AttributeError):
        return f"{answer.status_code} {answer.text[:200]}"
