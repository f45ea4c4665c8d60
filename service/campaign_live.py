"""Campaigns as they are now: the engine's lines, the floor's agents and the figures of the day, joined.

Asked every second while somebody watches. The last minutes of attempts are counted every second, what lies
before them and the leads less often: a day of 100,000 attempts and a million leads stay cheap.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from desk.working_days import WIB, WorkingCalendar, office_day
from dialer.campaigns import Campaign, CampaignStore, CampaignsUnavailable
from dialer.dispositions import DispositionTable
from dialer.engine_ports import EngineLook
from dialer.live import (
    AttemptCount,
    LeadCounts,
    answered_now,
    day_figures,
    held_back,
    of_campaign,
    pacing_at_work,
    why_idle,
)
from dialer.outcomes import Outcomes
from dialer.pacing.bounds import upper_bound, z_of
from dialer.pacing.settings import AbandonLimit
from dialer.ports import OutboundFloor
from dialer.reasons import WhyNot
from dialer.results import LiveUnavailable
from domain.clock import Clock
from service.kept import Kept
from web.campaign_port import LiveLook

SECOND = 0.9  # seconds that a look is good for: those who watch ask once a second
_LEADS_EVERY = 5.0  # seconds between two counts of leads
_DAY_EVERY = 30.0  # seconds between two counts of the day
_YOUNG = timedelta(minutes=15)  # attempts younger than this still change: they are counted every second

NOT_READY = EngineLook("starting", WhyNot.ENGINE_NOT_READY, (), holds_role=False, lines=0, campaigns=())
"""What the engine looks like where there is none."""


class LiveCounts(Protocol):
    """Counts out of the records (`storage.campaign_day.CampaignDay`). Raises LiveUnavailable."""

    async def attempts(
        self, campaign_id: str, since: datetime, until: datetime | None = None
    ) -> Sequence[AttemptCount]:
        """Count a campaign's attempts that were intended from a time on, and before another."""
        ...

    async def leads(self, campaign_id: str, now: datetime) -> LeadCounts:
        """Count a campaign's leads."""
        ...


@dataclass(frozen=True, slots=True)
class LiveStands:
    """What the live page stands on."""

    campaigns: CampaignStore
    counts: LiveCounts
    engine: Callable[[], EngineLook] | None  # None: nothing dials here
    floor: OutboundFloor
    outcomes: Outcomes
    dispositions: DispositionTable
    calendar: WorkingCalendar
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Past:
    """A day's attempts up to a time."""

    until: datetime
    counts: Sequence[AttemptCount]


class WatchedCampaigns:
    """A `web.campaign_port.LiveCampaigns`."""

    def __init__(self, on: LiveStands) -> None:
        self._on = on
        monotonic = on.clock.monotonic
        self._looks = Kept(self._look, monotonic, SECOND)
        self._leads = Kept(self._count_leads, monotonic, _LEADS_EVERY, old_meanwhile=True)
        self._past = Kept(self._count_past, monotonic, _DAY_EVERY, old_meanwhile=True)

    async def look(self, campaign_id: str) -> LiveLook:
        """Return one as it is, not older than a second. Raises KeyError, LiveUnavailable."""
        return await self._looks.get(campaign_id)

    async def _look(self, campaign_id: str) -> LiveLook:
        on = self._on
        now = on.clock.now()
        try:
            campaign = await on.campaigns.get(campaign_id)
        except CampaignsUnavailable as error:
            raise LiveUnavailable(str(error)) from error
        attempts = await self._attempts(campaign_id, now)
        leads = await self._leads.get(campaign_id)
        today, hours = day_figures(attempts, on.outcomes, on.dispositions.at(now))
        definition, engine = campaign.definition, NOT_READY if on.engine is None else on.engine()
        team = on.floor.team(definition.skill, definition.tier)
        held, own = held_back(campaign, leads, on.calendar, now), of_campaign(engine, campaign_id)
        waiting, talking = answered_now(campaign, own)
        return LiveLook(
            at=now,
            ringing=own.preparing + own.ringing,
            waiting=waiting,
            talking=talking,
            agents=Counter(agent.state for agent in team.agents),
            borrowed=on.floor.borrow(definition.skill, definition.tier, 0),  # asks only
            today=today,
            abandoned_upper=abandoned_upper(campaign, today.abandoned, today.live),
            ready=leads.left,
            done=leads.done,
            control=leads.control,
            reasons=held,
            hours=hours,
            why_idle=why_idle(campaign, engine, team, leads, held, now),
            pacing=pacing_at_work(campaign, team),
        )

    async def _attempts(self, campaign_id: str, now: datetime) -> Sequence[AttemptCount]:
        past = await self._past.get((campaign_id, _day_began(now)))
        return [*past.counts, *await self._on.counts.attempts(campaign_id, past.until)]

    async def _count_past(self, question: tuple[str, datetime]) -> _Past:
        campaign_id, began = question
        until = max(began, self._on.clock.now() - _YOUNG)
        return _Past(until, await self._on.counts.attempts(campaign_id, began, until))

    async def _count_leads(self, campaign_id: str) -> LeadCounts:
        return await self._on.counts.leads(campaign_id, self._on.clock.now())


def abandoned_upper(campaign: Campaign, abandoned: int, live: int) -> float:
    """Return the upper confidence bound of a day's abandonment, 0 to 1; the same for every pacing."""
    limit = AbandonLimit(share=campaign.definition.abandon_limit)
    return upper_bound(abandoned, live, z_of(limit.confidence))


def _day_began(now: datetime) -> datetime:
    return datetime.combine(office_day(now), time(), WIB)
