"""Turns what happened to a call into rows of its record, and the rows back into the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from call_flows.book import FlowBook
from call_flows.events import (
    CallerHungUp,
    CallStarted,
    FlowEvent,
    KeyPressed,
    LookedUp,
    PlaybackEnded,
    RoomLeft,
    TalkOver,
    TimerFired,
)
from call_flows.session import CallSession
from domain.calls import INPUTS, Call, CallEvent, EventKind
from domain.waiting_room import TalkEnd

Row = tuple[EventKind, Mapping[str, str], Mapping[str, str] | None]


def to_row(event: FlowEvent) -> Row:
    """Return an input's kind, plain data and secret data.

    Keys are secret, for they may belong to an NPWP; so are the facts of a look-up.
    """
    match event:
        case KeyPressed(key):
            return EventKind.KEY, {}, {"key": key}
        case PlaybackEnded(playback, ok):
            return EventKind.PLAYBACK_ENDED, {"playback": playback, "ok": "yes" if ok else "no"}, None
        case TimerFired(timer):
            return EventKind.TIMER, {"timer": timer}, None
        case LookedUp(request, answer, facts):
            secret = dict(facts) if facts else None
            return EventKind.LOOKED_UP, {"request": request, "answer": answer}, secret
        case RoomLeft(request, how):
            return EventKind.ROOM_LEFT, {"request": request, "how": how}, None
        case TalkOver(how, queue):
            return EventKind.TALK_OVER, {"how": how.value, "queue": queue}, None
        case CallerHungUp(cause):
            return EventKind.HUNG_UP, {"cause": str(cause)}, None
        case CallStarted(dialled, language, facts):
            return EventKind.STARTED, {"dialled": dialled, "language": language}, dict(facts) or None


def from_row(row: CallEvent) -> FlowEvent:
    """Return the input that a row records. Raises ValueError for an outcome."""
    data, secret = row.data, row.secret or {}
    match row.kind:
        case EventKind.KEY:
            return KeyPressed(secret["key"])
        case EventKind.PLAYBACK_ENDED:
            return PlaybackEnded(data["playback"], data["ok"] == "yes")
        case EventKind.TIMER:
            return TimerFired(data["timer"])
        case EventKind.LOOKED_UP:
            return LookedUp(data["request"], data["answer"], secret)
        case EventKind.ROOM_LEFT:
            return RoomLeft(data["request"], data["how"])
        case EventKind.TALK_OVER:
            return TalkOver(TalkEnd(data["how"]), data["queue"])
        case EventKind.HUNG_UP:
            return CallerHungUp(int(data["cause"]))
        case EventKind.STARTED:
            return CallStarted(data["dialled"], data.get("language", "id"), secret)
    raise ValueError(f"row {row.seq} of call {row.call_id} is an outcome ({row.kind}), not an input")


def replay(book: FlowBook, call: Call, rows: Iterable[CallEvent]) -> CallSession:
    """Rebuild a call from its record, in the state that its last recorded input left.

    `book` must be the version that the call began with.
    """
    session = CallSession(book, call.call_id, call.dialled)
    for row in rows:
        if row.kind in INPUTS:
            session.handle(from_row(row), row.at)
    return session
