"""The dialer of the running service: everything that it stands on, joined."""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from ari.client import Client
from asterisk_conf.ami import Ami, AmiRefused, AmiUnavailable
from asterisk_conf.settings import AsteriskSettings
from dialer.campaigns import Campaign, Pacing
from dialer.engine import Engine
from dialer.engine_leads import LeadDesk
from dialer.engine_ports import EngineLook, EnginePorts
from dialer.engine_rules import EngineRules
from dialer.pacing.predictive import Predictive
from dialer.pacing.progressive import Progressive
from dialer.pacing.settings import AbandonLimit, PacingSettings
from dialer.pacing.view import Pacer
from dialer.ports import OutboundFloor
from domain.clock import Clock
from domain.ids import new_id
from service.campaign_part import CampaignPart
from service.dialer_metrics import DialerMetrics
from service.engine_holder import holder_name
from service.outbound_ledger import CelLedger
from service.outbound_lines import AriLines
from service.pacing_memory import PacingMemory
from service.tree import Part, end_task
from storage.attempts import DurableAttempts
from storage.database import Database
from storage.dial_orders import RecordedOrders
from storage.lead_outcomes import LeadOutcomes

log = logging.getLogger(__name__)

LEAST_ROOM = 64 * 1024 * 1024  # bytes free on the disk; with less nothing is dialled
MEMORY_EVERY = 60.0  # seconds between two savings of what pacers learnt
LEDGER_EVERY = 600.0  # seconds between two looks whether the ledger's file is full


@dataclass(frozen=True, slots=True)
class DialerStands:
    """What the dialer stands on."""

    database: Database
    attempts: DurableAttempts
    campaigns: CampaignPart
    client: Client
    asterisk: AsteriskSettings
    floor: OutboundFloor
    registry: CollectorRegistry
    clock: Clock
    role: str  # the engine's name, the same after a restart
    home: Path  # on whose disk there must be room


@dataclass(frozen=True, slots=True)
class Dialer:
    """The dialer, joined. `engine` is the `dialer.ports.OutboundEar`, and dials for agents."""

    engine: Engine
    lines: AriLines
    ledger: CelLedger
    part: "DialerPart"

    def look(self) -> EngineLook:
        """Return the engine as it stands."""
        return self.engine.look()


class DialerPart(Part):
    """The engine in the service's tree: it starts after Asterisk and storage, and stops before them."""

    name = "dialer"

    def __init__(
        self, engine: Engine, ledger: CelLedger, ami: Ami, memory: PacingMemory | None = None
    ) -> None:
        self._engine, self._ledger, self._ami, self._memory = engine, ledger, ami, memory
        self._tidying: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start dialling, as far as anything is ordered."""
        self._engine.start()
        self._tidying = asyncio.create_task(self._tidy(), name="outbound-ledger")
        if self._memory is not None:
            self._keeping = asyncio.create_task(self._keep(self._memory), name="pacing-memory")

    async def end(self) -> None:
        """Cancel what rings, put the ends on record, give the role up."""
        await end_task(self._tidying)
        await end_task(self._keeping)
        await self._engine.stop()
        if self._memory is not None:
            self._memory.look()
        await self._ami.close()

    async def _keep(self, memory: PacingMemory) -> None:
        while True:
            memory.look()
            await asyncio.sleep(MEMORY_EVERY)

    async def _tidy(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(None, self._ledger.put_aside)
            except OSError as error:
                log.warning("the ledger of calls could not be put aside", extra={"why": error.strerror})
            await asyncio.sleep(LEDGER_EVERY)


def make_dialer(on: DialerStands) -> Dialer:
    """Build the dialer. It dials once its part has begun."""
    part, tables = on.campaigns, on.campaigns.tables
    ami = Ami(on.asterisk, deadline=2.0)
    lines = AriLines(on.client, on.clock, partial(_hang_up, ami))
    ledger = CelLedger(on.asterisk.ledger)
    metrics = DialerMetrics(on.registry)
    ports = EnginePorts(
        attempts=on.attempts,
        role=on.attempts,
        leads=LeadDesk(
            part.leads,
            LeadOutcomes(on.database),
            part.gate,
            tables.retry,
            tables.caps,
            part.calendar,
            on.role,
        ),
        campaigns=part.campaigns,
        orders=RecordedOrders(on.database, part.campaigns),
        floor=on.floor,
        lines=lines,
        ledger=ledger,
        room=partial(has_room, on.home),
        clock=on.clock,
        observer=metrics,
        sleep=asyncio.sleep,
    )
    memory = PacingMemory(on.home / "pacing", on.clock)
    rules = EngineRules(partial(new_pacer, memory), tables.outcomes, on.asterisk.outbound_lines, new_id)
    engine = Engine(ports, rules, on.role, holder_name())
    metrics.look_at(engine.look)
    return Dialer(engine, lines, ledger, DialerPart(engine, ledger, ami, memory))


def new_pacer(memory: PacingMemory, campaign: Campaign) -> Pacer:
    """Return what decides how many lines a campaign has, with what is remembered of it."""
    definition = campaign.definition
    if definition.pacing is not Pacing.PREDICTIVE:
        return Progressive()
    try:
        limit = AbandonLimit(share=definition.abandon_limit)
        pacer = Predictive(
            PacingSettings(
                limit=limit, least_team=definition.least_team, ring_seconds=definition.ring_seconds
            )
        )
    except ValueError as error:
        log.warning("a campaign's pacing cannot be kept; it works as progressive: %s", error)
        return Progressive()
    memory.adopt(campaign.campaign_id, pacer)
    return pacer


def has_room(folder: Path, free: Callable[[Path], int] | None = None) -> bool:
    """Return whether there is room on a folder's disk; `free` tells its free bytes."""
    try:
        return (free or _free)(folder) >= LEAST_ROOM
    except OSError:
        return False


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


async def _hang_up(ami: Ami, channel: str) -> None:
    try:
        await ami.hang_up(channel)
    except (AmiUnavailable, AmiRefused) as error:
        raise OSError(str(error)) from error
