"""Campaigns, leads, the gate and what they ask, on this installation's database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from desk.working_days import WorkingCalendar
from dialer.campaigns import Definition
from dialer.campaigns_check import Known, check_definition
from dialer.dispositions import DispositionTable, load_dispositions
from dialer.dry_run import DryRun
from dialer.gate import Gate
from dialer.kinds import CapTable, KindTable, load_caps, load_kinds
from dialer.outcomes import Outcomes, load_outcomes
from dialer.retry import FollowUpRules, RetryTable, load_retry
from storage.campaign_facts import RecordedFacts
from storage.campaign_switch import DurableKillSwitch
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.leads import DurableLeads
from storage.solved import OutcomeFeed
from storage.suppressions import DurableSuppressions
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Names:
    """What a campaign may name: outbound scripts, flows for people we called, skills."""

    scripts: frozenset[str]
    flows: frozenset[str]
    for_agents: frozenset[str]  # those flows in which people come to agents by themselves
    skills: frozenset[str]

    @classmethod
    def none(cls) -> Self:
        """Return what does where no definition is checked."""
        return cls(frozenset(), frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class CampaignTables:
    """The dated tables of campaigns."""

    kinds: KindTable
    caps: CapTable
    retry: RetryTable
    dispositions: DispositionTable
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class CampaignPart:
    """Everything of campaigns that others build on."""

    tables: CampaignTables
    calendar: WorkingCalendar
    campaigns: DurableCampaigns
    leads: DurableLeads
    suppressions: DurableSuppressions
    solved: OutcomeFeed
    switch: DurableKillSwitch
    facts: RecordedFacts
    gate: Gate
    dry_run: DryRun

    def follow_up(self, definition: Definition, now: datetime) -> FollowUpRules:
        """Return what follows outcomes and dispositions of a campaign now."""
        return FollowUpRules(self.tables.retry.at(now), definition, self.calendar)


def load_tables() -> CampaignTables:
    """Read the shipped tables. Raises desk.matter_data.TableProblem."""
    return CampaignTables(load_kinds(), load_caps(), load_retry(), load_dispositions(), load_outcomes())


def make_campaigns(
    database: Database,
    vault: Vault,
    tables: CampaignTables,
    calendar: WorkingCalendar,
    names: Callable[[], Names],
) -> CampaignPart:
    """Build everything on a database. `names` is asked whenever a definition is checked."""

    def check(definition: Definition) -> None:
        now, found = datetime.now(UTC), names()
        known = Known(
            found.scripts,
            found.flows,
            found.for_agents,
            found.skills,
            tables.dispositions.at(now),
            tables.retry.at(now),
            tables.caps.at(now),
        )
        check_definition(definition, known)

    facts = RecordedFacts(database, tables.outcomes)
    suppressions, solved = DurableSuppressions(database), OutcomeFeed(database, tables.kinds)
    leads = DurableLeads(database, vault)
    gate = Gate(facts, suppressions, solved, tables.caps, calendar)
    return CampaignPart(
        tables=tables,
        calendar=calendar,
        campaigns=DurableCampaigns(database, check),
        leads=leads,
        suppressions=suppressions,
        solved=solved,
        switch=DurableKillSwitch(database),
        facts=facts,
        gate=gate,
        dry_run=DryRun(gate, facts, leads, calendar),
    )
