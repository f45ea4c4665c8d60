"""What the engine knows of its dials and campaigns, and what it wants done. Data only."""

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp

from acd.skills import Tier
from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, Pacing
from dialer.leads import Lead
from dialer.pacing.view import Pacer
from dialer.ports import LineEnd

PACE_OVER = 2.0  # seconds

Group = tuple[str, Tier]
"""Campaigns of one skill and tier share its agents."""


class Bar(StrEnum):
    """What bars every dial."""

    KILL_SWITCH = "kill_switch"
    DATABASE = "database"
    DISK = "disk"
    CLOCK = "clock"  # it jumped: nobody knows which hour it is


class Stage(StrEnum):
    """How far a dial has come."""

    PREPARING = "preparing"  # at the gate, or being put on record
    RINGING = "ringing"  # sent
    WAITING = "waiting"  # answered, without an agent
    JOINED = "joined"
    GONE = "gone"  # its channel is gone; its flow may still say how it ended


ACTIVE = frozenset({Stage.PREPARING, Stage.RINGING, Stage.WAITING, Stage.JOINED})
UNANSWERED = frozenset({Stage.PREPARING, Stage.RINGING})


@dataclass(slots=True)
class Line:
    """One dial, from the decision to its end. Times are monotonic seconds."""

    attempt_id: str
    campaign_id: str
    lead_id: int
    since: float
    ring: float  # seconds it may ring
    agent: str = ""  # the only agent it is placed for
    stage: Stage = Stage.PREPARING
    sent: float = 0.0
    answered: float = 0.0
    joined: str = ""
    how: DialOutcome | None = None  # what its flow said
    end: LineEnd | None = None
    ended: float = 0.0
    cancelled: bool = False
    lead: Lead | None = None  # as it was leased; None: an earlier process had it
    doubtful: bool = False  # nobody knows whether it was sent
    heard: float = 0.0  # when anything was last heard of it, or it was last looked up

    @property
    def began(self) -> float:
        """Return from when on it rings, or will."""
        return self.sent or self.since


@dataclass(slots=True)
class Desk:
    """One campaign under the engine."""

    campaign: Campaign
    pacer: Pacer
    leads: deque[Lead] = field(default_factory=deque)  # leased, not dialled yet
    leased: float = 0.0  # when the oldest of them was
    fetching: bool = False
    dry_until: float = 0.0  # no lead was due; asked again then
    pace: float = 0.0  # dials a second of late
    paced: float = 0.0  # when that was last reckoned
    refused: "Counter[str]" = field(default_factory=Counter)  # by WhyNot, since the engine began

    @property
    def group(self) -> Group:
        """Return the skill and tier of its agents."""
        return self.campaign.definition.skill, self.campaign.definition.tier

    def dialled(self, count: int, now: float) -> None:
        """Reckon its pace: what is longer ago counts less and less."""
        self.pace = self.pace * exp((self.paced - now) / PACE_OVER) + count / PACE_OVER
        self.paced = now

    @property
    def by_itself(self) -> bool:
        """Return whether it dials without being asked."""
        return self.campaign.definition.pacing is not Pacing.PREVIEW

    @property
    def needs_agents(self) -> bool:
        """Return whether its calls are for agents."""
        return self.campaign.definition.pacing is not Pacing.AGENTLESS


# ---- What the engine wants done


@dataclass(frozen=True, slots=True)
class Fetch:
    """Lease so many leads."""

    campaign_id: str
    most: int


@dataclass(frozen=True, slots=True)
class Place:
    """Ask the gate, put on record and send, each of these."""

    campaign_id: str
    dials: tuple[tuple[str, Lead, str], ...]  # attempt id, lead, agent


@dataclass(frozen=True, slots=True)
class Cancel:
    """Hang up what rings."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """Put an answer on record."""

    attempt_id: str
    amd: str


@dataclass(frozen=True, slots=True)
class KeepJoined:
    """Put on record who was joined."""

    attempt_id: str
    agent: str


@dataclass(frozen=True, slots=True)
class KeepEnd:
    """Put the end on record, then let the lead follow it. `outcome` None: it cannot be found out."""

    attempt_id: str
    campaign_id: str
    lead_id: int
    outcome: DialOutcome | None
    sip_code: int = 0
    cause: int = 0
    lead: Lead | None = None  # as it was leased


@dataclass(frozen=True, slots=True)
class LookUp:
    """Look up every unfinished attempt, then tell that it is done; `only`: these, at any time."""

    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Borrow:
    """Have so many agents of inbound work for this group; 0: give all back."""

    group: Group
    wanted: int


Command = Fetch | Place | Cancel | KeepAnswer | KeepJoined | KeepEnd | LookUp | Borrow
