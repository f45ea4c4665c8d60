"""The port between flows and whoever brings callers and agents together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that waits for a person.

    What the caller hears meanwhile is the flow's affair; the room only decides who takes the call.
    """

    call_id: str
    channel: str
    queue: str  # e.g. "efin", "kup_information"
    language: str  # "id" or "en"
    since: datetime  # aware, UTC: the place in line
    facts: Mapping[str, str]  # personal: what was keyed and looked up


class WaitingRoom(Protocol):
    """Brings waiting callers and agents together."""

    def enter(self, call: WaitingCall) -> None:
        """Let a call wait. A call that is already inside keeps its place."""
        ...

    def leave(self, call_id: str, why: str) -> None:
        """Take a call out: the caller hung up, the flow's limit was reached. Idempotent."""
        ...


class RoomExit(Protocol):
    """What a waiting room tells the flow."""

    def room_left(self, call_id: str, how: str) -> None:
        """The call left the room: `answered` (an agent took it) or `closed` (nobody will)."""
        ...
