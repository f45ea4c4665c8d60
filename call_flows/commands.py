"""What the flow engine wants done. A driver performs these in order, against ports."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.calls import EndReason, EventKind


@dataclass(frozen=True, slots=True)
class Phrase:
    """A prompt by its catalogue name, with the values to be spoken in it."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)  # personal


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the caller's leg."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play phrases one after the other as one playback. Its end is told as PlaybackEnded."""

    playback: str
    phrases: tuple[Phrase, ...]
    language: str  # "id" or "en"


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Stop a playback; PlaybackEnded still follows."""

    playback: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Tell TimerFired(timer) after so many seconds."""

    timer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Forget a timer."""

    timer: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask a named look-up; LookedUp(request, …) follows, within the look-up's own deadline."""

    request: str
    name: str
    arguments: Mapping[str, str]  # personal


@dataclass(frozen=True, slots=True)
class EnterRoom:
    """Let the call wait in a queue; RoomLeft(request, …) may follow."""

    request: str
    queue: str
    language: str
    facts: Mapping[str, str]  # personal


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the leg to the agent who answered: nothing plays on it any more."""


@dataclass(frozen=True, slots=True)
class LeaveTalk:
    """The caller hung up while an agent had the call."""


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """Take the call out of the queue."""

    request: str
    why: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up the caller's leg."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Record:
    """Append an outcome to the call's event log."""

    kind: EventKind
    data: Mapping[str, str]
    secret: Mapping[str, str] | None = None


Command = (
    Answer
    | Play
    | StopPlaying
    | StartTimer
    | CancelTimer
    | LookUp
    | EnterRoom
    | HandOver
    | LeaveRoom
    | LeaveTalk
    | HangUp
    | Record
)
