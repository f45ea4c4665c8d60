"""The outbound half of the running service: its records, the dialer, the agents' work, joined."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry

from acd.driver import FloorDriver
from acd.skills import Skillbook
from ari.client import Client
from call_flows.book import FlowBook
from desk.script_book import load_scripts
from dialer.attempts import AttemptsUnavailable
from dialer.ports import OutboundEar
from domain.clock import Clock
from domain.directory import TaxpayerRecords
from domain.staff import StaffStore
from ivr.hours import OfficeHours
from ivr.look_ups import OfCall
from ivr.switchboard import Switchboard
from service.campaign_choices import OfferedChoices
from service.campaign_pages import CampaignGround, make_campaign_port, make_list_port
from service.campaign_part import CampaignPart, load_tables, make_campaigns
from service.engine_holder import free_role
from service.list_imports import ListImports
from service.live_story import LiveStories
from service.our_calls import look_ups_of_our_calls
from service.outbound_agents import AgentsOutbound, NoDialer, OutboundStands
from service.outbound_events import OutboundEvents
from service.outbound_floor import FloorForOutbound
from service.outbound_part import Dialer, DialerStands, make_dialer
from service.outcome_imports import FeedImports
from service.page_ports import OfficeCalendar
from service.secrets import MASTER_KEY
from service.set_up import Prepared
from service.tree import Loop, Part
from storage.attempts import DurableAttempts
from storage.campaign_ends import CampaignEnds
from storage.database import Database
from storage.lists import DurableLists
from storage.vault import Vault
from web.app import Area
from web.campaign_port import LiveCampaigns
from web.campaign_routes import add_campaign_routes
from web.list_routes import add_list_routes
from web.texts import Texts

ENDS_EVERY = 60.0  # seconds between two looks for campaigns that have come to their end
UPLOADS = "uploads"  # a folder of the installation: lists that were sent in and are being read


@dataclass(frozen=True, slots=True)
class OutboundGround:
    """What the outbound half stands on."""

    prepared: Prepared
    database: Database
    vault: Vault
    register: TaxpayerRecords
    clock: Clock
    hours: Callable[[], OfficeHours]  # in force
    flows: Callable[[], FlowBook]  # in force
    book: Callable[[], Skillbook]  # the administrator's tables in force


class OutboundSide:
    """Everything outbound. Made by `open_outbound`; `join` it once the floor stands."""

    def __init__(self, on: OutboundGround, campaigns: CampaignPart, attempts: DurableAttempts) -> None:
        settings = on.prepared.settings
        self._on = on
        self.role = settings.outbound_engine  # the dialer's name among those that share the database
        self.campaigns = campaigns
        self.attempts = attempts
        self.events = OutboundEvents()  # told of our calls by switchboard and Asterisk
        self.lists = DurableLists(on.database, on.vault)
        self.outcomes = FeedImports(settings.database, settings.secrets_folder / MASTER_KEY)
        self.imports = ListImports(
            on.database,
            on.vault,
            settings.database,
            settings.secrets_folder / MASTER_KEY,
            settings.home / UPLOADS,
            on.clock,
        )
        self._ends = CampaignEnds(on.database, campaigns.campaigns)
        self.floor: FloorForOutbound | None = None
        self.dialer: Dialer | None = None  # None: there is no trunk for our own calls
        self.live: LiveCampaigns | None = None  # campaigns as they are now; with the pages
        self._agents: AgentsOutbound | None = None

    @property
    def agents(self) -> AgentsOutbound:
        """Return the agents' side. Raises RuntimeError before `join`."""
        if self._agents is None:
            raise RuntimeError("the outbound half is not joined with the floor yet")
        return self._agents

    def look_ups(self) -> Mapping[str, OfCall]:
        """Return what flows may ask about calls of ours. Raises desk.matter_data.TableProblem."""
        on = self._on
        return look_ups_of_our_calls(
            on.database, on.vault, self.attempts, self.campaigns, on.register, on.clock
        )

    def join(
        self, client: Client, floor: FloorDriver, switchboard: Switchboard, registry: CollectorRegistry
    ) -> None:
        """Build dialer and agents' side, and let them be told of our calls. Raises TableProblem."""
        on, settings = self._on, self._on.prepared.settings
        self.floor = FloorForOutbound(floor)
        if settings.outbound:
            stands = DialerStands(
                on.database,
                self.attempts,
                self.campaigns,
                client,
                on.prepared.asterisk,
                self.floor,
                registry,
                on.clock,
                self.role,
                settings.home,
            )
            self.dialer = make_dialer(stands)
        work = OutboundStands(
            on.database,
            on.vault,
            self.attempts,
            self.campaigns.leads,
            self.campaigns.campaigns,
            self.campaigns.suppressions,
            on.register,
            LiveStories(switchboard),
            floor,
            self.campaigns.calendar,
            on.book,
            load_scripts(),
            on.clock,
        )
        self._agents = AgentsOutbound(NoDialer() if self.dialer is None else self.dialer.engine, work)
        if self.dialer is not None:
            ear: OutboundEar = self._agents.ear(self.dialer.engine)
            self.events.connect(ear)

    def areas(self, people: StaffStore, texts: Texts) -> Sequence[Area]:
        """Return the pages of lists and campaigns. Raises RuntimeError before `join`."""
        on = self._on
        if self.floor is None:
            raise RuntimeError("the outbound half is not joined with the floor yet")
        ground = CampaignGround(
            on.database,
            on.vault,
            self.campaigns,
            self.lists,
            people,
            None if self.dialer is None else self.dialer.look,
            self.floor,
            load_scripts(),
            on.flows,
            on.book,
            texts,
            on.clock,
            on.prepared.settings.home,
        )
        port = make_campaign_port(ground)
        self.live = port.live
        return [
            partial(add_list_routes, port=make_list_port(self.lists, self.imports, people, self.outcomes)),
            partial(add_campaign_routes, port=port),
        ]

    def parts(self) -> Sequence[Part]:
        """Return what runs, in the order in which it starts; after Asterisk's connection."""
        ends = Loop("campaign-ends", ENDS_EVERY, self._finish_campaigns)
        running: list[Part] = [OutboundRecordPart(self), self.agents.loop(), ends]
        return running if self.dialer is None else [*running, self.dialer.part]

    async def _finish_campaigns(self) -> None:
        await self._ends.look(self._on.clock.now())


class OutboundRecordPart(Part):
    """The record of attempts, and lists that are being loaded."""

    name = "outbound-record"

    def __init__(self, side: OutboundSide) -> None:
        self._side = side

    async def begin(self) -> None:
        """Remove what is left of lists whose reading broke off; free the role of a dialer that was killed."""
        await self._side.imports.start()
        with contextlib.suppress(AttemptsUnavailable):  # the dialer then waits for the end of the lease
            await free_role(self._side.attempts, self._side.role)

    async def end(self) -> None:
        """Write what is queued; nothing of a list that is still being read is kept."""
        await self._side.agents.stop()
        await self._side.imports.stop()
        await self._side.attempts.close()


async def open_outbound(on: OutboundGround) -> OutboundSide:
    """Open the records. Raises DatabaseProblem, desk.matter_data.TableProblem."""
    loop = asyncio.get_running_loop()
    tables, texts, scripts = load_tables(), Texts.load(), load_scripts()
    choices = OfferedChoices(scripts, on.flows, on.book, texts)

    calendar = OfficeCalendar(on.hours)
    campaigns = make_campaigns(on.database, on.vault, tables, calendar, choices.names)
    attempts = await loop.run_in_executor(None, DurableAttempts, on.database, on.vault, tables.outcomes, loop)
    return OutboundSide(on, campaigns, attempts)
