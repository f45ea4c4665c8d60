"""One WebSocket to Asterisk: a serial lane of requests and a source of events."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from picows import WSAutoPingStrategy, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from ari.answer import UNREADABLE, UnknownEvent, decode, decode_odd, settle
from ari.endpoint import Endpoint
from ari.errors import AriError, DeadlineExceeded, Disconnected, TooManyRequests
from ari.generated.events import Event, RESTResponse
from ari.request import Operation, QueryParameter, Reply, encoded

_LOG = logging.getLogger("ari")
_SOCKET_LOG = logging.getLogger("ari.websocket")
_SOCKET_LOG.setLevel(logging.WARNING)  # the client tells of connections; buffers and masks interest nobody
_TEXT = WSMsgType.TEXT
_CONTINUATION = WSMsgType.CONTINUATION
_CLOSE = WSMsgType.CLOSE

MAX_REQUEST = 65_535  # bytes of a frame; Asterisk closes the socket on a larger one
MAX_ANSWER = 16 * 1024 * 1024  # a list of thousands of channels comes as one frame

CONNECT = 10.0  # seconds that connecting may take
GOODBYE = 1.0  # seconds that a closing handshake may take

T = TypeVar("T")


@dataclass(slots=True)
class Counters:
    """What happened on a lane since it was made."""

    requests: int = 0
    events: int = 0
    late: int = 0  # answers that came after their deadline
    unreadable: int = 0  # frames that were no JSON, and events that are unknown
    connects: int = 0


class Lane(WSListener):
    """One WebSocket, connected again and again; requests on it are answered one after the other.

    Requests go out in the order of the calls. `oversize` takes the requests that no frame
    can carry: too large, or with a binary answer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        app: str,
        *,
        deadline: float,
        limit: int,
        on_event: Callable[[Event], None],
        on_unseen: Callable[[AriError], None],
        oversize: Callable[[Reply[Any], str, list[QueryParameter], object, float], None],
    ) -> None:
        self.app = app
        self.counters = Counters()
        self.on_event = on_event
        self._endpoint = endpoint
        self._deadline = deadline
        self._limit = limit
        self._on_unseen = on_unseen
        self._oversize = oversize
        self._transport: WSTransport | None = None
        self._waiting: dict[str, Reply[Any]] = {}
        self._parts: list[bytes] = []
        self._sweeping = False
        self._open = asyncio.Event()
        self._gone = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether requests can be sent."""
        return self._transport is not None

    @property
    def in_flight(self) -> int:
        """How many requests wait for an answer."""
        return len(self._waiting)

    async def connect(self, *, idle_ping: float | None) -> None:
        """Open the WebSocket. Raises OSError, TimeoutError or picows.WSError.

        `idle_ping`: seconds without traffic after which the other side is asked for a sign of life;
        None where it may be silent for long, since Asterisk answers no ping while it carries out a
        request.
        """
        self._gone.clear()
        self._parts.clear()
        async with asyncio.timeout(CONNECT):
            transport, _ = await ws_connect(
                lambda: self,
                self._endpoint.events_url(self.app),
                extra_headers=self._endpoint.headers(),
                max_frame_size=MAX_ANSWER,
                max_redirects=0,  # the password is for this Asterisk alone
                logger_name=_SOCKET_LOG,
                # One write per loop turn carries all requests of that turn (uvloop gathers them).
                use_aiofastnet=False,
                enable_auto_ping=idle_ping is not None,
                auto_ping_idle_timeout=idle_ping or 10,
                auto_ping_reply_timeout=idle_ping or 10,
                auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            )
        if transport is not self._transport:
            # picows returns as if connected when the peer hangs up without a word.
            raise ConnectionError("Asterisk closed the connection during the handshake")
        self.counters.connects += 1

    async def opened(self) -> None:
        """Return when the WebSocket is open."""
        await self._open.wait()

    async def disconnected(self) -> None:
        """Return when the WebSocket is closed, by whichever side."""
        await self._gone.wait()

    def disconnect(self) -> None:
        """Close the WebSocket; requests in flight fail with Disconnected."""
        transport = self._transport
        if transport is not None:
            self._lost()
            transport.send_close()
            transport.disconnect()
            # A peer that no longer reads would keep the goodbye, and with it the socket, for ever.
            asyncio.get_running_loop().call_later(GOODBYE, transport.disconnect, False)

    def request(
        self,
        operation: Operation[T],
        uri: str,
        query: list[QueryParameter],
        content: object,
        deadline: float | None,
    ) -> Reply[T]:
        """Send a request at once and return the answer to come."""
        loop = asyncio.get_running_loop()
        reply = Reply(operation, loop, self._on_unseen)
        transport = self._transport
        if transport is None:
            reply.set_exception(Disconnected(operation.name, "no connection to Asterisk", sent=False))
            return reply
        waiting = self._waiting
        if len(waiting) >= self._limit:
            reply.set_exception(TooManyRequests(operation.name, f"{self._limit} requests wait already"))
            return reply
        counters = self.counters
        counters.requests += 1
        request_id = str(counters.requests)
        frame = encoded(request_id, operation, uri, query, content)
        if len(frame) > MAX_REQUEST or operation.binary:
            seconds = self._deadline if deadline is None else deadline
            self._oversize(reply, uri, query, content, seconds)
            return reply
        waiting[request_id] = reply
        if deadline is None:
            reply.expires = loop.time() + self._deadline
            if not self._sweeping:
                self._sweeping = True
                loop.call_at(reply.expires, self._sweep)
        else:
            reply.timed = True
            loop.call_later(deadline, self._expire, request_id, deadline)
        transport.send(_TEXT, frame)
        return reply

    def _sweep(self) -> None:
        """Expire requests under the common deadline: they are in the order in which they expire."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        expired = []
        self._sweeping = False
        for request_id, reply in self._waiting.items():
            if reply.timed:
                continue
            if reply.expires > now:
                self._sweeping = True
                loop.call_at(reply.expires, self._sweep)
                break
            expired.append(request_id)
        for request_id in expired:
            self._expire(request_id, self._deadline)

    def _expire(self, request_id: str, deadline: float) -> None:
        reply = self._waiting.pop(request_id, None)
        if reply is not None:
            reply.fail(DeadlineExceeded(reply.operation.name, f"no answer within {deadline:g} s"))

    # What picows calls. It must not be held up: Asterisk cuts, or worse, a client that stops reading.

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done."""
        self._transport = transport
        self._open.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame came in."""
        if frame.msg_type is not _TEXT or not frame.fin:
            self._unusual(transport, frame)
            return
        try:
            message = decode(frame.get_payload_as_memoryview())
        except UNREADABLE as error:
            self._odd(frame.get_payload_as_bytes(), error)
            return
        self._received(message)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The WebSocket is closed: the outcome of what is in flight is unknown."""
        if transport is self._transport:
            self._lost()

    def _lost(self) -> None:
        self._transport = None
        self._open.clear()
        waiting, self._waiting = self._waiting, {}
        for reply in waiting.values():
            reply.fail(Disconnected(reply.operation.name, "the connection was lost", sent=True))
        self._gone.set()

    def _received(self, message: Event) -> None:
        if message.__class__ is not RESTResponse:
            self.counters.events += 1
            self.on_event(message)
            return
        reply = self._waiting.pop(message.request_id, None)
        if reply is not None:
            settle(reply, message.status_code, message.reason_phrase, message.message_body or "")
        elif message.request_id:
            self.counters.late += 1
        else:
            _LOG.error("Asterisk could not read a request: %s", message.reason_phrase)

    def _odd(self, payload: bytes, why: Exception) -> None:
        self.counters.unreadable += 1
        event: UnknownEvent | None = decode_odd(payload, why)
        if event is not None:
            self.on_event(event)

    def _unusual(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame that is not one whole text: a fragment, or the peer's goodbye."""
        kind = frame.msg_type
        if kind is _CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind is _TEXT or (kind is _CONTINUATION and self._parts):
            self._parts.append(frame.get_payload_as_bytes())
            if sum(map(len, self._parts)) > MAX_ANSWER:
                transport.disconnect(graceful=False)
            elif frame.fin:
                payload = b"".join(self._parts)
                self._parts.clear()
                try:
                    message = decode(payload)
                except UNREADABLE as error:
                    self._odd(payload, error)
                else:
                    self._received(message)
