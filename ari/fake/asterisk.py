"""The fake Asterisk's front: HTTP and the event WebSocket on one port."""

import asyncio
import base64
import json
import secrets
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import h11

from ari.fake import frames
from ari.fake.operations import FakeOperations
from ari.fake.rules import NoSuchRequest, check
from ari.fake.world import FakeChannel, FakePhone, FakePlayback, World


class FakeAsterisk:
    """An Asterisk without sound. Use it as an asynchronous context manager.

    `playback_seconds` is how long each sound lasts; None: until `FakePhone.listen` or a stop.
    """

    def __init__(self, *, playback_seconds: float | None = None) -> None:
        self.username = "fake"
        self.password = secrets.token_hex(8)
        self.url = ""  # known once started
        self.world = World(self._tell)
        self.requests: list[str] = []  # "POST channels/ID/answer", in order
        self.silent = False  # swallow requests: they are carried out, and never answered
        self.deaf = False  # answer no pings
        self.delays: dict[str, float] = {}  # "POST channels/ID/variable" → seconds its lane is held up
        self.numbers: dict[str, str] = {}  # number → application, for Local/NUMBER@CONTEXT
        self.phones: dict[str, FakePhone] = {}  # who was called by originate, by channel id
        self._playback_seconds = playback_seconds
        self.world.on_playing = self._playing
        self._operations = FakeOperations(self.world, self._called)
        self._sockets: dict[str, asyncio.StreamWriter] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a free loopback port; again on the same one after `stop`."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Stop listening and cut all connections; the calls stay."""
        if self._server is not None:
            self._server.close()
            self.cut()
            await asyncio.gather(*self._connections, return_exceptions=True)
            await self._server.wait_closed()

    def cut(self) -> None:
        """Cut all connections without a goodbye; the calls stay."""
        for task in self._connections:
            task.cancel()
        self._sockets.clear()
        self.world.applications.clear()

    def call(self, app: str, *args: str, caller: str = "") -> FakePhone:
        """Let somebody call in: a new channel enters an application with these arguments.

        Without a client that serves the application, the call ends.
        """
        channel = self.world.new_channel(caller=caller)
        phone = FakePhone(self.world, channel)
        self.world.enter_or_end(channel, app, args)
        return phone

    def send_raw(self, app: str, data: bytes) -> None:
        """Send bytes as they are on an application's socket."""
        self._sockets[app].write(data)

    def _called(self, channel: FakeChannel, number: str, other_id: str) -> None:
        """Originate called somebody: a number of this Asterisk's own, or a phone that answers at once."""
        self.phones[channel.id] = FakePhone(self.world, channel)
        self.world.tell_channel(channel, {"type": "Dial", "dialstatus": "", "peer": channel.json()})
        if not number:
            self.world.answer(channel)
            return
        other = self.world.new_channel(other_id, exten=number)
        channel.other, other.other = other, channel
        self.world.enter_or_end(other, self.numbers.get(number, ""), ("new", number))

    def _playing(self, playback: FakePlayback) -> None:
        if self._playback_seconds is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(self._playback_seconds, self._played, playback, playback.at)

    def _played(self, playback: FakePlayback, at: int) -> None:
        if playback.state == "playing" and playback.at == at:
            self.world.sound_ended(playback)

    def _tell(self, app: str, event: dict[str, Any]) -> None:
        writer = self._sockets.get(app)
        hidden = self.world.applications.get(app, {}).get("disallowed", [])
        if writer is not None and {"type": event["type"]} not in hidden:
            full = event | {"asterisk_id": "fake", "application": app}
            writer.write(frames.frame(json.dumps(full).encode()))

    # Connections

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, h11.RemoteProtocolError):
            pass  # the client went away, as clients do
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        http = h11.Connection(h11.SERVER)
        http.receive_data(head)
        request = http.next_event()
        if not isinstance(request, h11.Request):
            return
        headers = {name.decode(): value.decode() for name, value in request.headers}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        target = urlsplit(request.target.decode())
        query = dict(parse_qsl(target.query, keep_blank_values=True))
        uri = target.path.removeprefix("/ari/")
        token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        allowed = headers.get("authorization") == f"Basic {token}"
        if not allowed and query.get("api_key") != f"{self.username}:{self.password}":
            writer.write(_http(401, {"message": "Authentication required"}))
        elif headers.get("upgrade", "").lower() == "websocket" and uri == "events":
            await self._events(reader, writer, query["app"], headers["sec-websocket-key"])
        else:
            status, answer = await self._do(request.method.decode(), uri, query, body.decode())
            writer.write(_http(status, answer))
        await writer.drain()

    async def _events(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, app: str, key: str
    ) -> None:
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + frames.accept_key(key).encode() + b"\r\n\r\n"
        )
        self._tell(app, {"type": "ApplicationReplaced"})
        self._sockets[app] = writer
        self.world.applications[app] = {}
        try:
            while True:
                kind, payload = await frames.read_frame(reader)
                if kind == frames.CLOSE or len(payload) > 65_535:
                    writer.write(frames.frame(b"", frames.CLOSE))
                    return
                if kind == frames.PING and not self.deaf:
                    writer.write(frames.frame(payload, frames.PONG))
                elif kind == frames.TEXT:
                    await self._answer(writer, app, payload)
        finally:
            if self._sockets.get(app) is writer:
                del self._sockets[app]
                self.world.applications.pop(app, None)

    async def _answer(self, writer: asyncio.StreamWriter, app: str, payload: bytes) -> None:
        request = json.loads(payload)
        delay = self.delays.get(f"{request['method']} {request['uri']}")
        if delay is not None:  # one WebSocket is one serial lane
            await asyncio.sleep(delay)
        query = {each["name"]: each["value"] for each in request.get("query_strings", [])}
        status, answer = await self._do(
            request["method"], request["uri"], query, request.get("message_body", "")
        )
        if self.silent:
            return
        response = {
            "type": "RESTResponse",
            "transaction_id": "",
            "request_id": request["request_id"],
            "status_code": status,
            "reason_phrase": "OK" if status < 300 else "Refused",
            "uri": request["uri"],
            "application": app,
        }
        if answer is not None:
            response |= {"content_type": "application/json", "message_body": json.dumps(answer)}
        writer.write(frames.frame(json.dumps(response).encode()))

    async def _do(self, method: str, uri: str, query: dict[str, str], body: str) -> tuple[int, Any]:
        self.requests.append(f"{method} {uri}")
        try:
            asked = check(method, uri, query, body)
            await self._operations.until_idle(asked)
            return self._operations.do(asked)
        except NoSuchRequest as no:
            return no.status, {"message": no.why}


def _http(status: int, answer: Any) -> bytes:
    body = b"" if answer is None else json.dumps(answer).encode()
    head = f"HTTP/1.1 {status} Fake\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body
