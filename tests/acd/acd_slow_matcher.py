"""The matcher written so that it is obviously right: every event looks at every call and every agent."""

from dataclasses import dataclass

from acd.commands import CancelOffer, Command, Offer, PauseAgent, Why
from acd.matcher import MatcherRules
from acd.skills import Ability, Skillbook, admits, own_gate


@dataclass
class SlowCall:
    call_id: str
    queue: str
    language: str
    since: float
    priority: int
    only: str = ""
    quick: bool = False


@dataclass
class SlowAgent:
    agent: str
    ability: Ability
    free: bool = False
    order: float = 0.0


@dataclass
class SlowOffer:
    number: int
    call: str
    agent: str
    deadline: float
    claimed: bool = False
    quick: bool = False


class SlowMatcher:
    def __init__(self, book: Skillbook, rules: MatcherRules) -> None:
        self.book, self.rules = book, rules
        self.calls: dict[str, SlowCall] = {}
        self.agents: dict[str, SlowAgent] = {}
        self.offers: dict[int, SlowOffer] = {}
        self.number = 1

    # -- what is open to whom

    def rank(self, call: SlowCall) -> tuple[float, str]:
        priority = self.book.requirements[call.queue].priority + call.priority
        return call.since - priority * self.rules.seconds_per_priority, call.call_id

    def waiting(self) -> list[SlowCall]:
        offered = {offer.call for offer in self.offers.values()}
        return sorted((call for call in self.calls.values() if call.call_id not in offered), key=self.rank)

    def ring(self, call: SlowCall, agent: SlowAgent, now: float) -> int | None:
        """Return the open ring that admits the agent, or None; reserves considered."""
        if call.only:
            return 0 if own_gate(call.only, call.language) in agent.ability.gates else None
        requirement = self.book.requirements[call.queue]
        chain = self.book.chain(requirement.skill)
        for reserve in self.book.reserves:
            members = [a for a in self.agents.values() if a.free and _in(a, reserve.skill, reserve.tier)]
            if (
                reserve.skill != requirement.skill
                and _in(agent, reserve.skill, reserve.tier)
                and len(members) <= reserve.keep
            ):
                return None
        for number, ring in enumerate(self.book.plans[requirement.plan].rings):
            if call.since + ring.after_s > now:
                return None
            if any(admits(ring, chain, call.language, gate) for gate in agent.ability.gates):
                return number
        return None

    def best(self, call: SlowCall, now: float) -> tuple[int, SlowAgent] | None:
        found = [
            (ring, agent.order, agent.agent)
            for agent in self.agents.values()
            if agent.free and (ring := self.ring(call, agent, now)) is not None
        ]
        return (min(found)[0], self.agents[min(found)[2]]) if found else None

    def match(self, now: float) -> list[Command]:
        commands: list[Command] = []
        while True:
            for call in self.waiting():
                if best := self.best(call, now):
                    ring, agent = best
                    agent.free = False
                    lease = self.rules.quick_ring_seconds if call.quick else self.rules.ring_seconds
                    offer = SlowOffer(self.number, call.call_id, agent.agent, now + lease, quick=call.quick)
                    self.offers[self.number] = offer
                    commands.append(Offer(call.call_id, agent.agent, self.number, lease, ring))
                    self.number += 1
                    break
            else:
                return commands

    def cancel(self, offer: SlowOffer, why: Why) -> CancelOffer:
        del self.offers[offer.number]
        return CancelOffer(offer.number, offer.call, offer.agent, why)

    # -- events

    def tick(self, now: float) -> list[Command]:
        commands: list[Command] = []
        for claimed, why, reason in (
            (False, Why.RING_TIME_OUT, Why.MISSED_RING),
            (True, Why.LEASE_ENDED, Why.NOT_CONNECTED),
        ):
            due = [o for o in self.offers.values() if o.claimed is claimed and o.deadline <= now]
            for offer in sorted(due, key=lambda o: (not (o.quick or claimed), o.deadline)):
                commands += [self.cancel(offer, why), PauseAgent(offer.agent, reason)]
        return commands + self.match(now)

    def enter(
        self, call_id: str, queue: str, language: str, since: float, now: float, priority: int = 0,
        only: str = "", quick: bool = False,
    ) -> list[Command]:  # fmt: skip
        commands = self.tick(now)
        self.calls.setdefault(call_id, SlowCall(call_id, queue, language, since, priority, only, quick))
        return commands + self.match(now)

    def leave(self, call_id: str, now: float) -> list[Command]:
        commands = self.tick(now)
        if self.calls.pop(call_id, None):
            for offer in [offer for offer in self.offers.values() if offer.call == call_id]:
                commands.append(self.cancel(offer, Why.CALLER_LEFT))
                self.agents[offer.agent].free = not offer.claimed
        return commands + self.match(now)

    def define_agent(self, agent: str, ability: Ability, now: float) -> list[Command]:
        commands = self.tick(now)
        self.agents.setdefault(agent, SlowAgent(agent, ability)).ability = ability
        return commands + self.match(now)

    def free(self, agent: str, now: float, order: float | None = None) -> list[Command]:
        commands = self.tick(now)
        offered = {offer.agent for offer in self.offers.values()}
        record = self.agents[agent]
        if agent not in offered and not record.free:
            record.free, record.order = True, now if order is None else order
        return commands + self.match(now)

    def away(self, agent: str, now: float) -> list[Command]:
        commands = self.tick(now)
        self.agents[agent].free = False
        for offer in [offer for offer in self.offers.values() if offer.agent == agent]:
            commands.append(self.cancel(offer, Why.AGENT_AWAY))
        return commands + self.match(now)

    def claim(self, number: int, now: float) -> tuple[bool, list[Command]]:
        commands = self.tick(now)
        offer = self.offers.get(number)
        if offer is None or offer.claimed:
            return False, commands
        offer.claimed, offer.deadline = True, now + self.rules.connect_seconds
        return True, commands

    def connected(self, number: int, now: float) -> tuple[bool, list[Command]]:
        commands = self.tick(now)
        offer = self.offers.get(number)
        if offer is None or not offer.claimed:
            return False, commands
        del self.offers[number], self.calls[offer.call]
        return True, commands

    def fail(self, number: int, now: float) -> list[Command]:
        commands = self.tick(now)
        if offer := self.offers.get(number):
            commands += [self.cancel(offer, Why.REFUSED), PauseAgent(offer.agent, Why.REFUSED)]
        return commands + self.match(now)


def _in(agent: SlowAgent, skill: str, tier: str) -> bool:
    return any(gate.skill == skill and gate.tier == tier for gate in agent.ability.gates)
