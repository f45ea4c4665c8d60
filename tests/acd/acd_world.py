"""A world around the floor: Asterisk, the flows and the record, as far as the floor can tell.

It performs actions, refuses those that make no sense, and lets their consequences come back later, in
any order that the real ones could have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from acd.actions import (
    Action,
    CallOut,
    CloseBridge,
    EndTalk,
    HangUpLeg,
    JoinBridge,
    Joined,
    LetGo,
    OpenBridge,
    PartBridge,
    RingLeg,
    Snoop,
    StartMusic,
    StopMusic,
    Tell,
    Write,
)
from acd.blending import BlendingRules
from acd.floor import Floor
from acd.floor_rules import FloorRules
from acd.happenings import (
    CallEntered,
    CallGone,
    CallHandedOver,
    ControlBack,
    ControlLost,
    Happening,
    LegGone,
    LegJoined,
    LegUp,
    PhoneLost,
    PhoneSeen,
    TimePassed,
)
from acd.messages import OUTCOME, staff_messages
from acd.requests import Actor, Request, Role
from acd.skills import Skillbook
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, SupervisionRow
from domain.legs import LiveLeg
from domain.waiting_room import TalkEnd
from tests.acd.acd_lines import Caller, Channel, subject

OUTCOMES = staff_messages().words(OUTCOME)
BEGIN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


class World:
    """One floor and everything it acts upon."""

    def __init__(self, book: Skillbook, rules: FloorRules, lending: BlendingRules | None = None) -> None:
        self.book, self.rules, self.lending = book, rules, lending
        self.ids = count(1)
        self.now = 1000.0
        self.floor = Floor(book, rules, self.new_id, lending=lending)
        self.channels: dict[str, Channel] = {}
        self.ever: set[str] = set()
        self.bridges: set[str] = set()
        self.closed: set[str] = set()
        self.callers: dict[str, Caller] = {}
        self.rows: list[FloorRow] = []
        self.joined: list[tuple[str, str]] = []  # call, agent
        self.told: list[tuple[str, str]] = []
        self.pending: deque[Happening] = deque()
        self.last: list[Action] = []
        self.control = False
        self.accounts: dict[str, str] = {}
        self.laws: Callable[[World], None] = lambda world: None

    def new_id(self) -> str:
        return f"{next(self.ids):032x}"

    @property
    def at(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now)

    # -- telling the floor ----------------------------------------------------------------------

    def tell(self, happening: Happening) -> None:
        self.perform(self.floor.handle(happening, self.now, self.at))

    def ask(self, request: Request, who: str = "", role: Role = Role.AGENT) -> None:
        self.perform(self.floor.request(Actor(who or request.agent, role), request, self.now, self.at))

    def deliver(self, skip: int = 0) -> bool:
        """Let the next consequence happen, or a later one that is about somebody else. False: none."""
        if not self.pending:
            return False
        about = [subject(happening) for happening in self.pending]
        index = next(i for i in range(min(skip, len(about) - 1), -1, -1) if about[i] not in about[:i])
        happening = self.pending[index]
        del self.pending[index]
        self.tell(happening)
        return True

    def settle(self) -> None:
        while self.deliver():
            pass

    def wait(self, seconds: float) -> None:
        """Let time pass; the floor is woken when it asked to be, consequences come at once."""
        until = self.now + seconds
        self.settle()
        while (soon := min(self.floor.wake_at, self.ring_ends())) <= until:
            self.now = max(self.now, soon)
            for channel in list(self.channels.values()):
                if channel.rings_until <= self.now and not channel.up:
                    self.end_leg(channel.name, 19)
            self.tell(TimePassed())
            self.settle()
        self.now = until

    def ring_ends(self) -> float:
        """Return when the first phone stops ringing by itself."""
        return min((c.rings_until for c in self.channels.values() if not c.up), default=float("inf"))

    def happens(self, happening: Happening) -> None:
        """Something happens that the floor will be told; without control Asterisk tells nothing."""
        if self.control or isinstance(happening, CallGone | CallHandedOver | CallEntered):
            self.pending.append(happening)

    # -- performing what it wants ---------------------------------------------------------------

    def perform(self, actions: Sequence[Action]) -> None:
        self.last = list(actions)
        for action in actions:
            if isinstance(action, Write):
                outcome = getattr(action.row, "outcome", "")
                assert not outcome or outcome in OUTCOMES, f"no words for the outcome {outcome}"
                self.rows.append(action.row)
            elif isinstance(action, Tell):
                self.told.append((action.agent, action.word))
            elif isinstance(action, LetGo | EndTalk):
                self.flow(action)
            elif not self.control:
                assert not isinstance(action, RingLeg | CallOut | Snoop), "acts without control"
            elif isinstance(action, OpenBridge | CloseBridge | JoinBridge | PartBridge):
                self.bridge(action)
            else:
                self.leg(action)
        self.laws(self)

    def leg(self, action: Action) -> None:
        if isinstance(action, Joined):
            self.joined.append((action.call_id, action.agent))
        elif isinstance(action, RingLeg):
            assert action.leg not in self.ever, "a leg's name is used once"
            busy = [c.name for c in self.channels.values() if c.account == action.account]
            assert not busy, f"{action.account} is rung while {busy} live"
            self.ever.add(action.leg)
            assert self.control, "rings a phone without control"
            until = self.now + action.seconds
            self.channels[action.leg] = Channel(
                action.leg, action.args, action.account, rings_until=until, quick=action.quick
            )
        elif isinstance(action, CallOut):
            assert action.leg not in self.ever
            state = self.callers[action.call_id].state
            assert state in ("booked", "gone"), "calls back who waits for it, or has just given up"
            assert not self.called_back(action.call_id), "one call back at a time"
            self.ever.add(action.leg)
            until = self.now + action.seconds
            self.channels[action.leg] = Channel(action.leg, action.args, rings_until=until)
        elif isinstance(action, Snoop):
            assert action.target in self.ever
            self.ever.add(action.leg)
            if action.target in self.channels:
                self.channels[action.leg] = Channel(action.leg, ("snoop",), up=True)
                self.happens(LegUp(action.leg))
            else:
                self.happens(LegGone(action.leg, 0))
        elif isinstance(action, HangUpLeg):
            assert action.leg in self.ever, "hangs up a leg that never was"
            self.end_leg(action.leg, action.cause)
        elif isinstance(action, StartMusic | StopMusic):
            assert action.leg in self.ever
            if channel := self.channels.get(action.leg):
                silent = isinstance(action, StopMusic)
                assert silent or channel.bridge is None, "music is played outside of bridges"
                channel.music = isinstance(action, StartMusic)

    def bridge(self, action: OpenBridge | CloseBridge | JoinBridge | PartBridge) -> None:
        if isinstance(action, OpenBridge):
            self.bridges.add(action.bridge)
            return
        assert action.bridge in self.bridges, f"{action} names a bridge that is not there"
        if isinstance(action, CloseBridge):
            self.bridges.discard(action.bridge)
            for inside in self.channels.values():
                if inside.bridge == action.bridge:
                    inside.bridge = None
            return
        assert action.leg in self.ever, f"{action} names a leg that never was"
        channel = self.channels.get(action.leg)
        if channel is None:
            return
        if isinstance(action, JoinBridge):
            assert channel.up, "only an answered leg can be joined"
            assert not channel.music, "music is stopped before a leg is joined"
            if channel.bridge != action.bridge:
                channel.bridge = action.bridge
                self.happens(LegJoined(action.bridge, action.leg))
        else:
            channel.bridge = None

    def flow(self, action: LetGo | EndTalk) -> None:
        caller = self.callers[action.call_id]
        caller.told.append(action.how)
        if caller.state == "gone":
            return
        if caller.state == "booked":
            assert action.how not in ("answered", TalkEnd.RETURNED, TalkEnd.TRANSFERRED)
            self.hang_up_caller(caller.call_id)
            return
        if isinstance(action, LetGo):
            assert caller.state == "waiting", "let go once"
            if action.how == "answered":
                caller.state = "talking"
                self.happens(CallHandedOver(caller.call_id, f"caller-{caller.call_id}"))
            else:
                self.hang_up_caller(caller.call_id)
            return
        if action.how in (TalkEnd.RETURNED, TalkEnd.TRANSFERRED):
            assert caller.state == "talking", "only a talk can be given back"
            caller.state, caller.queue = "waiting", action.queue or caller.own
            if action.how == TalkEnd.RETURNED:  # the flow lets whoever is there take the person up again
                caller.outbound = (caller.outbound[0], "", caller.outbound[2])
            else:
                caller.outbound = (0, "", False)
            self.happens(self.entered(caller))
        else:
            self.hang_up_caller(caller.call_id)

    # -- what people and lines do ---------------------------------------------------------------

    def end_leg(self, name: str, cause: int) -> None:
        if self.channels.pop(name, None):
            self.happens(LegGone(name, cause))

    def call(
        self,
        call_id: str,
        queue: str,
        language: str = "id",
        waited: float = 0.0,
        outbound: tuple[int, str, bool] = (0, "", False),
    ) -> None:
        """A caller, or a person we called (priority, only, quick), reaches the room."""
        leg = f"caller-{call_id}"
        self.ever.add(leg)
        self.channels[leg] = Channel(leg, ("flow",), up=True)
        caller = self.callers[call_id] = Caller(call_id, queue, language, self.now - waited, outbound)
        self.tell(self.entered(caller))

    def entered(self, caller: Caller) -> CallEntered:
        """Return what the floor is told when a call waits."""
        leg = f"caller-{caller.call_id}"
        return CallEntered(caller.call_id, leg, caller.queue, caller.language, caller.since, *caller.outbound)

    def hang_up_caller(self, call_id: str, why: str = "caller_hung_up") -> None:
        """A caller's line ends; the floor is told later."""
        caller = self.callers[call_id]
        if caller.state != "gone":
            caller.state = "gone"
            self.channels.pop(f"caller-{call_id}", None)
            self.happens(CallGone(call_id, why))

    def book_callback(self, call_id: str) -> None:
        """A waiting caller hangs up to be called back in turn."""
        caller = self.callers[call_id]
        caller.state = "booked"
        self.channels.pop(f"caller-{call_id}")
        self.tell(CallGone(call_id, "callback"))
        self.tell(CallEntered(call_id, "", caller.queue, caller.language, caller.since))

    def called_back(self, call_id: str) -> list[Channel]:
        """Return the channels to a person who is called back."""
        return [c for c in self.channels.values() if c.args[:1] == ("callback",) and c.args[2] == call_id]

    def phone(self, agent: str, account: str = "") -> None:
        account = account or f"a{agent}"
        self.accounts[account] = agent
        self.tell(PhoneSeen(agent, account))

    def phone_dies(self, agent: str, account: str = "") -> None:
        self.tell(PhoneLost(agent, account or f"a{agent}"))

    def leg_of(self, agent: str) -> Channel | None:
        """Return the channel on an agent's phone."""
        found = [c for c in self.channels.values() if self.accounts.get(c.account) == agent]
        assert len(found) <= 1
        return found[0] if found else None

    def answer(self, agent: str) -> None:
        channel = self.leg_of(agent)
        assert channel is not None and not channel.up, f"the phone of {agent} does not ring"
        channel.up = True
        self.happens(LegUp(channel.name))

    def hang_up(self, agent: str, cause: int = 16) -> None:
        channel = self.leg_of(agent)
        assert channel is not None, f"nothing on the phone of {agent}"
        self.end_leg(channel.name, cause)

    def lose_control(self) -> None:
        self.control = False
        kept = [h for h in self.pending if isinstance(h, CallGone | CallHandedOver | CallEntered)]
        self.pending = deque(kept)
        self.tell(ControlLost())

    def gain_control(self) -> None:
        self.control = True
        ours = tuple(
            LiveLeg(c.name, c.args, c.up, c.bridge)
            for c in self.channels.values()
            if c.args != ("flow",) or c.bridge in self.bridges
        )
        self.tell(ControlBack(ours, tuple(sorted(self.bridges))))

    def restart(self) -> None:
        """Kill the service: its memory and what was on its way to it are gone."""
        self.pending.clear()
        self.control = False
        self.floor = Floor(self.book, self.rules, self.new_id, self.last_offer + 1, self.lending)
        agents = {row.agent: row for row in self.rows if isinstance(row, AgentRow)}
        last = {row.leg: row for row in self.rows if isinstance(row, LegRow)}
        open_legs = [row for row in last.values() if row.seconds is None]
        entries = {row.call_id: row for row in self.rows if isinstance(row, EntryRow)}
        self.floor.restore(list(agents.values()), open_legs, self.now, self.at, list(entries.values()))

    def come_back(self) -> None:
        """What a restarted service is told: phones, flows, then the list of legs."""
        for account, agent in self.accounts.items():
            self.tell(PhoneSeen(agent, account))
        for caller in self.callers.values():
            leg = f"caller-{caller.call_id}"
            if caller.state == "waiting":
                self.tell(self.entered(caller))
            elif caller.state == "booked":
                self.tell(CallEntered(caller.call_id, "", caller.queue, caller.language, caller.since))
            elif caller.state == "talking":
                self.tell(CallHandedOver(caller.call_id, leg))
        self.gain_control()

    # -- what is on record ----------------------------------------------------------------------

    @property
    def last_offer(self) -> int:
        return max((row.number for row in self.rows if isinstance(row, OfferRow)), default=0)

    def phases(self, agent: str) -> list[tuple[str, str]]:
        """Return the phases that an agent's legs ended, with how."""
        return [
            (row.phase.value, row.outcome)
            for row in self.rows
            if isinstance(row, LegRow) and row.agent == agent and row.seconds is not None
        ]

    def outcomes(self, call_id: str) -> list[str]:
        return [
            row.outcome
            for row in self.rows
            if isinstance(row, EntryRow) and row.call_id == call_id and row.outcome
        ]

    def acts(self) -> list[tuple[str, str, str]]:
        return [(row.by, row.act, row.agent) for row in self.rows if isinstance(row, SupervisionRow)]

    def view(self, agent: str) -> tuple[str, str]:
        found = next(view for view in self.floor.agents(self.now) if view.agent == agent)
        return found.declared, found.observed

    def heard_together(self, call_id: str) -> set[str]:
        """Return who shares the talk's bridge: agents by number, and the caller."""
        found = set()
        for channel in self.channels.values():
            if channel.bridge == f"talk-{call_id}":
                found.add(self.accounts.get(channel.account, "caller"))
        return found
