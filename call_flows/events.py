"""What can happen to a call, as the flow engine is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.waiting_room import TalkEnd


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call came in on a dialled number, or a person we called answered (`flow:NAME`).

    `facts` are known from the start: of a call of ours `campaign_queue` (`skill/tier`, what the queue
    `campaign` stands for), and whatever else the waiting room needs. They are personal.
    """

    dialled: str
    language: str = "id"
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed one key: `0`–`9`, `*`, `#`."""

    key: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """A playback came to its end, was stopped, or failed (`ok` False: nothing was heard)."""

    playback: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that the engine started ran out."""

    timer: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A look-up was answered with one of its declared words.

    `facts` are personal values that later steps and the agent's screen use.
    """

    request: str
    answer: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """The waiting room let the call go: `answered` or `closed`."""

    request: str
    how: str


@dataclass(frozen=True, slots=True)
class TalkOver:
    """The talk with an agent is over; unless it `ended`, the call waits again, in `queue` if given."""

    how: TalkEnd
    queue: str = ""


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller's leg is gone (Q.850 cause)."""

    cause: int = 16


FlowEvent = (
    CallStarted | KeyPressed | PlaybackEnded | TimerFired | LookedUp | RoomLeft | TalkOver | CallerHungUp
)
