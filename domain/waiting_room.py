"""The port between flows and whoever brings callers and agents together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that waits for a person.

    What the caller hears meanwhile is the flow's affair; the room only decides who takes the call.
    """

    call_id: str
    channel: str
    queue: str  # e.g. "efin", "kup_information", or a skill and tier that an agent chose: "efin/B"
    language: str  # "id" or "en"
    since: datetime  # aware, UTC: the place in line; a call that comes back from a talk brings its first
    facts: Mapping[str, str]  # personal: what was keyed and looked up
    priority: int = 0  # steps of waiting time (`acd.floor_rules`) that it is ahead, added to its queue's
    only: str = ""  # staff number of the one agent who may take it
    quick: bool = False  # the agent's phone is to answer by itself: who we called waits 2 s at most


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting call stands."""

    ahead: int  # calls that will be served before it, as things stand
    expected_seconds: float | None  # None: it cannot be told honestly


class TalkEnd(StrEnum):
    """How a talk with an agent ended for the caller."""

    ENDED = "ended"  # the agent ended it
    RETURNED = "returned"  # the agent's line died: back to the old place, the caller is told
    TRANSFERRED = "transferred"  # the agent sent the caller to another queue or skill and tier
    LOST = "lost"  # nobody can take the caller up again (shut down for the day)


class WaitingRoom(Protocol):
    """Brings waiting callers and agents together."""

    def enter(self, call: WaitingCall) -> None:
        """Let a call wait. A call that is already inside keeps its place."""
        ...

    def leave(self, call_id: str, why: str) -> None:
        """Take a call out: the caller hung up, the flow's limit was reached. Idempotent.

        A caller who hangs up during a talk is told here too.
        """
        ...

    def handed_over(self, call_id: str, channel: str) -> None:
        """The flow has let go of an answered call's leg: nothing plays, it may be joined. Idempotent.

        Told again after a restart for every call whose flow is in conversation.
        """
        ...

    def place(self, call_id: str) -> Place | None:
        """Return where a call stands in line; None when it does not wait."""
        ...

    def call_back(self, call_id: str) -> bool:
        """Keep a waiting call's place without its leg: the caller wants to be called back.

        The number and the expiry are in the callback book under the call's id, durably, before this is
        asked. Returns whether the place is kept: False if an agent has claimed the call already or it
        does not wait. After True the room tells the flow nothing more of this call, and a later `leave`
        (the caller hangs up) takes nothing away. After a restart the call may `enter` once more before
        this is asked again: the booking is complete only then.
        """
        ...


class RoomExit(Protocol):
    """What a waiting room tells the flow."""

    def room_left(self, call_id: str, how: str) -> None:
        """The call left the room: `answered` (an agent took it) or `closed` (nobody will).

        After `answered` the flow stops what plays, makes that durable, and calls `handed_over`.
        """
        ...

    def agent_joined(self, call_id: str, agent: str) -> None:
        """An agent (staff number) and the caller are together: for those who look on."""
        ...

    def talk_over(self, call_id: str, how: TalkEnd, queue: str = "") -> None:
        """The talk is over; unless it `ended` the flow lets the call wait again, in `queue` if given."""
        ...
