"""A relay in front of ARI that cuts the connection to Asterisk, also so that orders or answers are lost."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

HOST = "127.0.0.1"


class Cut(StrEnum):
    """How a connection goes."""

    BOTH = "both"  # at once
    ANSWERS_LOST = "answers_lost"  # what is ordered is carried out, and nobody is told
    ORDERS_LOST = "orders_lost"  # what is ordered never arrives


class Relay:
    """`await open()`; connections to `port` go on to `to`."""

    def __init__(self, port: int, to: int) -> None:
        self._port, self._to = port, to
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, HOST, self._port)

    async def close(self) -> None:
        """End everything."""
        self._open.set()
        for link in list(self._links):
            link.cut()
        if self._server is not None:
            self._server.close()

    @property
    def links(self) -> int:
        """Return how many connections there are."""
        return len(self._links)

    async def cut(self, how: Cut, deaf: float, away: float) -> int:
        """Lose what goes the named way for `deaf` seconds, cut, and let nobody in for `away` seconds.

        Returns how many connections were cut.
        """
        links = list(self._links)
        if how is not Cut.BOTH:
            for link in links:
                link.lose(orders=how is Cut.ORDERS_LOST)
            await asyncio.sleep(deaf)
        self._open.clear()
        for link in links:
            link.cut()
        await asyncio.sleep(away)
        self._open.set()
        return len(links)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open.is_set():
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._to)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(reader, writer, far_reader, far_writer, self._gone)
        self._links.add(link)

    def _gone(self, link: "_Link") -> None:
        self._links.discard(link)


class _Link:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
        gone: Callable[["_Link"], None],
    ) -> None:
        self._writers, self._gone = (writer, far_writer), gone
        self._lost = {"orders": False, "answers": False}
        ways = (("orders", reader, far_writer), ("answers", far_reader, writer))
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._pass(*way)) for way in ways]

    def lose(self, *, orders: bool) -> None:
        """Pass on no more of one way."""
        self._lost["orders" if orders else "answers"] = True

    def cut(self) -> None:
        """Cut both sides without a word."""
        self._gone(self)
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()

    async def _pass(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                if not self._lost[name]:
                    writer.write(data)
        self._gone(self)
        for one in self._writers:
            one.close()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
