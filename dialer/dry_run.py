"""Who of a campaign would be called today, who not, and why. By the same gate as right before dialling.

Each lead is judged for the first moment of the day at which its own due time and its zone's window meet. That
the campaign runs and Asterisk is ready is taken for granted; how many agents there are is not looked at.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Protocol, TypeVar

from desk.working_days import WIB, WorkingCalendar, office_day
from dialer.campaigns import Campaign, CampaignState
from dialer.gate import Gate, GateFacts, ListStanding, Standing
from dialer.leads import Lead, LeadState
from dialer.lists import ListState
from dialer.reasons import WhyNot
from dialer.retry import Refusal
from dialer.windows import bounds, span_of
from domain.zones import Zone

R = TypeVar("R", bound=str)

CALLED = "called"
"""Under which those who would be called stand among the examples."""

_AT_ONCE = 250  # leads judged together: the loop that serves calls is held up no longer
_EXAMPLES = 20


class LeadPages(Protocol):
    """Leads to look at. Every method raises `dialer.leads.LeadsUnavailable`."""

    async def ready(
        self, campaign_id: str, list_ids: Collection[str], after: int, most: int
    ) -> Sequence[Lead]:
        """Return READY leads of a campaign's lists by their number, those after one."""
        ...

    async def ready_by_list(self, campaign_id: str) -> Mapping[str, int]:
        """Return how many leads of each of a campaign's lists are READY."""
        ...

    async def reasons(self, campaign_id: str) -> Mapping[tuple[LeadState, str], int]:
        """Return how many leads there are by state and reason."""
        ...


@dataclass(slots=True)
class DryRunReport:
    """What would happen on one day. The sum of all counts is the number of leads."""

    day: date  # WIB
    called: int = 0
    refused: dict[WhyNot, int] = field(default_factory=dict)  # of those not done
    done: dict[str, int] = field(
        default_factory=dict
    )  # called for the last time or given up before, by reason
    examples: dict[str, list[int]] = field(default_factory=dict)  # lead ids by reason, or CALLED; the first

    @property
    def leads(self) -> int:
        """Return how many leads there are."""
        return self.called + sum(self.refused.values()) + sum(self.done.values())


class DryRun:
    """Asks the gate about every lead of a campaign, without dialling."""

    def __init__(self, gate: Gate, facts: GateFacts, pages: LeadPages, calendar: WorkingCalendar) -> None:
        self._gate, self._facts, self._pages, self._calendar = gate, facts, pages, calendar

    async def run(
        self,
        campaign: Campaign,
        now: datetime,
        day: date | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> DryRunReport:
        """Return the report for today, or for a day to come (WIB). Raises LeadsUnavailable.

        `progress` is told how many leads were judged so far.
        """
        now = _moment_of(now, day)
        report = DryRunReport(office_day(now))
        for (state, reason), count in (await self._pages.reasons(campaign.campaign_id)).items():
            if state is LeadState.CONTROL:
                _count(report.refused, WhyNot.CONTROL_GROUP, count)
            elif state is LeadState.DONE:
                _count(report.done, reason, count)
        open_lists = await self._count_closed_lists(campaign, now, report)
        judged = 0
        async for lead, refusal in self._judged(campaign, open_lists, now, 0):
            judged += 1
            if refusal is None:
                report.called += 1
            else:
                _count(report.refused, refusal.why, 1)
            examples = report.examples.setdefault(CALLED if refusal is None else refusal.why.value, [])
            if len(examples) < _EXAMPLES:
                examples.append(lead.lead_id)
            if progress is not None and judged % _AT_ONCE == 0:
                progress(judged)
        return report

    async def examples(
        self,
        campaign: Campaign,
        now: datetime,
        reason: str,
        after: int = 0,
        most: int = _EXAMPLES,
        day: date | None = None,
    ) -> Sequence[int]:
        """Return lead ids with this reason (a `WhyNot`, or CALLED), those after a lead."""
        now = _moment_of(now, day)
        listed = await self._facts.lists(campaign.lists)
        found: list[int] = []
        async for lead, refusal in self._judged(campaign, list(listed), now, after):
            if reason == (CALLED if refusal is None else refusal.why.value):
                found.append(lead.lead_id)
            if len(found) == most:
                break
        return found

    async def why(
        self, campaign: Campaign, lead: Lead, now: datetime, *, killed: bool = False
    ) -> Refusal | None:
        """Return why one lead is not called at this very moment; None: it may be.

        The campaign's own state counts here. That Asterisk is ready is taken for granted.
        """
        answers = await self._gate.judge(campaign, [lead], Standing(now, killed, ready=True))
        return answers[lead.lead_id]

    async def _count_closed_lists(
        self, campaign: Campaign, now: datetime, report: DryRunReport
    ) -> Sequence[str]:
        """Count the leads of lists that may not be dialled, as a whole; return the other lists."""
        listed = await self._facts.lists(campaign.lists)
        open_lists = []
        for list_id, count in (await self._pages.ready_by_list(campaign.campaign_id)).items():
            why = _why_closed(listed.get(list_id), office_day(now))
            if why is None:
                open_lists.append(list_id)
            else:
                _count(report.refused, why, count)
        return open_lists

    async def _judged(
        self, campaign: Campaign, list_ids: Collection[str], now: datetime, after: int
    ) -> AsyncIterator[tuple[Lead, Refusal | None]]:
        running = replace(campaign, state=CampaignState.RUNNING)
        standing = Standing(now, killed=False, ready=True)
        moment = self._moments(campaign, now)
        while some := await self._pages.ready(campaign.campaign_id, list_ids, after, _AT_ONCE):
            answers = await self._gate.judge(running, some, standing, moment)
            for lead in some:
                yield lead, answers[lead.lead_id]
            after = some[-1].lead_id

    def _moments(self, campaign: Campaign, now: datetime) -> Callable[[Lead], datetime]:
        """Return the moment for which each lead is judged."""
        window, today = campaign.definition.window, office_day(now)
        spans = {zone: span_of(window, self._calendar, today, zone) for zone in Zone}

        def moment(lead: Lead) -> datetime:
            span = spans[lead.contact.zone]
            if span is None:  # a day off, as it is at any hour
                return datetime.combine(today, bounds(window)[0], lead.contact.zone.shown_in)
            if now >= span[1]:
                return now
            first = max(now, span[0])
            return max(first, lead.due_at) if lead.due_at < span[1] else first

        return moment


def _moment_of(now: datetime, day: date | None) -> datetime:
    """Return now, or the first moment of a day to come."""
    if day is None or day <= office_day(now):
        return now
    return datetime.combine(day, time(), WIB)


def _why_closed(listed: ListStanding | None, today: date) -> WhyNot | None:
    if listed is None or listed.state is not ListState.APPROVED:
        return WhyNot.LIST_NOT_APPROVED
    return WhyNot.LIST_EXPIRED if today > listed.expires_on else None


def _count(counts: dict[R, int], reason: R, more: int) -> None:
    counts[reason] = counts.get(reason, 0) + more
