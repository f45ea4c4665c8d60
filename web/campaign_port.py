"""What the pages of campaigns stand on: the ports that others implement."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from desk.working_days import WorkingCalendar
from dialer.campaigns import Campaign, CampaignStore, KillSwitch
from dialer.dispositions import DispositionTable
from dialer.dry_run import DryRunReport
from dialer.effect import Effect, EffectRow
from dialer.kinds import CapTable, KindTable
from dialer.leads import Lead, LeadStore
from dialer.lists import ListStore
from dialer.results import DayFigures, LiveUnavailable, ResultFigures, ResultRow
from dialer.retry import Refusal, RetryTable
from domain.staff import StaffStore

__all__ = [
    "CampaignChoices",
    "CampaignPort",
    "CampaignTables",
    "Choice",
    "DayFigures",
    "DryRuns",
    "Effect",
    "EffectReport",
    "EffectRow",
    "LeadFinder",
    "LiveCampaigns",
    "LiveLook",
    "LiveUnavailable",
    "ResultFigures",
    "ResultRow",
    "Results",
]

Choice = tuple[str, str]
"""A name, and what it is called in the reader's language."""


class CampaignChoices(Protocol):
    """What a definition may name beside what the tables say. `language` is id or en."""

    def scripts(self, language: str) -> Sequence[Choice]:
        """Return the outbound scripts."""
        ...

    def flows(self, language: str) -> Sequence[Choice]:
        """Return the call flows that an answered call may run."""
        ...

    def skills(self, language: str) -> Sequence[Choice]:
        """Return the skills whose agents may work for a campaign."""
        ...


@dataclass(frozen=True, slots=True)
class LiveLook:
    """One campaign at this moment. Nothing in it is personal."""

    at: datetime  # aware
    ringing: int  # lines
    waiting: int  # answered, without an agent yet
    talking: int
    agents: Mapping[str, int]  # by state: idle, ringing, talking, wrap_up
    borrowed: int  # of them, agents of inbound
    today: DayFigures
    abandoned_upper: float  # upper confidence bound of the share of live answers abandoned, 0 to 1
    ready: int  # leads still to be called
    done: int
    control: int
    reasons: Mapping[str, int] = field(default_factory=dict)  # `WhyNot` → ready leads that it holds back
    hours: Mapping[int, DayFigures] = field(default_factory=dict)  # of today, by the hour's number in WIB
    why_idle: str = ""  # `WhyNot`: why nothing is dialled just now; empty: it is
    pacing: str = ""  # the pacing at work; predictive works as progressive for a small team


class LiveCampaigns(Protocol):
    """Campaigns as the engine has them now."""

    async def look(self, campaign_id: str) -> LiveLook:
        """Return one as it is; asked every second while somebody watches.

        Raises KeyError, LiveUnavailable.
        """
        ...


class DryRuns(Protocol):
    """Judges leads by the gate without dialling (`dialer.dry_run.DryRun`). Raises LeadsUnavailable."""

    async def run(
        self,
        campaign: Campaign,
        now: datetime,
        day: date | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> DryRunReport:
        """Return what today would be like; `progress` is told how many leads were judged so far."""
        ...

    async def why(
        self, campaign: Campaign, lead: Lead, now: datetime, *, killed: bool = False
    ) -> Refusal | None:
        """Return why one lead is not called at this very moment; None: it may be."""
        ...


class LeadFinder(Protocol):
    """Finds the lead of a taxpayer."""

    async def lead_of(self, campaign_id: str, npwp: str) -> int | None:
        """Return the lead of a taxpayer (16 digits, personal) in a campaign. Raises LeadsUnavailable."""
        ...


class Results(Protocol):
    """What came of a campaign's leads. Raises KeyError, LiveUnavailable."""

    async def figures(self, campaign_id: str) -> ResultFigures:
        """Return counts."""
        ...

    def rows(self, campaign_id: str) -> AsyncIterator[Sequence[ResultRow]]:
        """Yield every lead, batch by batch, in the order of lists and rows; control groups too."""
        ...


class EffectReport(Protocol):
    """Compares those called with those who were not."""

    async def of(self, campaign_id: str) -> Effect | None:
        """Return it; None: no outcomes are known yet. Raises KeyError, LiveUnavailable."""
        ...


class CampaignTables(Protocol):
    """What is data."""

    @property
    def kinds(self) -> KindTable:
        """Return the kinds of campaigns."""
        ...

    @property
    def caps(self) -> CapTable:
        """Return the caps above all campaigns."""
        ...

    @property
    def retry(self) -> RetryTable:
        """Return what follows outcomes and dispositions."""
        ...

    @property
    def dispositions(self) -> DispositionTable:
        """Return the dispositions."""
        ...


@dataclass(frozen=True, slots=True)
class CampaignPort:
    """Given to `add_campaign_routes`."""

    campaigns: CampaignStore
    lists: ListStore
    leads: LeadStore
    switch: KillSwitch
    tables: CampaignTables
    choices: CampaignChoices
    live: LiveCampaigns
    dry_runs: DryRuns
    finder: LeadFinder
    results: Results
    effect: EffectReport
    calendar: WorkingCalendar
    people: StaffStore
    work: Path  # a private folder for workbooks that are being written
