"""Many agents' pages in a process of their own: each listens to its events and fetches the card of its call.

Standard input: one line of JSON (`port`, `browser`, `cookies`), and a line when they are to end. Standard
output: a line when every page has its first state, then a line of JSON for what each page saw. Times are
of the wall clock, as the product's record has them.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

HOST = "127.0.0.1"


@dataclass(slots=True)
class Seen:
    """What one page saw."""

    states: list[tuple[float, str, str]] = field(default_factory=list)  # arrival, observed, call id
    cards: list[tuple[str, float, float, int]] = field(default_factory=list)  # call, asked, there, status
    closed: str = ""  # the connection ended, and how


class Page:
    """One agent's page, as far as a network sees it."""

    def __init__(self, port: int, browser: str, cookie: str) -> None:
        self.seen = Seen()
        self.ready = asyncio.Event()
        self._port = port
        self._headers = (
            f"Host: {HOST}:{port}\r\nUser-Agent: {browser}\r\nCookie: kring_session={cookie}\r\n"
            "Connection: keep-alive\r\n"
        )
        self._card = ""  # of which call the card was asked for
        self._lane: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Read events until the connection ends."""
        try:
            reader, writer = await asyncio.open_connection(HOST, self._port)
            writer.write(self._get("/api/desk/events", "text/event-stream"))
            status, headers = await _head(reader)
            if status != 200 or headers.get("transfer-encoding") != "chunked":
                raise ValueError(f"status {status}")  # noqa: TRY301 - ends as a broken connection does
            pending = b""
            while chunk := await _chunk(reader):
                *events, pending = (pending + chunk).split(b"\n\n")
                for event in events:
                    self._told(event)
            self.seen.closed = "ended by the service"
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            self.seen.closed = f"{type(error).__name__}: {error}"
        finally:
            self.ready.set()

    def _told(self, event: bytes) -> None:
        at = time.time()
        fields = dict(line.partition(b": ")[::2] for line in event.split(b"\n"))
        if fields.get(b"event") != b"state":
            return
        state = json.loads(fields[b"data"])
        call = (state["call"] or {}).get("call_id", "")
        self.seen.states.append((at, state["observed"], call))
        self.ready.set()
        if state["observed"] == "offered" and call and call != self._card:
            self._card = call
            task = asyncio.get_running_loop().create_task(self._fetch(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fetch(self, call: str) -> None:
        asked = time.time()
        used_before = self._lane is not None
        status = await self._card_of(call)
        if not status and used_before:  # the service had let the idle connection go
            status = await self._card_of(call)
        self.seen.cards.append((call, asked, time.time(), status))

    async def _card_of(self, call: str) -> int:
        """Fetch a card on the page's other connection; return the status, 0: the connection ended."""
        try:
            if self._lane is None:
                self._lane = await asyncio.open_connection(HOST, self._port)
            reader, writer = self._lane
            writer.write(self._get(f"/api/calls/{call}/card", "text/html", "HX-Request: true\r\n"))
            status, headers = await _head(reader)
            await _body(reader, headers)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            self._lane = None
            return 0
        return status

    def _get(self, path: str, accept: str, more: str = "") -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._headers}Accept: {accept}\r\n{more}\r\n".encode()


async def _head(reader: asyncio.StreamReader) -> tuple[int, Mapping[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":")[::2] for line in lines if line)
    return int(first.split()[1]), {name.lower(): value.strip() for name, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> None:
    if headers.get("transfer-encoding") == "chunked":
        while await _chunk(reader):
            pass
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
    return (await reader.readexactly(length + 2))[:-2]


async def main() -> None:
    """Run pages until standard input says that it is enough."""
    loop = asyncio.get_running_loop()
    asked: dict[str, Any] = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    pages = [Page(asked["port"], asked["browser"], cookie) for cookie in asked["cookies"]]
    listening = [loop.create_task(page.listen()) for page in pages]
    for page in pages:
        await page.ready.wait()
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for page in pages:
        print(json.dumps(asdict(page.seen)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
