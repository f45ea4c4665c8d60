"""What the pages of lists and campaigns stand on, joined."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acd.skills import Skillbook
from call_flows.book import FlowBook
from desk.script import Script
from dialer.effect import Effect
from dialer.engine_ports import EngineLook
from dialer.imports import Imports
from dialer.ports import OutboundFloor
from dialer.results import ResultFigures, ResultRow
from domain.clock import Clock
from domain.staff import StaffStore
from service.campaign_choices import OfferedChoices
from service.campaign_live import LiveStands, WatchedCampaigns
from service.campaign_part import CampaignPart
from service.kept import Kept
from storage.campaign_day import CampaignDay
from storage.campaign_effect import CampaignEffect
from storage.campaign_results import CampaignResults
from storage.database import Database
from storage.lists import DurableLists
from storage.vault import Vault
from web.campaign_port import CampaignPort
from web.list_port import ListPort
from web.outcome_port import OutcomeImports
from web.texts import Texts

_FIGURES_KEPT = 5.0  # seconds
_EFFECT_KEPT = 60.0  # it changes with the outcome feed, once a day
WORK = "exports"  # a folder of the installation: workbooks that are being written


@dataclass(frozen=True, slots=True)
class CampaignGround:
    """What the pages of campaigns stand on."""

    database: Database
    vault: Vault
    part: CampaignPart
    lists: DurableLists
    people: StaffStore
    engine: Callable[[], EngineLook] | None  # None: nothing dials here
    floor: OutboundFloor
    scripts: Mapping[str, Script]
    flows: Callable[[], FlowBook]  # in force
    book: Callable[[], Skillbook]  # the administrator's tables in force
    texts: Texts
    clock: Clock
    home: Path  # of the installation


class KeptResults:
    """A `web.campaign_port.Results` whose counts are kept for a moment."""

    def __init__(self, results: CampaignResults, clock: Clock) -> None:
        self._results = results
        self._figures = Kept(results.figures, clock.monotonic, _FIGURES_KEPT)

    async def figures(self, campaign_id: str) -> ResultFigures:
        """Return counts. Raises KeyError, LiveUnavailable."""
        return await self._figures.get(campaign_id)

    def rows(self, campaign_id: str) -> AsyncIterator[Sequence[ResultRow]]:
        """Yield every lead, batch by batch. Raises KeyError, LiveUnavailable."""
        return self._results.rows(campaign_id)


class KeptEffect:
    """A `web.campaign_port.EffectReport` whose answers are kept for a while."""

    def __init__(self, effect: CampaignEffect, clock: Clock) -> None:
        self._effect = Kept(effect.of, clock.monotonic, _EFFECT_KEPT)

    async def of(self, campaign_id: str) -> Effect | None:
        """Return it; None: no outcomes are known yet. Raises KeyError, LiveUnavailable."""
        return await self._effect.get(campaign_id)


def make_campaign_port(on: CampaignGround) -> CampaignPort:
    """Build what `web.campaign_routes.add_campaign_routes` is given. Makes a private folder below `home`."""
    part, tables = on.part, on.part.tables
    work = on.home / WORK
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    live = LiveStands(
        part.campaigns,
        CampaignDay(on.database),
        on.engine,
        on.floor,
        tables.outcomes,
        tables.dispositions,
        part.calendar,
        on.clock,
    )
    effect = CampaignEffect(on.database, part.campaigns, tables.kinds, tables.dispositions, on.clock)
    return CampaignPort(
        campaigns=part.campaigns,
        lists=on.lists,
        leads=part.leads,
        switch=part.switch,
        tables=tables,
        choices=OfferedChoices(on.scripts, on.flows, on.book, on.texts),
        live=WatchedCampaigns(live),
        dry_runs=part.dry_run,
        finder=part.leads,
        results=KeptResults(CampaignResults(on.database, on.vault), on.clock),
        effect=KeptEffect(effect, on.clock),
        calendar=part.calendar,
        people=on.people,
        work=work,
    )


def make_list_port(
    lists: DurableLists, imports: Imports, people: StaffStore, outcomes: OutcomeImports
) -> ListPort:
    """Build what `web.list_routes.add_list_routes` is given. `outcomes`: a `FeedImports`."""
    return ListPort(lists=lists, imports=imports, records=lists, people=people, outcomes=outcomes)
