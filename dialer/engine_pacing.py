"""How many dials each campaign of a group places or cancels. Pure.

Campaigns of one skill and tier share agents by priority: what the ones above ring or wait for is not free
for the ones below, and what those below ring already is not cancelled for the sake of those above.
"""

from collections.abc import Iterable, Mapping, Sequence

from dialer.campaigns import CampaignState
from dialer.engine_lines import ACTIVE, UNANSWERED, Desk, Line, Stage
from dialer.pacing.view import PacingView
from dialer.ports import OutboundAgent, Team

NOBODY = Team(())
FETCH_MOST = 100  # leads leased at once
IDLE, RINGING, TALKING, WRAP_UP = "idle", "ringing", "talking", "wrap_up"


def in_order(desks: Iterable[Desk]) -> list[Desk]:
    """Return campaigns that dial by themselves, the most urgent first."""
    chosen = [desk for desk in desks if desk.by_itself]
    return sorted(chosen, key=lambda one: (-one.campaign.definition.priority, one.campaign.campaign_id))


def shares(
    desks: Sequence[Desk], lines: Mapping[str, Sequence[Line]], team: Team, now: float
) -> dict[str, int]:
    """Return for each campaign, most urgent first, how many to place; negative: to cancel.

    `lines`: every campaign's, also of previews; those of a named agent take that agent away.
    """
    reserved = {one.agent for some in lines.values() for one in some if one.agent and one.stage in ACTIVE}
    free = sum(agent.state == IDLE and agent.agent not in reserved for agent in team.agents)
    # Each is one of the waiting calls, but for those who are kept for a call of their own.
    offered = sum(agent.state == RINGING and agent.agent not in reserved for agent in team.agents)
    wanted: dict[str, int] = {}
    claimed, first = 0, True
    for place, desk in enumerate(desks):
        own = [one for one in lines.get(desk.campaign.campaign_id, ()) if not one.agent]
        ringing = tuple(one.began for one in own if one.stage in UNANSWERED and not one.cancelled)
        waiting = sorted(one.answered for one in own if one.stage is Stage.WAITING and one.how is None)
        waiting, offered = waiting[offered:], max(0, offered - len(waiting))
        busy = first and bool(desk.leads or own)
        view = PacingView(
            now=now,
            idle=max(0, free - claimed),
            talking=(*since(team.agents, RINGING), *since(team.agents, TALKING)) if busy else (),
            wrapping_up=since(team.agents, WRAP_UP) if busy else (),
            ringing=ringing,
            waiting=tuple(waiting),
            leads=at_hand(desk, now),
        )
        answer = desk.pacer.dials(view) if team.agents else -len(ringing)
        below = sum(_takes_a_line(lines, other) for other in desks[place + 1 :])
        wanted[desk.campaign.campaign_id] = answer = _bounded(desk, own, answer, below)
        claimed += len(ringing) + len(waiting) + answer
        first = first and not busy
    return wanted


def agentless(desk: Desk, lines: Sequence[Line], now: float) -> int:
    """Return how many to place of a campaign whose flow needs nobody."""
    return _bounded(desk, lines, at_hand(desk, now), 0)


def at_hand(desk: Desk, now: float) -> int:
    """Return how many leads may be dialled: those leased, and as many as can be leased at once."""
    return len(desk.leads) + (FETCH_MOST if now >= desk.dry_until else 0)


def since(agents: Iterable[OutboundAgent], state: str) -> tuple[float, ...]:
    """Return when each agent of a state came into it."""
    return tuple(agent.since for agent in agents if agent.state == state)


def _bounded(desk: Desk, own: Sequence[Line], answer: int, below: int) -> int:
    if answer <= 0:
        return answer
    if desk.campaign.state is not CampaignState.RUNNING:
        return 0  # what rings goes on, as long as there are agents for it
    room = desk.campaign.definition.most_lines - sum(one.stage in ACTIVE for one in own)
    return max(0, min(answer - below, room))


def _takes_a_line(lines: Mapping[str, Sequence[Line]], desk: Desk) -> int:
    own = lines.get(desk.campaign.campaign_id, ())
    return sum(one.stage in ACTIVE and one.stage is not Stage.JOINED and not one.cancelled for one in own)
