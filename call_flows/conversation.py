"""Two stays that no flow names: the talk with an agent, and the apology before a failed call ends."""

from __future__ import annotations

from call_flows.commands import HandOver
from call_flows.step import Visit
from domain.calls import EndReason
from domain.waiting_room import TalkEnd


class Conversation(Visit):
    """An agent has the call; keys pressed meanwhile belong to nobody."""

    __slots__ = ()

    def begin(self) -> None:
        """Hand the leg over."""
        self.call.command(HandOver())

    def keys_waiting(self) -> None:
        """Drop the keys."""
        self.call.keys.clear()

    def talk_over(self, how: TalkEnd, queue: str) -> None:
        """End the call, or let it wait again in its place."""
        match how:
            case TalkEnd.ENDED:
                self.call.hang_up(EndReason.COMPLETED)
            case TalkEnd.LOST:
                self.call.fail()
            case _:
                self.call.wait_again(how, queue)


class Failing(Visit):
    """The apology, then the end."""

    __slots__ = ()

    def begin(self) -> None:
        """Apologise."""
        self.call.play(self.call.book.apology)

    def playback_ended(self, ok: bool) -> None:
        """End the call."""
        self.call.hang_up(EndReason.FAILED)
