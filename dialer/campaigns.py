"""Campaigns as data: what is said, who is called when and how often, and what each outcome means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from acd.skills import Tier


class CampaignsUnavailable(Exception):
    """Campaigns cannot be read or written at the moment; nothing was changed."""


class CampaignChanged(Exception):
    """Somebody changed the campaign meanwhile, or its state does not allow this; nothing was changed."""


class CampaignRefused(Exception):
    """A campaign cannot be defined so. `field` and `word` name what and why, in the catalogue of texts."""

    def __init__(self, field: str, word: str, value: str = "") -> None:
        super().__init__(f"{field}: {word}")
        self.field, self.word, self.value = field, word, value


class CampaignKind(StrEnum):
    """What the calls are for."""

    NON_FILER = "non_filer"
    BILLING = "billing"  # and collection support
    SURVEY = "survey"
    REMINDER = "reminder"  # to a group before its deadline
    FIRST_PAYMENT = "first_payment"  # newly registered, nothing paid yet
    CALLBACK = "callback"


class Pacing(StrEnum):
    """How calls are placed."""

    PREVIEW = "preview"  # the agent sees the contact, then dials or skips
    PROGRESSIVE = "progressive"  # one line for each free agent
    PREDICTIVE = "predictive"  # ahead of agents, under the limit of abandonment
    AGENTLESS = "agentless"  # a reminder by a call flow


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"  # no new dial; those that ring go on
    STOPPED = "stopped"  # no new dial, ringing ones are cancelled
    FINISHED = "finished"  # nobody is left to call, or its end is past


MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.FINISHED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED, CampaignState.FINISHED}),
    CampaignState.STOPPED: frozenset({CampaignState.RUNNING, CampaignState.FINISHED}),
    # A callback may be promised after the last lead was called.
    CampaignState.FINISHED: frozenset({CampaignState.RUNNING}),
}
"""From which state a campaign goes to which."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when a call may begin, on the callee's own clock, on days that are no days off."""

    opens: time = time(8)
    closes: time = time(16)  # excluded; never later than 18:00
    weekdays: frozenset[int] = frozenset(range(5))  # Monday is 0


@dataclass(frozen=True, slots=True)
class Caps:
    """How many attempts at most. The cap of the taxpayer over all campaigns stands above these."""

    life: int = 6
    day: int = 2  # the callee's calendar day
    rolling_24h: int = 2


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What follows an outcome or disposition of this code."""

    attempts: int  # further ones after this outcome, at most
    spacing: timedelta  # at least, between this outcome and the next attempt
    next_number: bool = False  # try the contact's next number


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything a campaign manager sets. Kept by version; a running campaign changes by a new version."""

    title: str
    kind: CampaignKind
    script: str  # name of a desk script
    flow: str  # name of the call flow that an answered call runs
    pacing: Pacing = Pacing.PROGRESSIVE
    skill: str = "outbound"
    tier: Tier = Tier.A
    priority: int = 0  # greater goes first where campaigns share agents
    starts_on: date | None = None
    ends_on: date | None = None  # the last day
    window: Window = field(default_factory=Window)
    caps: Caps = field(default_factory=Caps)
    retry: Mapping[str, RetryRule] = field(default_factory=dict)  # by outcome or disposition code
    dispositions: tuple[str, ...] = ()  # codes offered to agents; empty: all of the table
    needs_poro: bool = True
    ring_seconds: float = 25.0  # at least 15
    most_lines: int = 30
    abandon_limit: float = 0.03  # share of live answers
    least_team: int = 4  # agents, below which predictive works as progressive
    control_share: float = 0.0  # share of contacts that are not called
    effect_days: int = 14  # filed or paid within so many days counts
    tax_period: str = ""  # what is to be filed or paid, 2025 or 2025-03; empty: any
    amd: bool = False
    fields: tuple[str, ...] = ()  # of the contact, shown to the agent and filled into the script
    content: str = ""  # `{isi_campaign}` of the script: told after PORO only


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign."""

    campaign_id: str
    definition: Definition
    version: int  # of the definition, from 1
    state: CampaignState
    lists: tuple[str, ...]  # list ids
    created_by: str  # staff_id
    created_at: datetime
    changed_at: datetime


class CampaignStore(Protocol):
    """Keeps campaigns. Every method raises CampaignsUnavailable."""

    async def all(self) -> Sequence[Campaign]:
        """Return campaigns, newest first."""
        ...

    async def get(self, campaign_id: str) -> Campaign:
        """Return one. Raises KeyError."""
        ...

    async def create(self, definition: Definition, by: str, at: datetime) -> Campaign:
        """Keep a new draft. Raises CampaignRefused."""
        ...

    async def change(
        self, campaign_id: str, version: int, definition: Definition, by: str, at: datetime
    ) -> Campaign:
        """Keep a new version after `version`. Raises CampaignChanged, CampaignRefused, KeyError."""
        ...

    async def copy(self, campaign_id: str, title: str, by: str, at: datetime) -> Campaign:
        """Keep a new draft like another campaign, without its dates and lists.

        Raises CampaignRefused, KeyError.
        """
        ...

    async def add_list(self, campaign_id: str, list_id: str, by: str, at: datetime) -> int:
        """Make leads of an approved list's contacts, all or none; return how many.

        A share of `control_share` of them is never called (`LeadState.CONTROL`), chosen by the taxpayer's
        key, so that the same taxpayer falls on the same side everywhere. What broke off is taken up again.
        Raises CampaignRefused (field `list`: unknown, not_approved, expired, added), CampaignChanged,
        KeyError.
        """
        ...

    async def move(self, campaign_id: str, to: CampaignState, by: str, at: datetime) -> Campaign:
        """Start, pause, stop or finish it.

        Raises CampaignChanged: not from its state (`MOVES`). CampaignRefused: it is started without a list
        (`lists`, missing) or after its last day (`ends_on`, past). KeyError.
        """
        ...

    async def history(self, campaign_id: str) -> Sequence[tuple[datetime, str, str]]:
        """Return what was done to it: when, by whom (staff_id), what; oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class SwitchChange:
    """One change of the kill switch. While it is thrown nothing is dialled, and what rings is cancelled."""

    at: datetime  # aware, UTC
    thrown: bool
    reason: str
    who: str  # staff_id


class KillSwitch(Protocol):
    """The switch that stops all outbound dialling at once. Every method raises CampaignsUnavailable."""

    async def latest(self) -> SwitchChange | None:
        """Return the change in force; None: it was never touched, and dialling is allowed."""
        ...

    async def throw(self, who: str, reason: str, at: datetime) -> SwitchChange:
        """Stop everything. Raises ValueError without a name or a reason."""
        ...

    async def lift(self, who: str, reason: str, at: datetime) -> SwitchChange:
        """Allow dialling again. Raises ValueError without a name."""
        ...

    async def history(self, most: int = 20) -> Sequence[SwitchChange]:
        """Return the newest changes, newest first."""
        ...
