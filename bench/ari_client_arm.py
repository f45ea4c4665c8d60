"""One arm of the `ari_client` bench in a process of its own: this client, a peer, or a bare socket.

Arguments: arm, ARI port, user. Standard input: the password, then commands, one a line; each is answered
by a line of JSON. `requests COUNT`: ask `asterisk/ping` that often, 64 in flight. `events PORT PASSWORD
COUNT`: connect to an ARI at that port, say `listening`, and take so many events through one handler for
each kind. It runs in two environments: nothing of the product is imported before an arm asks for it.
"""

import asyncio
import base64
import contextlib
import importlib
import json
import logging
import os
import socket
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

IN_FLIGHT = 64
APPLICATION = "bench"
KINDS = (
    "StasisStart",
    "ChannelStateChange",
    "PlaybackStarted",
    "PlaybackFinished",
    "ChannelDtmfReceived",
    "ChannelHangupRequest",
    "StasisEnd",
    "ChannelDestroyed",
)


class Stopwatch:
    """Wall and CPU time of this process."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def result(self, count: int) -> dict[str, float]:
        """Return how many a second, and microseconds of CPU for each."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return {"rate": count / wall, "cpu_us": cpu / count * 1e6}


class Ours:
    """The client under test, through its public interface."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._ari: Any = importlib.import_module("ari")
        self._client = self._new(port, user, password)

    def _new(self, port: int, user: str, password: str) -> Any:
        return self._ari.Client(f"http://127.0.0.1:{port}", user, password, f"{APPLICATION}-ours")

    async def open(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        """Connect; return the request to measure."""
        await stack.enter_async_context(self._client)
        ping: Callable[[], Awaitable[Any]] = self._client.asterisk.ping
        return ping

    async def listen(self, stack: AsyncExitStack, port: int, password: str, note: Callable[[], None]) -> None:
        """Connect elsewhere and call `note` for each event."""
        client = self._new(port, "fake", password)
        for kind in KINDS:
            client.on_event(kind, lambda event: note())
        await stack.enter_async_context(client)


class AriClient:
    """ari-client, as its documentation shows it."""

    def __init__(self, port: int, user: str, password: str) -> None:
        library: Any = importlib.import_module("ari_client")
        logging.disable(logging.WARNING)  # the library logs every request; a peer is measured at its best
        self._new: Any = library.AriClient
        self._client = self._new(host="127.0.0.1", port=port, ari_user=user, ari_password=password)

    async def open(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        """Connect; return the request to measure."""
        await self._client.connect(app=f"{APPLICATION}-ari-client")
        stack.push_async_callback(self._client.disconnect)
        ping: Callable[[], Awaitable[Any]] = self._client.ari.ping
        return ping

    async def listen(self, stack: AsyncExitStack, port: int, password: str, note: Callable[[], None]) -> None:
        """Connect elsewhere and call `note` for each event."""
        client = self._new(host="127.0.0.1", port=port, ari_user="fake", ari_password=password)

        async def handler(event: Any) -> None:
            note()

        for kind in KINDS:
            client.on_event(kind)(handler)
        await client.connect(app=f"{APPLICATION}-ari-client")
        stack.push_async_callback(client.disconnect)


class Aioari:
    """aioari."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._library: Any = importlib.import_module("aioari")
        self._arguments = (f"http://127.0.0.1:{port}/", user, password)

    async def open(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        """Connect; return the request to measure."""
        client = await self._library.connect(*self._arguments)
        stack.push_async_callback(client.close)
        ping: Callable[[], Awaitable[Any]] = client.asterisk.ping
        return ping


class Asyncari:
    """asyncari."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._library: Any = importlib.import_module("asyncari")
        self._arguments = (f"http://127.0.0.1:{port}/", f"{APPLICATION}-asyncari", user, password)

    async def open(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        """Connect; return the request to measure."""
        client = await stack.enter_async_context(self._library.connect(*self._arguments))
        ping: Callable[[], Awaitable[Any]] = client.asterisk.ping
        return ping


class RawSocket:
    """A blocking socket that sends one prepared frame again and again and reads no answer's text."""

    def __init__(self, port: int, user: str, password: str) -> None:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(
            f"GET /ari/events?app={APPLICATION}-raw HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Authorization: Basic {token}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._socket.recv(4096)
        if b" 101 " not in head:
            raise ConnectionError(head.decode("latin-1"))
        text = b'{"type":"RESTRequest","request_id":"1","method":"GET","uri":"asterisk/ping"}'
        self._frame = bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text  # masked with zero: unchanged

    def requests(self, count: int) -> dict[str, float]:
        """Ask so often and return the figures."""
        watch = Stopwatch()
        sent, answered, buffer = IN_FLIGHT, 0, b""
        self._socket.sendall(self._frame * IN_FLIGHT)
        while answered < count:
            buffer += self._socket.recv(262_144)
            whole, buffer = split(buffer)
            answered += whole
            again = min(whole, count - sent)
            if again > 0:
                self._socket.sendall(self._frame * again)
                sent += again
        return watch.result(count)


ARMS: dict[str, Any] = {
    "ours": Ours,
    "ari_client": AriClient,
    "aioari": Aioari,
    "asyncari": Asyncari,
}


def split(buffer: bytes) -> tuple[int, bytes]:
    """Return how many whole frames a buffer begins with, and the rest."""
    whole = start = 0
    while len(buffer) - start >= 10:
        size, head = buffer[start + 1], 2
        if size == 126:
            (size,), head = struct.unpack_from("!H", buffer, start + 2), 4
        if start + head + size > len(buffer):
            break
        start += head + size
        whole += 1
    return whole, buffer[start:]


async def _requests(ask: Callable[[], Awaitable[Any]], count: int) -> dict[str, float]:
    async def worker() -> None:
        for _ in range(count // IN_FLIGHT):
            await ask()

    watch = Stopwatch()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return watch.result(count // IN_FLIGHT * IN_FLIGHT)


async def _events(arm: Any, port: int, password: str, count: int) -> dict[str, float]:
    done = asyncio.Event()
    seen = 0
    watch: Stopwatch | None = None

    def note() -> None:
        nonlocal seen, watch
        if watch is None:
            watch = Stopwatch()
        seen += 1
        if seen == count:
            done.set()

    async with AsyncExitStack() as stack:
        await arm.listen(stack, port, password, note)
        print("listening", flush=True)
        await asyncio.wait_for(done.wait(), 60)
        assert watch is not None  # noqa: S101 - the first event set it
        return watch.result(count - 1)


async def _serve(arm: Any) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        ask = await arm.open(stack)
        print("ready", flush=True)
        while words := (await loop.run_in_executor(None, sys.stdin.readline)).split():
            if words[0] == "requests":
                answer = await _requests(ask, int(words[1]))
            else:
                answer = await _events(arm, int(words[1]), words[2], int(words[3]))
            print(json.dumps(answer), flush=True)


def main() -> None:
    """Run the arm until standard input ends."""
    name, port, user = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    password = sys.stdin.readline().strip()
    if name == "raw":
        raw = RawSocket(port, user, password)
        print("ready", flush=True)
        while words := sys.stdin.readline().split():
            print(json.dumps(raw.requests(int(words[1]))), flush=True)
        return
    try:
        arm = ARMS[name](port, user, password)
    except ImportError as error:
        print(f"not importable: {error}", flush=True)
        return
    with contextlib.suppress(KeyboardInterrupt):
        importlib.import_module("uvloop").run(_serve(arm))


if __name__ == "__main__":
    main()
