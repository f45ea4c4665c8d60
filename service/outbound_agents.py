"""Constructs the agents' side of outbound work, and what pages, scripts and proof need of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from acd.requests import Actor, Request
from acd.skills import Skillbook
from desk.card import LiveCalls
from desk.tax_dates import load_tax_dates
from desk.working_days import WorkingCalendar
from dialer.attempts import NotAllowed
from dialer.campaigns import CampaignStore
from dialer.desk_rules import load_desk_rules
from dialer.disposition_desk import DispositionDesk
from dialer.dispositions import load_dispositions
from dialer.kinds import load_kinds
from dialer.leads import LeadStore
from dialer.ports import OutboundEar, Suppressions
from dialer.reasons import WhyNot
from dialer.retry import load_retry
from domain.clock import Clock
from domain.directory import TaxpayerRecords
from service.outbound_calls import CalledTaxpayers, OutboundCalls, OutboundPurposes
from service.outbound_desk import Behind, Dialer, Office, OutboundWork, Stores
from service.outbound_dials import AgentDials, EarOfAgents
from service.outbound_dispositions import Dispositions
from service.outbound_owed import OwedDispositions
from service.tree import Loop
from storage.attempts import DurableAttempts
from storage.database import Database
from storage.outbound_reader import OutboundReader
from storage.outbound_work import DurableDispositions
from storage.vault import Vault
from web.floor_port import FloorPort
from web.outbound_port import OutboundPort

SWEEP_EVERY = 60.0  # seconds between two looks for dispositions that were left over


class NoDialer:
    """Where nothing is dialled."""

    name = ""

    async def dial_for(self, agent: str, lead_id: int) -> str:
        """Refuse. Raises NotAllowed."""
        del agent, lead_id
        raise NotAllowed(WhyNot.ENGINE_NOT_READY)


class AskingFloor(FloorPort, Protocol):
    """The floor (`acd.driver.FloorDriver`), which asks before it grants a request."""

    def on_request(self, check: Callable[[Actor, Request], None]) -> None:
        """Let `check(actor, request)` refuse requests (acd.requests.Refused) before the floor is asked."""
        ...


@dataclass(frozen=True, slots=True)
class OutboundStands:
    """What the agents' side stands on."""

    database: Database
    vault: Vault
    attempts: DurableAttempts
    leads: LeadStore
    campaigns: CampaignStore
    suppressions: Suppressions
    register: TaxpayerRecords
    live: LiveCalls
    floor: AskingFloor
    calendar: WorkingCalendar
    book: Callable[[], Skillbook]
    scripts: Mapping[str, object]
    clock: Clock


class AgentsOutbound:
    """The agents' side. `port` is for the pages, `placed` for proofs, `purposes` for scripts."""

    def __init__(self, dialer: Dialer, on: OutboundStands) -> None:
        """Reads the shipped tables. Raises desk.matter_data.TableProblem."""
        reader, record = OutboundReader(on.database, on.vault), DurableDispositions(on.database)
        dispositions, rules = load_dispositions(), load_desk_rules()
        desk = DispositionDesk(dispositions, load_retry(), rules, on.calendar)
        calls = OutboundCalls(on.attempts, on.leads, on.campaigns, reader, on.live, on.clock)
        kept = Dispositions(calls, desk, record, on.leads, on.suppressions, on.attempts, reader, on.clock)
        self.owed = OwedDispositions(on.floor, calls, kept)
        on.floor.on_request(self.owed.check_request)
        self.dials = AgentDials(calls, on.clock)
        self.work = OutboundWork(
            dialer,
            on.floor,
            Stores(on.campaigns, on.leads, reader, record),
            Behind(calls, self.dials, kept, self.owed),
            Office(rules, on.calendar, on.book, on.clock),
        )
        self.placed = CalledTaxpayers(calls, on.register)
        self.purposes = OutboundPurposes(
            calls, on.scripts, dispositions, load_tax_dates(), on.calendar, on.clock
        )
        self.port = OutboundPort(self.work, desk, rules, load_kinds())

    def ear(self, engine: OutboundEar) -> EarOfAgents:
        """Return what is to be told of dials in the engine's place: it passes everything on."""
        return EarOfAgents(engine, self.dials)

    def loop(self) -> Loop:
        """Return what runs every now and then, for the service's tree."""
        return Loop("dispositions", SWEEP_EVERY, self.owed.sweep)

    async def stop(self) -> None:
        """Let go of what runs."""
        await self.work.stop()
