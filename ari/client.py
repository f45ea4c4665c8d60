"""The client: lanes kept connected, requests, events, and what happens around a lost connection."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import h11
from picows import WSError, WSInvalidStatusError

from ari import http
from ari.answer import settle
from ari.endpoint import Endpoint
from ari.errors import (
    AriError,
    DeadlineExceeded,
    Disconnected,
    Gone,
    InvalidArgument,
    Replaced,
    TooLarge,
    Unauthorized,
)
from ari.generated.events import ApplicationReplaced, Event
from ari.generated.models import Channel
from ari.generated.operations import Operations
from ari.handlers import Handlers, Subscription
from ari.lane import Lane
from ari.request import Operation, QueryParameter, Reply

_LOG = logging.getLogger("ari")

T = TypeVar("T")
E = TypeVar("E", bound=Event)

MAIN = "main"
SLOW = "slow"

# Five of an inbound call's ten events are RTP statistics in variables; nobody here reads them.
HIDDEN_EVENTS = ("ChannelVarset", "ChannelDialplan")

FIRST_DELAY = 0.05  # seconds before the first try to connect again
LAST_DELAY = 3.0  # seconds that the delay grows to


class State(StrEnum):
    """Where the client stands."""

    CONNECTING = "connecting"  # no connection, or not all lanes yet
    RECONCILING = "reconciling"  # connected; the hooks compare with Asterisk; events are held
    READY = "ready"
    CLOSED = "closed"  # by close(), or for good by a wrong password
    REPLACED = "replaced"  # another process took the application's name: final


class Client(Operations):
    """Controls an Asterisk through ARI.

    Every operation is a method of its group, e.g. `client.channels.answer(channel_id)`. It sends at
    once, in the order of the calls, and returns a future of the answer. Not awaiting it is fine.

    Raises InvalidArgument for settings that make no sense.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        app: str,
        *,
        lanes: tuple[str, ...] = (SLOW,),
        deadline: float = 5.0,
        hidden_events: tuple[str, ...] = HIDDEN_EVENTS,
        max_in_flight: int = 10_000,
        max_held_events: int = 20_000,
        idle_ping: float = 15.0,
    ) -> None:
        """Make a client for the application `app`.

        `lanes`: names of further WebSockets beside "main"; the lane NAME registers the application
        APP-NAME. `deadline`: seconds that a request may take unless it says otherwise.
        `hidden_events`: event types that Asterisk shall not send. `max_in_flight`: requests per lane
        that may wait for answers. `max_held_events`: events held while reconciling; one more closes
        the connection, and reconciling begins anew. `idle_ping`: seconds of silence on the main lane
        after which Asterisk is asked for a sign of life; as much again without one closes the connection.
        """
        super().__init__(self._request)
        if not app or "," in app:
            raise InvalidArgument(f"application name {app!r}: must be one name without comma")
        self.app = app
        self._endpoint = Endpoint(url, username, password)
        self._deadline = deadline
        self._hidden_events = hidden_events
        self._idle_ping = idle_ping
        self._max_held = max_held_events
        self._handlers = Handlers(frozenset(hidden_events))
        self._lanes = {name: self._lane(name, max_in_flight) for name in (MAIN, *lanes)}
        self._main = self._lanes[MAIN]
        self._slow = self._lanes.get(SLOW, self._main)
        self._state = State.CONNECTING
        self._state_changed = asyncio.Event()
        self._state_handlers: list[Callable[[State], None]] = []
        self._failure_handlers: list[Callable[[AriError], None]] = []
        self._hooks: list[Callable[[], Awaitable[None]]] = []
        self._held: deque[Event] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()

    def _lane(self, name: str, limit: int) -> Lane:
        return Lane(
            self._endpoint,
            self.app if name == MAIN else f"{self.app}-{name}",
            deadline=self._deadline,
            limit=limit,
            on_event=self._received,
            on_unseen=self._unseen,
            oversize=self._send_http,
        )

    # Who wants to know what

    @overload
    def on_event(self, kind: type[E], handler: Callable[[E], None]) -> Subscription: ...
    @overload
    def on_event(self, kind: str, handler: Callable[[Any], None]) -> Subscription: ...
    def on_event(self, kind: type[Event] | str, handler: Callable[[Any], None]) -> Subscription:
        """Call `handler(event)` for every event of a kind: a class of `ari.events`, or its name.

        `Event` stands for all kinds, `UnknownEvent` for what the description does not know. Handlers
        are plain functions, called in the order of the events, and must return at once.
        """
        return self._handlers.add(kind, handler)

    @overload
    def on_channel_event(
        self, kind: type[E], handler: Callable[[Channel, E], None], channel_id: str | None = None
    ) -> Subscription: ...
    @overload
    def on_channel_event(
        self, kind: str, handler: Callable[[Channel, Any], None], channel_id: str | None = None
    ) -> Subscription: ...
    def on_channel_event(
        self,
        kind: type[Event] | str,
        handler: Callable[[Channel, Any], None],
        channel_id: str | None = None,
    ) -> Subscription:
        """Call `handler(channel, event)` for every event of a kind, of one channel or of all."""
        return self._handlers.add_channel(kind, handler, channel_id)

    def on_failure(self, handler: Callable[[AriError], None]) -> None:
        """Call `handler(error)` for a failed request whose reply was dropped unseen.

        Without any handler such failures are logged, "gone" only at debug level.
        """
        self._failure_handlers.append(handler)

    def on_state(self, handler: Callable[[State], None]) -> None:
        """Call `handler(state)` at every change of state."""
        self._state_handlers.append(handler)

    def on_reconcile(self, hook: Callable[[], Awaitable[None]]) -> None:
        """Await `hook()` after every (re)connect, before the client is ready.

        Asterisk replays no events: the hook compares what it knows with what Asterisk says. Events
        that arrive meanwhile are delivered after it, in order. When a hook raises, the connection is
        closed and everything starts again after a pause.
        """
        self._hooks.append(hook)

    # Life

    @property
    def state(self) -> State:
        """Where the client stands."""
        return self._state

    @property
    def lanes(self) -> dict[str, Lane]:
        """The lanes by name, for their counters."""
        return dict(self._lanes)

    async def run(self) -> None:
        """Keep the lanes connected until `close()`.

        Raises Replaced when another process took over the application, Unauthorized when Asterisk
        refuses the credentials, Disconnected when the client was closed before: a client runs once.
        """
        if self._state is State.CLOSED:
            raise Disconnected("connect", "the client is closed; make a new one", sent=False)
        tasks = [asyncio.create_task(self._keep(name, lane)) for name, lane in self._lanes.items()]
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._become(State.CLOSED)
            for task in (*tasks, stopped, *self._tasks):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)
            for lane in self._lanes.values():
                lane.disconnect()
        if self._state is State.REPLACED:
            raise Replaced(f"another process took over the application {self.app!r}")

    async def ready(self) -> None:
        """Return when the client is ready. Raises Replaced or Disconnected if it never will be."""
        while self._state is not State.READY:
            if self._state is State.REPLACED:
                raise Replaced(f"another process took over the application {self.app!r}")
            if self._state is State.CLOSED:
                raise Disconnected("connect", "the client is closed", sent=False)
            changed = self._state_changed
            await changed.wait()

    async def close(self) -> None:
        """Close the connections; requests in flight fail with Disconnected. Calls go on in Asterisk."""
        if self._state is not State.REPLACED:
            self._become(State.CLOSED)
        self._stopped.set()
        for lane in self._lanes.values():
            lane.disconnect()
        if self._runner is not None:
            await asyncio.gather(self._runner, return_exceptions=True)

    async def __aenter__(self) -> Self:
        self._runner = asyncio.create_task(self.run())
        ready = asyncio.create_task(self.ready())
        try:
            await asyncio.wait([self._runner, ready], return_when=asyncio.FIRST_COMPLETED)
            if self._runner.done():
                self._runner.result()
            await ready
        finally:
            ready.cancel()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # Requests

    def _request(
        self,
        operation: Operation[T],
        uri: str,
        query: list[QueryParameter],
        content: object,
        lane: str | None,
        deadline: float | None,
    ) -> Reply[T]:
        if lane is None:
            chosen = self._slow if operation.slow else self._main
        elif lane in self._lanes:
            chosen = self._lanes[lane]
        else:
            raise InvalidArgument(f"no lane {lane!r}; this client has {', '.join(self._lanes)}")
        return chosen.request(operation, uri, query, content, deadline)

    def _send_http(
        self, reply: Reply[Any], uri: str, query: list[QueryParameter], content: object, deadline: float
    ) -> None:
        name = reply.operation.name
        if reply.operation.method != "GET" and len(http.body_of(query, content)) > http.MAX_BODY:
            reply.fail(TooLarge(name, f"more than {http.MAX_BODY} bytes"))
            return

        async def exchange() -> None:
            try:
                async with asyncio.timeout(deadline):
                    answer = await http.exchange(self._endpoint, reply.operation.method, uri, query, content)
                settle(reply, *answer)
            except TimeoutError:
                reply.fail(DeadlineExceeded(name, f"no answer within {deadline:g} s"))
            except (OSError, h11.RemoteProtocolError) as error:
                reply.fail(Disconnected(name, str(error), sent=True))
            except asyncio.CancelledError:
                reply.fail(Disconnected(name, "the client was closed", sent=True))
                raise

        task = asyncio.create_task(exchange())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _unseen(self, error: AriError) -> None:
        for handler in self._failure_handlers:
            handler(error)
        if not self._failure_handlers:
            _LOG.log(logging.DEBUG if isinstance(error, Gone) else logging.WARNING, "unseen: %s", error)

    # Events

    def _received(self, event: Event) -> None:
        if event.__class__ is ApplicationReplaced:
            self._become(State.REPLACED)
            self._stopped.set()
            for lane in self._lanes.values():
                lane.disconnect()
        elif self._state is State.READY:
            self._handlers.dispatch(event)
        elif len(self._held) < self._max_held:
            self._held.append(event)
        else:
            _LOG.error("more than %d events while reconciling: connecting anew", self._max_held)
            self._main.disconnect()

    # Connections

    async def _keep(self, name: str, lane: Lane) -> None:
        """Connect a lane, and again when it is lost, with growing pauses."""
        delay = FIRST_DELAY
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                # Asterisk answers no ping on a lane where a command waits.
                await lane.connect(idle_ping=self._idle_ping if name == MAIN else None)
                if name == MAIN:
                    await self._prepare(lane)
                await lane.disconnected()
                if not self._stopped.is_set():
                    _LOG.warning("lane %s to Asterisk was lost", name)
            except WSInvalidStatusError as error:
                status = error.response.status if error.response else None
                if status in {401, 403}:
                    raise Unauthorized("Asterisk refuses this user name or password") from error
                _LOG.warning("lane %s: Asterisk answered %s", name, status)
            except (OSError, WSError, AriError) as error:
                _LOG.warning("lane %s: %s", name, error or type(error).__name__)
            finally:
                lane.disconnect()
            if name == MAIN and self._state in {State.READY, State.RECONCILING}:
                self._become(State.CONNECTING)
            delay = FIRST_DELAY if loop.time() - started > LAST_DELAY else min(2 * delay, LAST_DELAY)
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))

    async def _prepare(self, lane: Lane) -> None:
        """Bring a fresh main lane to readiness. Raises AriError when it cannot."""
        self._held.clear()
        self._become(State.RECONCILING)
        if self._hidden_events:
            # Never an "allowed" list: without RESTResponse in it Asterisk would answer nothing at all.
            hidden = [{"type": kind} for kind in self._hidden_events]
            await self.applications.filter(self.app, filter={"disallowed": hidden})
        for other in self._lanes.values():
            await other.opened()
        try:
            for hook in self._hooks:
                await hook()
        except AriError:
            raise
        except Exception as error:
            _LOG.exception("reconciling failed")
            raise Disconnected("reconcile", type(error).__name__, sent=False) from error
        if not lane.connected:
            raise Disconnected("reconcile", "the connection was lost meanwhile", sent=False)
        while self._held:
            self._handlers.dispatch(self._held.popleft())
        self._become(State.READY)

    def _become(self, state: State) -> None:
        if self._state in {state, State.REPLACED, State.CLOSED}:
            return
        self._state = state
        _LOG.info("ARI client is %s", state)
        changed, self._state_changed = self._state_changed, asyncio.Event()
        changed.set()
        for handler in self._state_handlers:
            try:
                handler(state)
            except Exception:  # noqa: BLE001  # a listener's mistake must not cost the connection
                _LOG.exception("a handler of the state %s failed", state)
