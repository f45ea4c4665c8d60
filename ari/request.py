"""One request: what is asked (`Operation`), what goes over the wire, and the answer to come (`Reply`)."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from ari.errors import AriError, InvalidArgument

T = TypeVar("T")

# A variable's value, or {"value": …, "report_events": …} (Asterisk ≥ 22.10).
Variables = Mapping[str, str | Mapping[str, str | bool]]

_PLAIN = re.compile(r"[A-Za-z0-9._~:@-]+").fullmatch


class QueryParameter(msgspec.Struct, gc=False):
    """One name and value; Asterisk takes both as they are, without percent encoding."""

    name: str
    value: str


class Frame(msgspec.Struct, tag="RESTRequest", omit_defaults=True, gc=False):
    """A request as it goes over the event WebSocket (Asterisk ≥ 22.4)."""

    request_id: str
    method: str
    uri: str  # without leading slash; path segments percent encoded
    query_strings: list[QueryParameter] = []
    content_type: str = ""
    message_body: str = ""


class Operation(Generic[T]):
    """A kind of request: its verb, the shape of its answer, and how it behaves."""

    __slots__ = ("binary", "decoder", "ends", "method", "name", "slow")

    def __init__(
        self, name: str, method: str, result: type[T], *, slow: bool = False, ends: bool = False
    ) -> None:
        self.name = name  # as it is called: "channels.play_with_id"
        self.method = method
        self.slow = slow  # may wait for a channel's thread
        self.ends = ends  # its purpose is reached when the thing is gone
        self.binary = result is bytes
        empty = self.binary or result is type(None)
        self.decoder: msgspec.json.Decoder[T] | None = None if empty else msgspec.json.Decoder(result)


class Reply(asyncio.Future[T]):
    """The answer to come.

    Await it, or do not: a failure that nobody looked at is told to the client's `on_failure` handler
    when the reply is dropped.
    """

    __slots__ = ("_unseen", "expires", "operation", "timed")

    def __init__(
        self,
        operation: Operation[T],
        loop: asyncio.AbstractEventLoop,
        unseen: Callable[[AriError], None],
    ) -> None:
        super().__init__(loop=loop)
        self.operation = operation
        self.expires = 0.0  # monotonic seconds of the loop
        self.timed = False  # has a timer of its own
        self._unseen = unseen

    def fail(self, error: AriError) -> None:
        """End the wait with an error, unless the waiting was given up."""
        if not self.done():
            self.set_exception(error)

    def __del__(self) -> None:
        # asyncio keeps this flag for "exception was never retrieved"; we tell it to a handler instead.
        if self._log_traceback:
            self._log_traceback = False
            error = self.exception()
            if isinstance(error, AriError):
                self._unseen(error)


class Request(Protocol):
    """Sends a request at once and returns the reply to come."""

    def __call__(
        self,
        operation: Operation[T],
        uri: str,
        query: list[QueryParameter],
        content: object,
        lane: str | None,
        deadline: float | None,
        /,
    ) -> Reply[T]:
        """`content` becomes the JSON body; `deadline` is in seconds; None means the client's own."""
        ...


def segment(text: str) -> str:
    """Return an id as one path segment. Raises InvalidArgument when it is empty."""
    if _PLAIN(text):
        return text
    if not text:
        # An empty segment would address another operation: DELETE channels/ID becomes DELETE channels/.
        raise InvalidArgument("an id is empty; give the id of a channel, bridge, playback or recording")
    return quote(text, safe="")


def joined(values: str | Sequence[str]) -> str:
    """Return several values as Asterisk takes them: joined by commas.

    Raises InvalidArgument when one of several values holds a comma: Asterisk would split it.
    """
    if isinstance(values, str):
        return values
    for value in values:
        if "," in value:
            raise InvalidArgument("one of several values holds a comma, at which Asterisk would split it")
    return ",".join(values)


_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


def encoded(
    request_id: str, operation: Operation[Any], uri: str, query: list[QueryParameter], content: object
) -> bytes:
    """Return the request as a WebSocket payload."""
    if content is None:
        return _encode(Frame(request_id, operation.method, uri, query))
    body = _encode(content).decode()
    return _encode(Frame(request_id, operation.method, uri, query, "application/json", body))
