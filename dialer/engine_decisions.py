"""What the engine decides as things stand: whom to dial, whom to cancel, whom to borrow. Pure."""

from collections.abc import Mapping, Sequence
from math import ceil

from dialer.campaigns import CampaignState
from dialer.engine_lines import ACTIVE, UNANSWERED, Borrow, Command, Desk, Fetch, Group, Line, Place
from dialer.engine_pacing import FETCH_MOST, IDLE, NOBODY, TALKING, WRAP_UP, agentless, in_order, shares
from dialer.engine_rules import EngineRules
from dialer.leads import Lead
from dialer.ports import OutboundAgent, Team
from dialer.reasons import WhyNot

LEASE_GOOD = 90.0  # seconds for which leased leads are kept; then their lease is left to run out
SPARE = 4  # leads kept at hand beyond those to be dialled


class Decisions:
    """Decides over the rules' campaigns and lines. Asked after everything that happens, and every tick."""

    def __init__(self, rules: EngineRules) -> None:
        self._rules = rules
        self._borrowed: set[Group] = set()
        self._agents: dict[Group, dict[str, OutboundAgent]] = {}

    def groups(self) -> frozenset[Group]:
        """Return whose agents `decide` wants to know."""
        return frozenset(desk.group for desk in self._rules.desks.values() if desk.needs_agents)

    def decide(self, now: float, teams: Mapping[Group, Team]) -> list[Command]:
        """Return what to do; `now` is monotonic seconds."""
        rules = self._rules
        for group, team in teams.items():
            self._learn(group, team, now)
        commands = self._without_their_agent(teams)
        own: dict[str, list[Line]] = {}
        for line in rules.lines.values():
            own.setdefault(line.campaign_id, []).append(line)
        for group in self.groups() | self._borrowed:
            desks = [one for one in in_order(rules.desks.values()) if one.group == group and one.needs_agents]
            wanted = shares(desks, own, teams.get(group, NOBODY), now)
            for desk in desks:
                commands += self._follow(desk, wanted[desk.campaign.campaign_id], own, now)
            commands += self._borrow(group, desks if rules.state == "running" else [], own)
        for desk in rules.desks.values():
            if not desk.needs_agents:
                count = agentless(desk, own.get(desk.campaign.campaign_id, ()), now)
                commands += self._follow(desk, count, own, now)
        return commands

    def asked(self, campaign_id: str, lead: Lead, agent: str, team: Team, now: float) -> Place | WhyNot:
        """An agent wants this lead dialled for them alone."""
        rules = self._rules
        why, desk = rules.why_not(), rules.desks.get(campaign_id)
        if why is not None:
            return why
        if desk is None or desk.campaign.state is not CampaignState.RUNNING:
            return WhyNot.CAMPAIGN_NOT_RUNNING
        # Whoever takes inbound calls too is in no team; whether they are free the floor tells (`keep`).
        busy = any(one.agent == agent and one.state != IDLE for one in team.agents)
        if busy or any(line.agent == agent and line.stage in ACTIVE for line in rules.lines.values()):
            return WhyNot.NO_AGENT
        if rules.room() <= 0:
            return WhyNot.NO_LINE
        return rules.place(desk, [lead], now, agent)

    def _follow(
        self, desk: Desk, wanted: int, lines: Mapping[str, Sequence[Line]], now: float
    ) -> list[Command]:
        rules = self._rules
        if wanted < 0:
            # The oldest go first, as pacers ask: most who answer have done so by then.
            own = lines.get(desk.campaign.campaign_id, ())
            ringing = [one for one in own if one.stage in UNANSWERED and not one.agent and not one.cancelled]
            return rules.cancel(sorted(ringing, key=lambda one: one.began)[:-wanted])
        if rules.state != "running" or desk.campaign.state is not CampaignState.RUNNING:
            return []
        if desk.leads and now - desk.leased > LEASE_GOOD:
            desk.leads.clear()
        wanted = min(wanted, rules.room())
        count = min(wanted, len(desk.leads))
        commands: list[Command] = []
        if count > 0:
            desk.dialled(count, now)
            commands.append(rules.place(desk, [desk.leads.popleft() for _ in range(count)], now))
        short = wanted - count + SPARE - len(desk.leads)
        if short > 0 and not desk.fetching and now >= desk.dry_until:
            desk.fetching = True
            # Who dials fast leases for a second ahead: many small leases cost more than a few large ones.
            many = max(short, SPARE, ceil(desk.pace))
            commands.append(Fetch(desk.campaign.campaign_id, min(many, FETCH_MOST)))
        return commands

    def _borrow(
        self, group: Group, desks: Sequence[Desk], lines: Mapping[str, Sequence[Line]]
    ) -> list[Command]:
        """Borrow for leads at hand and lines under way, never for a preview: its agents choose themselves."""
        wanted = 0
        for desk in desks:
            if desk.campaign.state is not CampaignState.RUNNING:
                continue
            active = sum(line.stage in ACTIVE for line in lines.get(desk.campaign.campaign_id, ()))
            wanted += min(desk.campaign.definition.most_lines, active + len(desk.leads))
        before = group in self._borrowed
        if wanted:
            self._borrowed.add(group)
        else:
            self._borrowed.discard(group)
        return [Borrow(group, wanted)] if wanted or before else []

    def _without_their_agent(self, teams: Mapping[Group, Team]) -> list[Command]:
        """Cancel what rings for an agent who is gone."""
        there = {agent.agent for team in teams.values() for agent in team.agents}
        lines = self._rules.lines.values()
        return self._rules.cancel(
            one for one in lines if one.agent and one.agent not in there and one.stage in UNANSWERED
        )

    def _learn(self, group: Group, team: Team, now: float) -> None:
        """Tell pacers whose talks and wrap-ups came to an end."""
        before = self._agents.get(group, {})
        self._agents[group] = {agent.agent: agent for agent in team.agents}
        pacers = [desk.pacer for desk in self._rules.desks.values() if desk.group == group]
        for agent in team.agents:
            was = before.get(agent.agent)
            if was is None or was.state == agent.state or not was.outbound:
                continue
            for pacer in pacers:
                if was.state == TALKING:
                    pacer.talk_ended(now, agent.since - was.since)
                elif was.state == WRAP_UP:
                    pacer.wrap_up_ended(now, agent.since - was.since)
