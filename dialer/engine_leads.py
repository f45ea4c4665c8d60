"""The engine's leads: leased, judged by the gate, given back or settled by the rules of retry."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from desk.working_days import WorkingCalendar
from dialer.attempts import AttemptLimits, DialOutcome
from dialer.campaigns import Campaign
from dialer.gate import Gate, Standing
from dialer.kinds import CapTable
from dialer.leads import FollowUp, Lead, LeadStore, LeadsUnavailable
from dialer.reasons import WhyNot
from dialer.retry import FollowUpRules, Refusal, RetryTable, after_refusal
from dialer.windows import day_began, open_zones

BETWEEN = 0.05  # seconds between two transactions that settle leads: those in between share one
LEASE = timedelta(seconds=120)
SOON = timedelta(seconds=60)  # until a lead is looked at again that lost a race after the gate


@dataclass(frozen=True, slots=True)
class LeadEnd:
    """What an attempt leaves in its lead. `only_leased`: only as long as no disposition came first."""

    lead_id: int
    what: FollowUp
    only_leased: bool


class LeadEnds(Protocol):
    """Keeps what attempts leave in their leads."""

    async def settle_all(self, ends: Sequence[LeadEnd]) -> None:
        """Keep all or none; each counts one attempt. Raises dialer.leads.LeadsUnavailable."""
        ...


class LeadDesk:
    """Every method raises `dialer.leads.LeadsUnavailable`."""

    def __init__(
        self,
        leads: LeadStore,
        ends: LeadEnds,
        gate: Gate,
        retry: RetryTable,
        caps: CapTable,
        calendar: WorkingCalendar,
        engine: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`engine`: the name under which leads are leased."""
        self._leads, self._ends, self._gate, self._retry, self._caps = leads, ends, gate, retry, caps
        self._calendar, self._engine, self._sleep = calendar, engine, sleep
        self._settling: list[tuple[LeadEnd, asyncio.Future[None]]] = []
        self._settler: asyncio.Task[None] | None = None

    async def fetch(self, campaign: Campaign, most: int, now: datetime) -> Sequence[Lead]:
        """Lease leads of the zones that may be called now."""
        zones = open_zones(campaign.definition.window, self._calendar, now)
        if not zones:
            return ()
        return await self._leads.lease(campaign.campaign_id, zones, now, most, self._engine, now + LEASE)

    async def get(self, lead_id: int) -> Lead:
        """Return one. Raises KeyError."""
        return await self._leads.get(lead_id)

    async def judge(
        self, campaign: Campaign, leads: Sequence[Lead], now: datetime, *, killed: bool
    ) -> Mapping[int, Refusal | None]:
        """Return why each is not dialled now; None: it is."""
        held = await self._leads.held([lead.lead_id for lead in leads], self._engine, now)
        return await self._gate.judge(campaign, leads, Standing(now, killed, ready=True, held=held))

    def limits(self, campaign: Campaign, now: datetime) -> AttemptLimits:
        """Return what the record of attempts holds a campaign to."""
        return self._caps.at(now).limits(campaign.definition.caps)

    def day_began(self, lead: Lead, now: datetime) -> datetime:
        """Return when the callee's calendar day began."""
        return day_began(now, lead.contact.zone)

    async def put_off(self, refused: Sequence[tuple[Lead, Refusal]], now: datetime) -> None:
        """Give leads back that were not dialled."""
        what = {lead.lead_id: after_refusal(lead, refusal, now) for lead, refusal in refused}
        await self._leads.put_off(self._engine, what)

    async def settle(
        self, campaign: Campaign, lead_id: int, lead: Lead | None, outcome: DialOutcome, now: datetime
    ) -> None:
        """Let a lead follow what its attempt came to. `lead`: as it was leased; None: it is read."""
        if lead is None:
            try:
                lead = await self._leads.get(lead_id)
            except KeyError:
                return
        rules = FollowUpRules(self._retry.at(now), campaign.definition, self._calendar)
        what = rules.after_outcome(lead, outcome, now)
        end = LeadEnd(lead_id, what, only_leased=outcome is DialOutcome.TALKED)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settling.append((end, kept))
        if self._settler is None:
            self._settler = asyncio.get_running_loop().create_task(self._settle())
        await kept

    async def _settle(self) -> None:
        """Settle what has gathered, a transaction at a time."""
        while self._settling:
            some, self._settling = self._settling, []
            try:
                await self._ends.settle_all([end for end, _ in some])
            except LeadsUnavailable as error:
                for _, kept in some:
                    if not kept.done():
                        kept.set_exception(LeadsUnavailable(str(error)))
            else:
                for _, kept in some:
                    if not kept.done():
                        kept.set_result(None)
            await self._sleep(BETWEEN)
        self._settler = None


def soon(lead: Lead, why: str, now: datetime) -> Refusal:
    """Return the refusal of a lead that is to be looked at again before long."""
    raced = why not in {WhyNot.NO_AGENT, WhyNot.NO_LINE, WhyNot.ENGINE_NOT_READY, WhyNot.KILL_SWITCH}
    return Refusal(WhyNot(why), max(lead.due_at, now + SOON if raced else now))
