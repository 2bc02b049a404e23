"""Calling a webhook: one POST over a connection of its own, to an address that was checked when it was made.

The HTTP core alone: it follows no redirect, keeps no cookie, and reads no proxy from the environment.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

import httpcore2

from alerts.webhooks.rules import Answer, Failure, may_call

TIMEOUT = 15.0
"""Seconds for a whole call: name, connection, request and answer."""

ANSWER_MOST = 4_096
"""Bytes of an answer's body that are kept; the rest is not read."""

type Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""`resolve(host, port)`: all addresses of a host, as text. Raises `OSError` for none."""


class AddressRefused(Exception):
    """The host has an address that must not be called."""


class NameUnknown(Exception):
    """The host has no address."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses that the system knows of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses alone.

    The name is resolved once for each connection, every address is checked, and the connection goes to one of those
    checked: a name that answers differently a moment later (DNS rebinding) is not asked again.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool,
        resolve: Resolve = resolve,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow_loopback, self._resolve = allow_loopback, resolve
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature is the library's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address that takes one. Raises `AddressRefused`, `NameUnknown`."""
        failure: Exception = NameUnknown(host)
        for address in await self._checked(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Waits, as the library asks for."""
        await self._network.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise NameUnknown(host) from error
        if not all(may_call(address, allow_loopback=self._allow_loopback) for address in addresses):
            raise AddressRefused(host)
        return addresses


class Caller:
    """Calls webhooks. To be used as an async context."""

    def __init__(self, network: CheckedNetwork, *, timeout: float = TIMEOUT) -> None:
        # No connection is kept: each try is checked anew.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpcore2.default_ssl_context(),
            network_backend=network,
            max_connections=None,
            max_keepalive_connections=0,
        )
        self._timeout = timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def call(self, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """POSTs the content. Whatever happens to the call is an answer too."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                status, retry_after, body = await self._post(url, headers, content)
        except Exception as error:
            answer = Answer(failure=_failure(error), took=_since(began))
            if answer.failure is None:
                raise
            return answer
        return Answer(status=status, retry_after=retry_after, content=_text(body), took=_since(began))

    async def _post(
        self, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, str | None, bytes]:
        given = {"host": urlsplit(url).netloc, **headers, "content-length": str(len(content))}
        async with self._pool.stream("POST", url, headers=list(given.items()), content=content) as response:
            body = b""
            async for part in response.aiter_stream():
                body += part
                if len(body) >= ANSWER_MOST:
                    break
            found = [value for name, value in response.headers if name.lower() == b"retry-after"]
            return response.status, found[0].decode("latin-1") if found else None, body[:ANSWER_MOST]


def _failure(error: Exception) -> Failure | None:
    match error:
        case AddressRefused():
            return Failure.address_refused
        case NameUnknown():
            return Failure.unresolved
        case TimeoutError() | httpcore2.TimeoutException():
            return Failure.timed_out
        case httpcore2.ConnectError() if any(isinstance(each, ssl.SSLError) for each in _causes(error)):
            return Failure.insecure
        case httpcore2.NetworkError() | OSError():
            return Failure.unreachable
        case httpcore2.ProtocolError():
            return Failure.garbled
        case _:
            return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _text(body: bytes) -> str:
    """As text that can be kept: PostgreSQL knows no U+0000."""
    return body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)
