"""What a campaign does now, for its live page: a `web.campaign_port.LiveCampaigns`.

Lines are the engine's, agents the floor's, counts of the day those of the record: read again after
`COUNTED_FOR`, since many people may watch while the record is written.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.working_days import WIB, office_day
from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignState, CampaignsUnavailable, Pacing
from dialer.dispositions import DispositionVersion, Flag
from dialer.engine_ports import CampaignLook, EngineLook
from dialer.leads import LeadState, LeadsUnavailable
from dialer.pacing.bounds import upper_bound, z_of
from dialer.pacing.settings import AbandonLimit
from dialer.ports import OutboundFloor, Team
from dialer.reasons import WhyNot
from dialer.tally import HourTally, Tally
from domain.clock import Clock
from service.campaign_part import CampaignPart
from storage.attempt_reader import AttemptReader
from storage.campaign_progress import LeadsDone
from storage.database import DatabaseProblem
from web.campaign_port import DayFigures, LiveLook, LiveUnavailable

COUNTED_FOR = 3.0  # seconds that counts of the record are good for
_NOBODY = CampaignLook("", 0, 0, 0, 0, 0, (), "")
_UNSENT = (DialOutcome.REFUSED_BY_GUARD,)


@dataclass(frozen=True, slots=True)
class LiveStands:
    """What the live page stands on. `engine` is None where nothing dials: its lines are none."""

    campaigns: CampaignPart
    engine: Callable[[], EngineLook] | None
    floor: OutboundFloor
    record: AttemptReader
    done: LeadsDone
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the record says of a campaign's day."""

    at: float  # monotonic
    hours: Sequence[HourTally]
    done_today: int
    leads: Mapping[tuple[LeadState, str], int]


class WatchedCampaigns:
    """Looks at campaigns."""

    def __init__(self, on: LiveStands) -> None:
        self._on = on
        self._counted: dict[str, _Counted] = {}
        self._z = z_of(AbandonLimit().confidence)

    async def look(self, campaign_id: str) -> LiveLook:
        """Return one as it is. Raises KeyError, LiveUnavailable."""
        try:
            campaign = await self._on.campaigns.campaigns.get(campaign_id)
            counted = await self._count(campaign_id)
        except (CampaignsUnavailable, LeadsUnavailable, DatabaseProblem) as error:
            raise LiveUnavailable(str(error)) from error
        now, definition = self._on.clock.now(), campaign.definition
        engine = None if self._on.engine is None else self._on.engine()
        lines = _lines_of(engine, campaign_id)
        team = self._on.floor.team(definition.skill, definition.tier)
        offered = self._on.campaigns.tables.dispositions.at(now)
        hours = {one.began.astimezone(WIB).hour: _figures(one.tally, offered) for one in counted.hours}
        today = _sum(hours.values(), counted.done_today)
        return LiveLook(
            at=now,
            ringing=lines.preparing + lines.ringing,
            waiting=lines.waiting,
            talking=lines.joined,
            agents=Counter(agent.state for agent in team.agents),
            borrowed=self._on.floor.borrow(definition.skill, definition.tier, 0),
            today=today,
            abandoned_upper=upper_bound(today.abandoned, today.live, self._z),
            ready=_leads(counted, LeadState.READY),
            done=_leads(counted, LeadState.DONE),
            control=_leads(counted, LeadState.CONTROL),
            reasons=_held_back(counted),
            hours=hours,
            why_idle=_why_idle(campaign, engine, lines, team),
            pacing=_pacing(campaign, team),
        )

    async def _count(self, campaign_id: str) -> _Counted:
        kept, monotonic = self._counted.get(campaign_id), self._on.clock.monotonic()
        if kept is not None and monotonic - kept.at < COUNTED_FOR:
            return kept
        now = self._on.clock.now()
        began = datetime.combine(office_day(now), datetime.min.time(), WIB)
        hours = await asyncio.to_thread(self._on.record.by_hour, began, now, campaign_id)
        done = await self._on.done.since(campaign_id, began)
        leads = await self._on.campaigns.leads.reasons(campaign_id)
        self._counted[campaign_id] = _Counted(monotonic, hours, done, leads)
        return self._counted[campaign_id]


def _lines_of(engine: EngineLook | None, campaign_id: str) -> CampaignLook:
    found = () if engine is None else engine.campaigns
    return next((one for one in found if one.campaign_id == campaign_id), _NOBODY)


def _why_idle(campaign: Campaign, engine: EngineLook | None, lines: CampaignLook, team: Team) -> str:
    """Return why nothing is dialled just now; empty while something is, or could be at once."""
    if campaign.state is not CampaignState.RUNNING:
        return WhyNot.CAMPAIGN_NOT_RUNNING.value
    if engine is None:
        return WhyNot.ENGINE_NOT_READY.value
    if engine.why is not None:
        return engine.why.value
    if lines.preparing or lines.ringing or campaign.definition.pacing is Pacing.AGENTLESS:
        return ""
    return "" if team.idle else WhyNot.NO_AGENT.value


def _pacing(campaign: Campaign, team: Team) -> str:
    definition = campaign.definition
    small = len(team.agents) < definition.least_team
    return Pacing.PROGRESSIVE if definition.pacing is Pacing.PREDICTIVE and small else definition.pacing


def _leads(counted: _Counted, state: LeadState) -> int:
    return sum(number for (found, _), number in counted.leads.items() if found is state)


def _held_back(counted: _Counted) -> Mapping[str, int]:
    """Return why ready leads were put off when they were looked at last."""
    known = set(WhyNot)
    return {
        reason: number
        for (state, reason), number in counted.leads.items()
        if state is LeadState.READY and reason in known
    }


def _figures(tally: Tally, offered: DispositionVersion) -> DayFigures:
    right, promised = offered.with_flag(Flag.RIGHT_PARTY), offered.with_flag(Flag.PROMISE)
    return DayFigures(
        dialled=tally.sent - sum(tally.outcomes.get(one, 0) for one in _UNSENT),
        answered=tally.answered,
        live=tally.live,
        abandoned=tally.abandoned,
        contacts=sum(number for code, number in tally.dispositions.items() if code in right),
        promises=sum(number for code, number in tally.dispositions.items() if code in promised),
    )


def _sum(found: Collection[DayFigures], done: int) -> DayFigures:
    return DayFigures(
        dialled=sum(one.dialled for one in found),
        answered=sum(one.answered for one in found),
        live=sum(one.live for one in found),
        abandoned=sum(one.abandoned for one in found),
        contacts=sum(one.contacts for one in found),
        promises=sum(one.promises for one in found),
        done=done,
    )
