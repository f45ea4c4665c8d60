"""A call and its event log, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EndReason(StrEnum):
    """Why a call ended. Every call ends with exactly one."""

    COMPLETED = "completed"  # the flow came to its end
    CALLER_HUNG_UP = "caller_hung_up"
    WAIT_EXPIRED = "wait_expired"  # the flow's limit in a waiting room was reached
    CALLBACK = "callback"  # the caller keeps the place in line and will be called back
    CLOSED = "closed"  # outside opening hours, or the line was shut
    ABANDONED = "abandoned"  # we called, no agent was there in time, and the person was told who called
    LOST = "lost"  # the call ended while nobody was watching (service or Asterisk down)
    FAILED = "failed"  # this system could not go on; the caller heard an apology


class EventKind(StrEnum):
    """The kinds of rows in a call's event log.

    Inputs are what happened to the call; replaying them in order rebuilds its state after a
    restart. Outcomes are what the flow made of them, for people who read the record.
    """

    # inputs
    STARTED = "started"
    KEY = "key"
    PLAYBACK_ENDED = "playback_ended"
    TIMER = "timer"
    LOOKED_UP = "looked_up"
    ROOM_LEFT = "room_left"
    TALK_OVER = "talk_over"
    HUNG_UP = "hung_up"
    # outcomes
    STEP = "step"  # the flow entered a step
    PROMPT = "prompt"  # a prompt began: its name, language
    CHOSE = "chose"  # a menu key was taken: menu, key, target
    COLLECTED = "collected"  # digits were taken: step, how many, masked
    ASKED = "asked"  # a look-up was asked: name
    SURVEYED = "surveyed"  # a survey's question was answered: question, mark
    QUEUED = "queued"  # the call entered a waiting room: queue
    DEQUEUED = "dequeued"  # it left it: queue, how
    ENDED = "ended"  # reason: an EndReason
    RECOVERED = "recovered"  # control was regained after a restart


INPUTS = frozenset(
    {
        EventKind.STARTED,
        EventKind.KEY,
        EventKind.PLAYBACK_ENDED,
        EventKind.TIMER,
        EventKind.LOOKED_UP,
        EventKind.ROOM_LEFT,
        EventKind.TALK_OVER,
        EventKind.HUNG_UP,
    }
)


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One row of a call's append-only event log.

    `data` holds values that anyone who may read the record may see. `secret` holds personal
    values (keyed digits, look-up facts); it is encrypted at rest and never leaves the log in clear
    except to rebuild the call.
    """

    call_id: str
    seq: int  # 1, 2, 3 … without gaps within the call
    at: datetime  # aware, UTC
    kind: EventKind
    data: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call's header: who was dialled, under which flow version, from when to when and why."""

    call_id: str
    channel: str  # Asterisk's channel id of the caller's leg
    dialled: str  # normalised dialled number, e.g. "1500200"
    caller: str | None  # normalised caller number; personal, encrypted at rest
    flow_version: str  # hash of the flow book in force when the call began
    started_at: datetime
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
