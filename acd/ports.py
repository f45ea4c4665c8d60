"""What the floor's driver stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from acd.actions import Action, CallOut
from acd.explain import Explanation
from acd.floor_views import AgentView, CallerView, OutboundView, QueueView, TalkView
from acd.happenings import Happening
from acd.requests import Actor, Request
from acd.skills import Skillbook
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow
from domain.legs import LegControl, LiveLeg
from domain.waiting_room import Place


class FloorRulesEngine(Protocol):
    """The rules of the floor (`acd.floor.Floor`). `now`: monotonic seconds; `at`: the same moment, UTC."""

    @property
    def wake_at(self) -> float:
        """When the floor wants to be told that time passed (monotonic seconds; infinity: never)."""
        ...

    def handle(self, happening: Happening, now: float, at: datetime) -> list[Action]:
        """Decide what follows from what happened."""
        ...

    def request(self, actor: Actor, request: Request, now: float, at: datetime) -> list[Action]:
        """Decide what follows from what a person asks. Raises acd.requests.Refused."""
        ...

    def restore(
        self,
        agents: Sequence[AgentRow],
        legs: Sequence[LegRow],
        now: float,
        at: datetime,
        entries: Sequence[EntryRow] = (),
    ) -> None:
        """Begin with what was on record when the service ended."""
        ...

    def adopt(self, book: Skillbook, now: float, at: datetime) -> list[Action]:
        """Take changed tables."""
        ...

    def team(self, queue: str) -> Sequence[OutboundView]:
        """Return who works for an outbound queue."""
        ...

    def borrowed(self, queue: str) -> int:
        """Return how many agents inbound lends to an outbound queue."""
        ...

    def kept_for(self, call_id: str) -> str:
        """Return the agent who is kept for a call; empty: nobody is."""
        ...

    def lending(self, now: float) -> str:
        """Return what inbound lends and why."""
        ...

    def caller(self, call_id: str) -> CallerView | None:
        """Return a call as its caller has it; None: it is not in the room."""
        ...

    def place(self, call_id: str, now: float) -> Place | None:
        """Return where a call stands in line."""
        ...

    def explain(self, call_id: str, now: float, at: datetime) -> Explanation:
        """Explain a call. Raises KeyError."""
        ...

    def agents(self, now: float) -> Sequence[AgentView]:
        """Return every agent."""
        ...

    def queues(self, now: float) -> Sequence[QueueView]:
        """Return every queue."""
        ...

    def talks(self, now: float) -> Sequence[TalkView]:
        """Return the talks that are on."""
        ...


class FloorLegs(LegControl, Protocol):
    """Legs of agents, and of those who are called back."""

    def call_out(self, leg: str, number: str, args: Sequence[str], seconds: float) -> None:
        """Call a person outside (E.164 digits without plus); told as `ring` is."""
        ...


class FloorObserver(Protocol):
    """Counts what happens on the floor. Called often and on the event loop: return at once."""

    def floor_row(self, row: FloorRow) -> None:
        """A row went to the record."""
        ...

    def floor_record_failed(self) -> None:
        """Rows of the floor's record could not be written yet; the floor went on."""
        ...

    def floor_failed(self) -> None:
        """Something that the floor wanted done, or was told, met an internal error."""
        ...


class Callbacks(Protocol):
    """Who is called back, and what became of it."""

    async def take(self, action: CallOut) -> str | None:
        """Begin the attempt durably; return the number to call, None if it must not be called."""
        ...

    def live(self, legs: Sequence[LiveLeg]) -> None:
        """These legs live in Asterisk after a (re)connect; an attempt without one is over."""
        ...

    def leg_joined(self, leg: str) -> None:
        """A leg was joined in a bridge."""
        ...

    def leg_gone(self, leg: str, cause: int) -> None:
        """A leg is gone (Q.850 cause)."""
        ...


class Timer(Protocol):
    """A call that was put off (`asyncio.TimerHandle`)."""

    def cancel(self) -> None:
        """Forget it."""
        ...


CallLater = Callable[[float, Callable[[], None]], Timer]
