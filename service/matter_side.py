"""The work on matters in the running service: clocks, spreading, callbacks through the dialer, joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acd.skills import Skillbook
from desk.matter_rules import MatterRules
from desk.matters import MattersUnavailable
from desk.matters_callbacks_table import load_callbacks
from desk.matters_desk import MatterDesk
from desk.spelling import Spelling
from desk.working_days import WorkingCalendar
from dialer.attempts import AttemptsUnavailable
from domain.clock import Clock
from domain.directory import TaxpayerRecords
from domain.staff import StaffStore
from service.campaign_part import CampaignPart
from service.matter_callbacks import CallbackStands, MatterCallbacks
from service.matter_campaigns import CampaignStands, MatterCampaigns
from service.matter_proof import proof_means
from service.outbound_side import OutboundSide
from service.page_ports import SkilledWorkers
from service.tree import Loop
from storage.caller_numbers import RecordedNumbers
from storage.database import Database
from storage.lists import DurableLists
from storage.matter_callbacks import DurableMatterCallbacks
from storage.matter_proofs import DurableProofBook
from storage.matter_watch import DurableMatterWatch
from storage.matters import DurableMatters
from storage.vault import Vault
from web.matter_office_port import MatterOffice
from web.matter_port import MatterPort

CLOCKS_EVERY = 60.0  # seconds between two looks at the clocks
SPREAD_EVERY = 60.0
CALLBACKS_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class MatterGround:
    """What the work on matters stands on."""

    database: Database
    vault: Vault
    register: TaxpayerRecords
    people: StaffStore
    book: Callable[[], Skillbook]  # the administrator's tables in force
    calendar: WorkingCalendar
    spelling: Spelling
    outbound: OutboundSide
    clock: Clock


class MatterSide:
    """Everything of matters. `matters` is what the card shows as well."""

    def __init__(self, on: MatterGround) -> None:
        """Raises desk.matter_data.TableProblem."""
        self.rules = MatterRules.load(on.calendar)
        self.matters = DurableMatters(on.database, on.vault)
        self.watch = DurableMatterWatch(on.database)
        self.workers = SkilledWorkers(on.people, on.book, self.rules, on.clock)
        self.desk = MatterDesk(self.matters, self.watch, self.workers, self.rules, on.clock)
        kept = DurableMatterCallbacks(on.database, on.vault, self.matters)
        self.campaigns = make_matter_campaigns(
            on.database, on.vault, kept, on.outbound.campaigns, self.rules, on.clock
        )
        self._callbacks = MatterCallbacks(
            CallbackStands(
                self.matters,
                kept,
                on.outbound.campaigns.campaigns,
                self.rules,
                on.register,
                on.outbound.campaigns.tables.dispositions,
                on.clock,
            )
        )
        self._on, self._kept = on, kept

    @property
    def dials(self) -> bool:
        """Whether there is a dialer to give promises to."""
        return self._on.outbound.dialer is not None

    def port(self) -> MatterPort:
        """Return what the pages stand on."""
        on = self._on
        office = MatterOffice(
            self.desk,
            self.watch,
            DurableProofBook(on.database, on.vault),
            proof_means(),
            self._kept,
            self.campaigns if self.dials else None,
            PlacedLeadsOfCalls(on.outbound),
            on.outbound.campaigns.tables.dispositions,
        )
        return MatterPort(
            self.matters,
            self.rules,
            on.register,
            RecordedNumbers(on.database, on.vault),
            self.workers,
            on.spelling,
            office,
        )

    def loops(self) -> Sequence[Loop]:
        """Return what runs every now and then."""
        running = [
            Loop("matter-clocks", CLOCKS_EVERY, self._look_at_clocks),
            Loop("matter-spreading", SPREAD_EVERY, self._give_out),
        ]
        if self.dials:
            running.append(Loop("matter-callbacks", CALLBACKS_EVERY, self._callbacks.look))
        return running

    async def _look_at_clocks(self) -> None:
        await self.desk.look_at_clocks()

    async def _give_out(self) -> None:
        await self.desk.give_out()


class PlacedLeadsOfCalls:
    """Which lead a call of ours is with (`web.matter_office_port.PlacedLeads`)."""

    def __init__(self, outbound: OutboundSide) -> None:
        self._attempts = outbound.attempts

    async def lead_of(self, call_id: str) -> int | None:
        """Return the lead of a call that we placed. Raises MattersUnavailable."""
        try:
            attempt = await self._attempts.get(call_id)
        except AttemptsUnavailable as error:
            raise MattersUnavailable(str(error)) from error
        return None if attempt is None else attempt.lead_id


def make_matter_campaigns(
    database: Database,
    vault: Vault,
    kept: DurableMatterCallbacks,
    part: CampaignPart,
    rules: MatterRules,
    clock: Clock,
) -> MatterCampaigns:
    """Return what switches callbacks through the dialer. Raises desk.matter_data.TableProblem."""
    return MatterCampaigns(
        CampaignStands(
            database,
            vault,
            kept,
            part.campaigns,
            DurableLists(database, vault),
            part.tables.kinds,
            part.tables.dispositions,
            rules.promises,
            load_callbacks(),
            clock,
        )
    )
