"""TCP links that the harness can cut, silence and delay: between services and servers, and between clients and APIs.

They run in a thread of their own, so that nothing that waits in the harness slows the traffic down.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

CHUNK = 65_536


class Mode(StrEnum):
    """What a link does with bytes and with new connections."""

    open = "open"
    refusing = "refusing"
    """Nobody is there: connections end at once."""
    silent = "silent"
    """Half open: the connection stands and nothing comes through."""
    slow = "slow"
    """Every piece is held up for `Link.delay` seconds."""


class Link:
    """A port that leads to another port of this machine."""

    def __init__(self, name: str, target: int) -> None:
        self.name, self.target, self.port = name, target, 0
        self.mode, self.delay = Mode.open, 0.0
        self.lost = 0
        """How many answers were thrown away by `lose`."""
        self._losing = 0
        self._ways: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listens on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listens no more."""
        if self._server:
            self._server.close()
        await self.cut()

    async def turn(self, mode: Mode, delay: float = 0.0) -> None:
        """Changes the mode. What was silent ends with a reset, since bytes are missing in it."""
        if self.mode is Mode.silent or mode is Mode.refusing:
            await self.cut()
        self.mode, self.delay = mode, delay

    async def cut(self) -> None:
        """Resets every connection."""
        for writer in list(self._ways):
            writer.transport.abort()

    async def lose(self, answers: int) -> None:
        """Throws the next so many answers away, after the server has sent them, and resets their connections."""
        self._losing = answers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.refusing:
            writer.transport.abort()
            return
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._ways |= {writer, their_writer}
        try:
            there = asyncio.create_task(self._pump(reader, their_writer, answers=False))
            back = asyncio.create_task(self._pump(their_reader, writer, answers=True))
            _, rest = await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for way in rest:
                way.cancel()
        finally:
            self._ways -= {writer, their_writer}
            for each in (writer, their_writer):
                each.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if self.mode is Mode.silent:
                    continue
                if self.mode is Mode.slow:
                    await asyncio.sleep(self.delay)
                if answers and self._losing > 0:
                    self._losing -= 1
                    self.lost += 1
                    return
                writer.write(data)
                await writer.drain()


class Network:
    """All links of a run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self.links: dict[str, Link] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        for link in self.links.values():
            self._do(link.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def link(self, name: str, target: int) -> Link:
        """The link of that name, made if there is none."""
        if name not in self.links:
            link = Link(name, target)
            self._do(link.open())
            self.links[name] = link
        return self.links[name]

    def turn(self, link: Link, mode: Mode, delay: float = 0.0) -> None:
        """Changes a link's mode."""
        self._do(link.turn(mode, delay))

    def cut(self, link: Link) -> None:
        """Resets every connection of a link."""
        self._do(link.cut())

    def lose(self, link: Link, answers: int) -> None:
        """Throws the next answers of a link away."""
        self._do(link.lose(answers))

    def heal(self) -> None:
        """Opens everything."""
        for link in self.links.values():
            self._do(link.lose(0))
            if link.mode is not Mode.open:
                self._do(link.turn(Mode.open))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=5)
