"""Which work agents can be chosen for: calls that come in, calls that we placed, or their own calls only.

A skill is one of outbound work when it is `outbound`, or when that is among the wider ones behind it.
Agents who know no other skill belong to outbound. Agents who know both belong to inbound, which may lend
them (`acd.blending`): then they take no inbound calls until they are given back. Callers who ring us and
want an agent of outbound work, for we called them in vain, are nobody's loan: all who know it may take them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from acd.skills import ANY_WORK, OUTBOUND, Ability, Gate, Skillbook, admits, own_gate


@dataclass(frozen=True, slots=True)
class Talents:
    """What an agent knows today, by kind of work."""

    inbound: frozenset[Gate] = frozenset()
    outbound: frozenset[Gate] = frozenset()
    own: frozenset[Gate] = frozenset()  # for calls that only they may take

    @property
    def mixed(self) -> bool:
        """Whether inbound could lend them."""
        return bool(self.inbound and self.outbound)

    def ability(self, *, lent: bool, kept: bool, asked_for: bool) -> Ability:
        """Return what they can be chosen for: `kept` for one call of theirs, `asked_for` by name too."""
        work = self.outbound if lent or not self.inbound else self.inbound
        if kept:
            return Ability(self.own)
        at_any_time = frozenset(replace(gate, skill=ANY_WORK + gate.skill) for gate in self.outbound)
        return Ability(work | at_any_time | (self.own if asked_for else frozenset()))


def talents(book: Skillbook, agent: str, at: datetime) -> Talents:
    """Return what an agent knows at an aware moment. Raises KeyError: no such agent."""
    gates = book.ability(agent, at).gates
    outbound = frozenset(gate for gate in gates if is_outbound_skill(book, gate.skill))
    own = frozenset(own_gate(agent, language) for language in book.agents[agent].languages)
    return Talents(gates - outbound, outbound, own)


def is_outbound_skill(book: Skillbook, skill: str) -> bool:
    """Return whether a skill is one of outbound work."""
    return OUTBOUND in book.chain(skill)


def is_outbound(book: Skillbook, queue: str) -> bool:
    """Return whether the calls of a queue are outbound work."""
    requirement = book.requirement(queue)
    return requirement is not None and is_outbound_skill(book, requirement.skill)


def admitted_ever(book: Skillbook, queue: str, language: str, gates: frozenset[Gate]) -> bool:
    """Return whether these competences let an agent take a call of a queue once it has waited long enough."""
    requirement = book.requirement(queue)
    if requirement is None:
        return False
    rings, chain = book.plans[requirement.plan].rings, book.chain(requirement.skill)
    return any(admits(ring, chain, language, gate) for ring in rings for gate in gates)


def admitted_at_once(book: Skillbook, queue: str, gates: frozenset[Gate]) -> bool:
    """Return whether these competences let an agent take a call of a queue from its first moment on."""
    requirement = book.requirement(queue)
    if requirement is None:
        return False
    ring, chain = book.plans[requirement.plan].rings[0], book.chain(requirement.skill)
    return any(admits(ring, chain, gate.language, gate) for gate in gates)
