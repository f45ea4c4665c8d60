"""Who wants to be told which events."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ari.errors import InvalidArgument
from ari.generated.events import BY_NAME, Event
from ari.generated.models import Channel

_LOG = logging.getLogger("ari")

E = TypeVar("E", bound=Event)
Handler = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler's place in the list."""

    close: Callable[[], None]  # the handler is not called any more; closing twice is fine


class Handlers:
    """Calls, for each event, its handlers in the order in which they came."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self._handlers: dict[type[Event], tuple[Handler, ...]] = {}
        self._by_channel: dict[tuple[type[Event], str], tuple[Handler, ...]] = {}

    def add(self, kind: type[Event] | str, handler: Handler) -> Subscription:
        """Call `handler(event)` for every event of a kind. Raises InvalidArgument."""
        wanted = self._checked(kind, handler)
        self._handlers[wanted] = (*self._handlers.get(wanted, ()), handler)

        def close() -> None:
            self._handlers[wanted] = _without(self._handlers[wanted], handler)

        return Subscription(close)

    def add_channel(
        self, kind: type[Event] | str, handler: Callable[[Channel, Any], None], channel_id: str | None
    ) -> Subscription:
        """Call `handler(channel, event)`, for one channel or for all. Raises InvalidArgument."""
        wanted = self._checked(kind, handler)
        if "channel" not in wanted.__struct_fields__:
            raise InvalidArgument(f"{wanted.__name__} has no channel; use on_event")

        def with_channel(event: Any) -> None:
            if event.channel is not None:
                handler(event.channel, event)

        if channel_id is None:
            return self.add(wanted, with_channel)
        place = (wanted, channel_id)
        self._by_channel[place] = (*self._by_channel.get(place, ()), with_channel)

        def close() -> None:
            left = _without(self._by_channel.pop(place, ()), with_channel)
            if left:
                self._by_channel[place] = left

        return Subscription(close)

    def dispatch(self, event: Event) -> None:
        """Call the handlers of an event; what one of them raises is logged and stops nobody else."""
        kind = event.__class__
        handlers = self._handlers.get(kind, ())
        if Event in self._handlers:
            handlers += self._handlers[Event]
        if self._by_channel:
            channel = getattr(event, "channel", None)
            if channel is not None:
                handlers += self._by_channel.get((kind, channel.id), ())
        for handler in handlers:
            try:
                handler(event)
            except Exception:  # noqa: BLE001  # one call's mistake must not silence all the others
                _LOG.exception("a handler of %s failed", kind.__name__)

    def _checked(self, kind: type[Event] | str, handler: Callable[..., None]) -> type[Event]:
        if asyncio.iscoroutinefunction(handler):
            raise InvalidArgument(
                "a handler is a plain function that returns at once: events of all calls pass through it. "
                "Put the event into the call's own queue, or start a task, for anything that waits"
            )
        if isinstance(kind, str):
            if kind not in BY_NAME:
                raise InvalidArgument(f"Asterisk has no event {kind!r}; see ari.generated.events")
            kind = BY_NAME[kind]
        if kind.__name__ in self._hidden:
            raise InvalidArgument(
                f"{kind.__name__} is filtered out; make the client without it in `hidden_events` to get it"
            )
        return kind


def _without(handlers: tuple[Handler, ...], handler: Handler) -> tuple[Handler, ...]:
    return tuple(each for each in handlers if each is not handler)
