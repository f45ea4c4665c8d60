"""What agents can do and what calls require: skills, tiers, competences, rings, reserves.

All of it is data an administrator changes. Nothing here is published by the centre; the shipped
tables are assumptions and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from acd.floor_rules import PauseReason, Rule

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
"""The zone in which a date of expiry is meant."""


class Tier(StrEnum):
    """How far an agent's authority goes; what belongs to which tier is data."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Skill:
    """A field of knowledge. Levels run from 1 to `levels`, the best."""

    name: str
    about: str
    levels: int = 5
    wider: str = ""  # the skill whose agents help out in rings that reach further; "" for none
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of staff who takes calls."""

    number: str  # staff number: personal, masked wherever it is shown to others
    on_air_name: str  # nama udara
    team: str
    languages: frozenset[str]  # "id", "en"


@dataclass(frozen=True, slots=True)
class Competence:
    """An agent's skill. It holds to the end of its last day in the office's zone."""

    agent: str
    skill: str
    tier: Tier
    level: int
    expires: date | None = None

    def holds(self, at: datetime) -> bool:
        """Return whether it has not expired at an aware moment. Raises ValueError on a naive one."""
        return self.expires is None or office_day(at) <= self.expires


@dataclass(frozen=True, slots=True)
class Ring:
    """Who may take a call that has waited `after_s` seconds.

    `reach` counts steps along `Skill.wider`: 0 is the required skill alone.
    """

    after_s: float
    tiers: frozenset[Tier]
    least_level: int = 1
    reach: int = 0


@dataclass(frozen=True, slots=True)
class RingPlan:
    """Rings from narrow to wide; each one admits whoever the one before it admitted."""

    name: str
    rings: tuple[Ring, ...]
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a queue's calls require. Each step of `priority` counts as some waiting time."""

    queue: str
    skill: str
    tier: Tier
    plan: str
    priority: int = 0
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Reserve:
    """The last `keep` free agents of a skill and tier take only calls that require that skill."""

    skill: str
    tier: Tier
    keep: int
    assumed: bool = False


class Language(StrEnum):
    """What calls are held in."""

    INDONESIAN = "id"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, order=True)
class Gate:
    """One thing that makes an agent eligible: a competence in one language."""

    skill: str
    tier: Tier
    level: int
    language: str


@dataclass(frozen=True, slots=True)
class Ability:
    """Everything an agent can be chosen for at one moment. Equal abilities are interchangeable."""

    gates: frozenset[Gate]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables as they were written, in order; not yet checked."""

    skills: Sequence[Skill] = ()
    agents: Sequence[Agent] = ()
    competences: Sequence[Competence] = ()
    plans: Sequence[RingPlan] = ()
    requirements: Sequence[Requirement] = ()
    reserves: Sequence[Reserve] = ()
    reasons: Sequence[PauseReason] = ()
    rules: Sequence[Rule] = ()


OUTBOUND = "outbound"
"""The skill of outbound work, and so of every skill that it is a wider one of."""

_AT_ONCE = {
    tier: RingPlan(f"at_once/{tier}", (Ring(0.0, frozenset(other for other in Tier if other >= tier)),), True)
    for tier in Tier
}


class Skillbook:
    """The checked tables, with look-ups. Immutable: a change makes a new one."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.skills: Mapping[str, Skill] = {skill.name: skill for skill in tables.skills}
        self._wider = {skill.name: skill.wider for skill in tables.skills}
        self.agents: Mapping[str, Agent] = {agent.number: agent for agent in tables.agents}
        self.plans: Mapping[str, RingPlan] = {plan.name: plan for plan in (*_AT_ONCE.values(), *tables.plans)}
        self.requirements: Mapping[str, Requirement] = {row.queue: row for row in tables.requirements}
        self._implied: Mapping[str, Requirement] = {row.queue: row for row in _implied(tables)}
        self.reserves: Sequence[Reserve] = tuple(tables.reserves)
        self.reasons: Mapping[str, PauseReason] = {row.name: row for row in tables.reasons}

    @cached_property
    def _competences(self) -> Mapping[str, Sequence[Competence]]:
        found: dict[str, list[Competence]] = {}
        for row in self.tables.competences:
            found.setdefault(row.agent, []).append(row)
        return found

    def requirement(self, queue: str) -> Requirement | None:
        """Return what a queue requires: one of the table, or a skill and tier such as `efin/B`."""
        return self.requirements.get(queue) or self._implied.get(queue)

    def competences_of(self, agent: str) -> Sequence[Competence]:
        """Return an agent's competences, expired ones too."""
        return self._competences.get(agent, ())

    def ability(self, agent: str, at: datetime) -> Ability:
        """Return what an agent can be chosen for at an aware moment. Raises KeyError: no such agent."""
        languages = self.agents[agent].languages
        return Ability(
            frozenset(
                Gate(row.skill, row.tier, row.level, language)
                for row in self.competences_of(agent)
                if row.holds(at)
                for language in languages
            )
        )

    def next_expiry(self, at: datetime) -> date | None:
        """Return the first day after which some competence no longer holds; then ask abilities anew."""
        today = office_day(at)
        return min((row.expires for row in self.tables.competences if row.expires and row.expires >= today),
                   default=None)  # fmt: skip

    def chain(self, skill: str) -> tuple[str, ...]:
        """Return a skill and the ever wider ones behind it."""
        return _behind(skill, self._wider)


def _behind(skill: str, wider: Mapping[str, str]) -> tuple[str, ...]:
    found = [skill]
    while (step := wider[found[-1]]) and step not in found:
        found.append(step)
    return tuple(found)


def _implied(tables: Tables) -> Iterator[Requirement]:
    """Return the queues that agents may choose by skill and tier, for every pair: `efin/B`.

    Their rings are those of a queue that requires the pair, or else of any whose first ring is of the tier;
    in outbound work all of the tier or a higher one from the first moment on: nobody waits for a wider ring.
    """
    wider = {skill.name: skill.wider for skill in tables.skills}
    plans = {plan.name: plan for plan in tables.plans}
    for skill in tables.skills:
        for tier in Tier:
            pair = (skill.name, tier)
            same = [row.plan for row in tables.requirements if (row.skill, row.tier) == pair]
            likely = (name for name, plan in plans.items() if plan.rings and plan.rings[0].tiers == {tier})
            fitting = (name for name, plan in plans.items() if plan.rings and tier in plan.rings[0].tiers)
            plan = next((name for name in (*same, *likely, *fitting) if name in plans), None)
            if OUTBOUND in _behind(skill.name, wider):
                plan = next(iter(same), _AT_ONCE[tier].name)
            if plan is not None:
                yield Requirement(f"{skill.name}/{tier}", skill.name, tier, plan, 0, True)


def own_gate(agent: str, language: str) -> Gate:
    """Return what makes an agent, and nobody else, eligible for calls that only they may take."""
    return Gate(f"@{agent}", Tier.A, 0, language)


ANY_WORK = "*"
"""Before a skill's name: the same competence, whatever work its agent is on now (see `acd.outbound`)."""


def office_day(at: datetime) -> date:
    """Return the day in the office's zone. Raises ValueError on a naive moment."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone; use an aware datetime, in UTC")
    return at.astimezone(OFFICE_ZONE).date()


def admits(ring: Ring, chain: Iterable[str], language: str, gate: Gate) -> bool:
    """Return whether a ring lets an agent with this competence take a call of that chain of skills."""
    return (
        gate.language == language
        and gate.tier in ring.tiers
        and gate.level >= ring.least_level
        and gate.skill in tuple(chain)[: ring.reach + 1]
    )
