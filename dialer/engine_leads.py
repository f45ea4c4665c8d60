"""The engine's leads: leased, judged by the gate, given back or settled by the rules of retry."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from desk.working_days import WorkingCalendar
from dialer.attempts import AttemptLimits, DialOutcome
from dialer.campaigns import Campaign
from dialer.gate import Gate, Standing
from dialer.kinds import CapTable
from dialer.leads import Lead, LeadStore
from dialer.reasons import WhyNot
from dialer.retry import FollowUpRules, Refusal, RetryTable, after_refusal
from dialer.windows import day_began, open_zones

LEASE = timedelta(seconds=120)
SOON = timedelta(seconds=60)  # until a lead is looked at again that lost a race after the gate


class LeadDesk:
    """Every method raises `dialer.leads.LeadsUnavailable`."""

    def __init__(
        self,
        leads: LeadStore,
        gate: Gate,
        retry: RetryTable,
        caps: CapTable,
        calendar: WorkingCalendar,
        engine: str,
    ) -> None:
        """`engine`: the name under which leads are leased."""
        self._leads, self._gate, self._retry, self._caps = leads, gate, retry, caps
        self._calendar, self._engine = calendar, engine

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

    async def settle(self, campaign: Campaign, lead_id: int, outcome: DialOutcome, now: datetime) -> None:
        """Let a lead follow what its attempt came to. One that is not there any more is let go."""
        try:
            lead = await self._leads.get(lead_id)
            rules = FollowUpRules(self._retry.at(now), campaign.definition, self._calendar)
            what = rules.after_outcome(lead, outcome, now)
            await self._leads.settle(lead_id, what, only_leased=outcome is DialOutcome.TALKED)
        except KeyError:
            return


def soon(lead: Lead, why: str, now: datetime) -> Refusal:
    """Return the refusal of a lead that is to be looked at again before long."""
    raced = why not in {WhyNot.NO_AGENT, WhyNot.NO_LINE, WhyNot.ENGINE_NOT_READY, WhyNot.KILL_SWITCH}
    return Refusal(WhyNot(why), max(lead.due_at, now + SOON if raced else now))
