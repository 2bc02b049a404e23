"""Where a call connects to, and what becomes of calls that go wrong; over real connections where one is made."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import httpcore2

from alerts.webhooks.calls import ANSWER_MOST, Caller, CheckedNetwork
from alerts.webhooks.rules import Answer, Failure
from testkit.receiving import Receiver, answer, receiving

PUBLIC = "93.184.216.34"


class Names:
    """A name server whose answers change from one question to the next."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0)


class Network(httpcore2.AsyncNetworkBackend):
    """Notes where a connection would go, and makes none."""

    def __init__(self) -> None:
        self.connected: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.connected.append(host)
        raise httpcore2.ConnectError("nobody there")


async def call(network: CheckedNetwork, url: str, *, timeout: float = 15.0) -> Answer:  # noqa: ASYNC109
    async with Caller(network, timeout=timeout) as caller:
        return await caller.call(url, {"webhook-id": "1"}, b"{}")


async def test_a_name_is_asked_once_and_the_connection_goes_to_the_checked_address() -> None:
    names, network = Names([PUBLIC], ["127.0.0.1"]), Network()
    checked = CheckedNetwork(allow_loopback=False, resolve=names.resolve, network=network)
    assert (await call(checked, "https://rebound.example/hook")).failure is Failure.unreachable
    assert (names.asked, network.connected) == (1, [PUBLIC])


async def test_a_name_that_leads_elsewhere_at_the_next_try_is_refused_then() -> None:
    names, network = Names([PUBLIC], ["127.0.0.1"]), Network()
    checked = CheckedNetwork(allow_loopback=False, resolve=names.resolve, network=network)
    await call(checked, "https://rebound.example/hook")
    assert (await call(checked, "https://rebound.example/hook")).failure is Failure.address_refused
    assert network.connected == [PUBLIC]


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    names, network = Names([PUBLIC, "10.0.0.7"]), Network()
    checked = CheckedNetwork(allow_loopback=False, resolve=names.resolve, network=network)
    assert (await call(checked, "https://both.example/hook")).failure is Failure.address_refused
    assert network.connected == []


async def test_every_checked_address_is_tried_before_a_call_fails() -> None:
    names, network = Names([PUBLIC, "8.8.8.8"]), Network()
    checked = CheckedNetwork(allow_loopback=False, resolve=names.resolve, network=network)
    assert (await call(checked, "https://both.example/hook")).failure is Failure.unreachable
    assert network.connected == [PUBLIC, "8.8.8.8"]


async def test_this_machine_is_not_called_by_any_of_its_names(receiver: Receiver) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        url = receiver.url.replace("127.0.0.1", host)
        answered = await call(CheckedNetwork(allow_loopback=False), url)
        assert answered.failure in (Failure.address_refused, Failure.unresolved), host
    assert receiver.received == []


async def test_the_setting_for_development_lets_this_machine_be_called(receiver: Receiver) -> None:
    answered = await call(CheckedNetwork(allow_loopback=True), receiver.url)
    [received] = receiver.received
    assert (answered.status, received.path, received.body) == (204, "/hook", b"{}")
    assert received.headers["host"] == receiver.url.split("/")[2]


async def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [answer(307, f"location: {receiver.url}/elsewhere")]
    answered = await call(CheckedNetwork(allow_loopback=True), receiver.url)
    assert (answered.status, answered.fault) == (307, Failure.refused)
    assert len(receiver.received) == 1


async def test_four_kilobytes_of_an_answer_are_read_and_kept_as_text(receiver: Receiver) -> None:
    receiver.answers = [answer(500, "retry-after: 7", body=b"\0\xff" + b"x" * 1_000_000)]
    answered = await call(CheckedNetwork(allow_loopback=True), receiver.url)
    assert (answered.status, answered.retry_after, len(answered.content)) == (500, "7", ANSWER_MOST)
    assert answered.content.startswith("��xx")


async def test_a_call_that_takes_too_long_is_given_up(receiver: Receiver) -> None:
    receiver.held = asyncio.Event()
    answered = await call(CheckedNetwork(allow_loopback=True), receiver.url, timeout=0.05)
    assert answered.failure is Failure.timed_out
    receiver.held.set()


@asynccontextmanager
async def _speaking_no_tls() -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400))
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_whatever_goes_wrong_with_a_call_has_a_name() -> None:
    loopback = CheckedNetwork(allow_loopback=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert (await call(loopback, f"http://127.0.0.1:{port}/")).failure is Failure.unreachable
    assert (await call(loopback, "https://nobody.invalid/")).failure is Failure.unresolved
    async with _speaking_no_tls() as port:
        assert (await call(loopback, f"https://127.0.0.1:{port}/")).failure is Failure.insecure
    async with receiving() as plain:
        plain.answers = [b"what?\r\n\r\n"]
        assert (await call(loopback, plain.url)).failure is Failure.garbled
