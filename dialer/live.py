"""A campaign at this moment: figures of today, what holds leads back, why nothing is dialled. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from desk.working_days import WorkingCalendar, office_day
from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignState, Pacing
from dialer.dispositions import DispositionVersion, Flag
from dialer.engine_ports import CampaignLook, EngineLook
from dialer.outcomes import Outcomes
from dialer.ports import Team
from dialer.reasons import WhyNot
from dialer.results import DayFigures
from dialer.windows import why_closed
from domain.zones import Zone

_WHYS = frozenset(why.value for why in WhyNot)


@dataclass(frozen=True, slots=True)
class AttemptCount:
    """Attempts of one hour that stand alike."""

    hour: int  # WIB
    outcome: str  # a `DialOutcome`; empty: not over, or flagged
    disposition: str
    many: int
    answered: int
    joined: int
    done: int  # of their leads, those that this attempt was the last one of


@dataclass(frozen=True, slots=True)
class LeadCount:
    """READY leads of one list and zone."""

    list_id: str
    zone: Zone
    ready: int
    later: Mapping[str, int]  # reason → those of them that are due later


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """Where a campaign's leads stand."""

    ready: tuple[LeadCount, ...]
    done: int
    control: int
    closed: Mapping[str, WhyNot]  # lists that may not be dialled

    @property
    def left(self) -> int:
        """Return how many are still to be called."""
        return sum(one.ready for one in self.ready)


def day_figures(
    counts: Iterable[AttemptCount], outcomes: Outcomes, dispositions: DispositionVersion
) -> tuple[DayFigures, Mapping[int, DayFigures]]:
    """Return the day's figures, and those of each hour that has any."""
    right, promise = dispositions.with_flag(Flag.RIGHT_PARTY), dispositions.with_flag(Flag.PROMISE)
    picked_up = {one.value for one in outcomes.live} | {DialOutcome.MACHINE.value}
    refused = {one.value for one in outcomes.uncounted}
    hours: dict[int, Counter[str]] = {}
    for one in counts:
        sums = hours.setdefault(one.hour, Counter())
        # What the dialplan's guard refused never left our exchange.
        sums["dialled"] += 0 if one.outcome in refused else one.many
        sums["answered"] += one.many if one.outcome in picked_up else one.answered
        # Whoever is joined with an agent is a person, before the talk is over too.
        sums["live"] += one.many if one.outcome in outcomes.live else 0 if one.outcome else one.joined
        sums["abandoned"] += one.many if one.outcome == DialOutcome.ABANDONED else 0
        sums["contacts"] += one.many if one.disposition in right else 0
        sums["promises"] += one.many if one.disposition in promise else 0
        sums["done"] += one.done
    total: Counter[str] = sum(hours.values(), Counter())
    return DayFigures(**total), {hour: DayFigures(**sums) for hour, sums in sorted(hours.items())}


def held_back(
    campaign: Campaign, counts: LeadCounts, calendar: WorkingCalendar, now: datetime
) -> Mapping[str, int]:
    """Return `WhyNot` → READY leads that it holds back now; each is counted once.

    A lead that is due later for no reason of its own waits for the spacing of its last outcome.
    """
    found: Counter[str] = Counter()
    for one in counts.ready:
        closed = counts.closed.get(one.list_id)
        why = closed or why_closed(campaign.definition.window, calendar, now, one.zone)
        if why is not None:
            found[why.value] += one.ready
            continue
        for reason, leads in one.later.items():
            found[reason if reason in _WHYS else WhyNot.SPACING.value] += leads
    return {why: leads for why, leads in found.items() if leads}


def why_idle(
    campaign: Campaign,
    engine: EngineLook,
    team: Team,
    counts: LeadCounts,
    held: Mapping[str, int],
    now: datetime,
) -> str:
    """Return the `WhyNot` for which nothing of a campaign is dialled just now; empty: it is, or could be."""
    definition, own = campaign.definition, of_campaign(engine, campaign.campaign_id)
    if campaign.state is not CampaignState.RUNNING:
        return WhyNot.CAMPAIGN_NOT_RUNNING.value
    if engine.why is not None:
        return engine.why.value
    if own.preparing or own.ringing:
        return ""
    today = office_day(now)
    if (definition.starts_on and today < definition.starts_on) or (
        definition.ends_on and today > definition.ends_on
    ):
        return WhyNot.CAMPAIGN_OVER.value
    if counts.left and sum(held.values()) >= counts.left:
        return max(held, key=lambda why: held[why])
    needs_agents = definition.pacing is not Pacing.AGENTLESS
    return WhyNot.NO_AGENT.value if needs_agents and not team.idle else ""


def pacing_at_work(campaign: Campaign, team: Team) -> str:
    """Return the pacing at work: predictive places calls as progressive does for a small team."""
    definition = campaign.definition
    if definition.pacing is Pacing.PREDICTIVE and len(team.agents) < definition.least_team:
        return Pacing.PROGRESSIVE.value
    return definition.pacing.value


def answered_now(campaign: Campaign, own: CampaignLook) -> tuple[int, int]:
    """Return how many of those who answered wait for an agent, and how many are spoken with now.

    Where no agent is needed the call flow speaks, and nobody waits.
    """
    if campaign.definition.pacing is Pacing.AGENTLESS:
        return 0, own.waiting + own.joined
    return own.waiting, own.joined


def of_campaign(engine: EngineLook, campaign_id: str) -> CampaignLook:
    """Return a campaign as the engine has it; one that it does not have has no lines."""
    found = (one for one in engine.campaigns if one.campaign_id == campaign_id)
    return next(found, CampaignLook(campaign_id, 0, 0, 0, 0, 0, (), ""))
