"""What the floor wants done. A driver performs these in order, against ports."""

from __future__ import annotations

from dataclasses import dataclass

from domain.floor_log import FloorRow
from domain.waiting_room import TalkEnd


@dataclass(frozen=True, slots=True)
class RingLeg:
    """Call a phone; `leg` is its channel's id from now on."""

    leg: str
    account: str
    args: tuple[str, ...]
    seconds: float
    quick: bool = False  # the phone is to answer by itself


@dataclass(frozen=True, slots=True)
class HangUpLeg:
    """Hang up a leg that this system rang."""

    leg: str
    cause: int = 16


@dataclass(frozen=True, slots=True)
class OpenBridge:
    """Make a bridge."""

    bridge: str


@dataclass(frozen=True, slots=True)
class JoinBridge:
    """Put a leg into a bridge; LegJoined follows."""

    bridge: str
    leg: str


@dataclass(frozen=True, slots=True)
class PartBridge:
    """Take a leg out of a bridge."""

    bridge: str
    leg: str


@dataclass(frozen=True, slots=True)
class CloseBridge:
    """End a bridge."""

    bridge: str


@dataclass(frozen=True, slots=True)
class StartMusic:
    """Play music on hold; with a language, after a word that they are being connected."""

    leg: str
    announced: str = ""


@dataclass(frozen=True, slots=True)
class StopMusic:
    """Stop music on hold."""

    leg: str


@dataclass(frozen=True, slots=True)
class Snoop:
    """Make a leg that hears `target`, and with `whisper` speaks to it alone."""

    leg: str
    target: str
    whisper: bool


@dataclass(frozen=True, slots=True)
class CallOut:
    """Call the person of a callback, whose number only the driver knows; LegUp or LegGone follows."""

    call_id: str
    leg: str
    args: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class LetGo:
    """Tell the flow that the call left the room: `answered` or `closed`."""

    call_id: str
    how: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Tell the flow that an agent and the caller are together."""

    call_id: str
    agent: str


@dataclass(frozen=True, slots=True)
class EndTalk:
    """Tell the flow that the talk is over."""

    call_id: str
    how: TalkEnd
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """Put a row on the floor's record."""

    row: FloorRow


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell an agent or supervisor something, by its name in the catalogue of staff messages."""

    agent: str
    word: str


Action = (
    RingLeg
    | HangUpLeg
    | OpenBridge
    | JoinBridge
    | PartBridge
    | CloseBridge
    | StartMusic
    | StopMusic
    | Snoop
    | CallOut
    | LetGo
    | Joined
    | EndTalk
    | Write
    | Tell
)
