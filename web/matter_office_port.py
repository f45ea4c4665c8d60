"""What the pages of the office's work on matters stand on: clocks, spreading, proofs, callbacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from desk.matters_callbacks import CallbackBook, Purpose
from desk.matters_desk import MatterDesk
from desk.matters_proof import ProofBook, ProofMeans
from desk.matters_watch import MatterWatch, Reached
from dialer.dispositions import DispositionTable
from domain.staff import Reach
from web.permissions import Permission
from web.visitor import Visitor


class CallbackStanding(Protocol):
    """How the callbacks of one purpose stand."""

    @property
    def purpose(self) -> Purpose:
        """What they are for."""
        ...

    @property
    def campaign_id(self) -> str:
        """Their campaign; empty: there is none."""
        ...

    @property
    def state(self) -> str:
        """A campaign's state, or `off`."""
        ...

    @property
    def expires_on(self) -> date | None:
        """The last day on which anything is dialled."""
        ...

    @property
    def running(self) -> int:
        """How many promises the dialer has."""
        ...


class CallbackSwitch(Protocol):
    """Switches callbacks through the dialer. Every method raises desk.matters.MattersUnavailable."""

    async def standing(self) -> Sequence[CallbackStanding]:
        """Return how each purpose stands."""
        ...

    async def switch_on(self, by: str) -> None:
        """Start; `by`: the staff_id of who approves. Raises MatterRefused."""
        ...

    async def switch_off(self, by: str) -> None:
        """Stop; promises come back to people."""
        ...


class PlacedLeads(Protocol):
    """Knows which lead a call of ours is with."""

    async def lead_of(self, call_id: str) -> int | None:
        """Return the lead of a call that we placed; None: none. Raises desk.matters.MattersUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class MatterOffice:
    """Given to the pages with the `MatterPort`."""

    desk: MatterDesk
    watch: MatterWatch
    proofs: ProofBook
    means: ProofMeans
    callbacks: CallbackBook
    switch: CallbackSwitch | None  # None: no dialer
    placed: PlacedLeads
    dispositions: DispositionTable  # what agents say came of a call


def reached(visitor: Visitor, permission: Permission) -> Reached | None:
    """Return whose matters a visitor reaches; None: nobody's."""
    match visitor.reach(permission):
        case Reach.ALL:
            return Reached()
        case Reach.TEAM if visitor.staff.team:
            return Reached(team=visitor.staff.team)
        case Reach.OWN:
            return Reached(assignee=visitor.staff.staff_id)
    return None
