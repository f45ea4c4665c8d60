"""What can be wrong with the tables, told so that an administrator can mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import TypeVar

from acd.floor_rules import RULE_NAMES, rule_faults
from acd.skills import Language, RingPlan, Skill, Skillbook, Tables
from domain.masking import mask

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
STAFF_NUMBER = re.compile(r"[0-9]{4,18}")
# Begins with a letter: a spreadsheet runs cells that begin with = + - @.
ON_AIR_NAME = re.compile(r"[^\W\d_][\w .'-]{0,39}")
REASON_NAME = re.compile(r"[^\W\d_][^\n=@]{0,39}")
K = TypeVar("K", bound=Hashable)
LANGUAGES = frozenset(language.value for language in Language)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `index` counts the table's rows from 0; of a ring plan `ring` counts its rings too."""

    table: str
    index: int
    field: str
    value: str  # masked where personal
    what: str
    remedy: str
    ring: int = 0
    first: int | None = None  # index of the row that this one repeats; `what` tells it as an entry

    def __str__(self) -> str:
        """Return the mistake without its place."""
        return f"{self.field}: `{self.value}`: {self.what}. Remedy: {self.remedy}"


class TablesRefused(Exception):
    """The tables cannot be used; nothing of them was applied."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{problem.table}, entry {problem.index + 1}: {problem}" for problem in self.problems)
        )


def checked(tables: Tables, today: date | None = None) -> Skillbook:
    """Return the tables ready for use.

    With `today` (in the office's zone) competences that have expired are refused, as an import
    must; without it they are kept, for tables that were accepted on an earlier day.
    Raises TablesRefused with every mistake found.
    """
    problems = list(problems_of(tables, today))
    if problems:
        raise TablesRefused(problems)
    return Skillbook(tables)


def problems_of(tables: Tables, today: date | None = None) -> Iterator[Problem]:
    """Return every mistake in the tables, in the order of tables and rows."""
    yield from _skills(tables)
    yield from _agents(tables)
    yield from _competences(tables, today)
    yield from _plans(tables)
    yield from _requirements(tables)
    yield from _reserves(tables)
    yield from _reasons(tables)
    yield from _rules(tables)


def near(word: str, known: Iterable[str]) -> str:
    """Return a remedy that names the known words nearest to a word."""
    choices = sorted(known)
    found = get_close_matches(word, choices, n=2, cutoff=0.6) or choices[:12]
    return f"one of {', '.join(found)}" if found else "define it first"


def _skills(tables: Tables) -> Iterator[Problem]:
    names = {skill.name for skill in tables.skills}
    yield from _twice("skills", "skill", [skill.name for skill in tables.skills])
    for index, skill in enumerate(tables.skills):
        yield from _named("skills", index, "skill", skill.name)
        if skill.levels < 1:
            yield Problem("skills", index, "levels", str(skill.levels), "no level is left", "1 or more")
        if skill.wider and skill.wider not in names:
            yield Problem(
                "skills",
                index,
                "wider",
                skill.wider,
                "no such skill",
                near(skill.wider, names - {skill.name}),
            )
        elif circle := _circle(tables.skills, skill):
            yield Problem(
                "skills",
                index,
                "wider",
                skill.wider,
                f"a circle: {' → '.join(circle)}",
                "leave one of them empty",
            )


def _circle(skills: Sequence[Skill], start: Skill) -> list[str]:
    """Return the way from a skill back to itself, or nothing."""
    wider = {skill.name: skill.wider for skill in skills}
    way = [start.name]
    while (step := wider.get(way[-1], "")) and step not in way:
        way.append(step)
    return [*way, step] if step == start.name else []


def _agents(tables: Tables) -> Iterator[Problem]:
    yield from _twice("agents", "agent", [agent.number for agent in tables.agents], mask)
    yield from _twice("agents", "on_air_name", [agent.on_air_name.casefold() for agent in tables.agents])
    for index, agent in enumerate(tables.agents):
        if not STAFF_NUMBER.fullmatch(agent.number):
            yield Problem("agents", index, "agent", mask(agent.number), "no staff number", "4 to 18 digits")
        if not ON_AIR_NAME.fullmatch(agent.on_air_name):
            yield Problem(
                "agents", index, "on_air_name", agent.on_air_name[:20], "no name to say on air",
                "a letter first, then letters, spaces, . ' or -, 40 at most",
            )  # fmt: skip
        yield from _named("agents", index, "team", agent.team)
        unknown = agent.languages - LANGUAGES
        if unknown or not agent.languages:
            yield Problem(
                "agents", index, "languages", " ".join(sorted(unknown)), "no language callers can choose",
                f"some of {' '.join(sorted(LANGUAGES))}",
            )  # fmt: skip


def _competences(tables: Tables, today: date | None) -> Iterator[Problem]:
    skills = {skill.name: skill for skill in tables.skills}
    agents = {agent.number for agent in tables.agents}
    pairs = [(row.agent, row.skill) for row in tables.competences]
    yield from _twice("competences", "skill", pairs, lambda pair: pair[1])
    for index, row in enumerate(tables.competences):
        if row.agent not in agents:
            yield Problem(
                "competences",
                index,
                "agent",
                mask(row.agent),
                "no such agent",
                "add the agent first, or correct it",
            )
        yield from _level("competences", index, "level", row.level, skills.get(row.skill))
        if row.skill not in skills:
            yield Problem("competences", index, "skill", row.skill, "no such skill", near(row.skill, skills))
        if today and row.expires and row.expires < today:
            yield Problem(
                "competences", index, "expires", row.expires.isoformat(), "has expired",
                "a later date, or leave the row out",
            )  # fmt: skip


def _plans(tables: Tables) -> Iterator[Problem]:
    yield from _twice("rings", "plan", [plan.name for plan in tables.plans])
    for index, plan in enumerate(tables.plans):
        yield from _named("rings", index, "plan", plan.name)
        for number, field, value, what, remedy in _ring_faults(plan):
            yield Problem("rings", index, field, value, what, remedy, number)


def _ring_faults(plan: RingPlan) -> Iterator[tuple[int, str, str, str, str]]:
    if not plan.rings:
        yield 0, "plan", plan.name, "has no ring", "add one that begins after 0 s"
    for number, ring in enumerate(plan.rings):
        if number == 0 and ring.after_s != 0:
            yield 0, "after_s", f"{ring.after_s:g}", "the first ring must open at once", "0"
        if not ring.tiers:
            yield number, "tiers", "", "admits nobody", "some of A B C"
        if ring.least_level < 1:
            yield number, "least_level", str(ring.least_level), "levels begin with 1", "1 or more"
        if ring.reach < 0:
            yield number, "reach", str(ring.reach), "cannot reach back", "0 or more"
    yield from _narrowing(plan)


def _narrowing(plan: RingPlan) -> Iterator[tuple[int, str, str, str, str]]:
    for number, (inner, outer) in enumerate(pairwise(plan.rings), 1):
        if not outer.after_s > inner.after_s:
            yield number, "after_s", f"{outer.after_s:g}", "opens no later than the ring before", (
                f"more than {inner.after_s:g}"
            )  # fmt: skip
        if not outer.tiers >= inner.tiers:
            yield number, "tiers", " ".join(sorted(outer.tiers)), "shuts out a tier of the ring before", (
                f"also {' '.join(sorted(inner.tiers - outer.tiers))}"
            )  # fmt: skip
        if outer.least_level > inner.least_level:
            yield number, "least_level", str(outer.least_level), "asks more than the ring before", (
                f"{inner.least_level} or less"
            )  # fmt: skip
        if outer.reach < inner.reach:
            yield number, "reach", str(outer.reach), "reaches less far than the ring before", (
                f"{inner.reach} or more"
            )  # fmt: skip


def _requirements(tables: Tables) -> Iterator[Problem]:
    skills = {skill.name: skill for skill in tables.skills}
    plans = {plan.name: plan for plan in tables.plans}
    yield from _twice("requirements", "queue", [row.queue for row in tables.requirements])
    for index, row in enumerate(tables.requirements):
        yield from _named("requirements", index, "queue", row.queue)
        plan = plans.get(row.plan)
        if row.skill not in skills:
            yield Problem("requirements", index, "skill", row.skill, "no such skill", near(row.skill, skills))
        if plan is None:
            yield Problem(
                "requirements", index, "plan", row.plan, "no such plan of rings", near(row.plan, plans)
            )
            continue
        if plan.rings and row.tier not in plan.rings[0].tiers:
            yield Problem(
                "requirements", index, "tier", row.tier, f"is not in the first ring of `{plan.name}`",
                f"one of {' '.join(sorted(plan.rings[0].tiers))}, or another plan",
            )  # fmt: skip
        levels = skills[row.skill].levels if row.skill in skills else None
        for ring in plan.rings:
            if levels is not None and ring.least_level > levels:
                yield Problem(
                    "requirements", index, "plan", row.plan,
                    f"asks for level {ring.least_level}, and `{row.skill}` ends at {levels}", "another plan",
                )  # fmt: skip


def _reserves(tables: Tables) -> Iterator[Problem]:
    skills = {skill.name for skill in tables.skills}
    yield from _twice("reserves", "skill", [f"{row.skill} {row.tier}" for row in tables.reserves])
    for index, row in enumerate(tables.reserves):
        if row.skill not in skills:
            yield Problem("reserves", index, "skill", row.skill, "no such skill", near(row.skill, skills))
        if row.keep < 1:
            yield Problem("reserves", index, "keep", str(row.keep), "keeps nobody", "1 or more, or no row")


def _reasons(tables: Tables) -> Iterator[Problem]:
    """Pause reasons; digit 0 is left to the dial codes."""
    table = "pause_reasons"
    yield from _twice(table, "reason", [row.name for row in tables.reasons])
    dialled = [row.digit or f"row {index}" for index, row in enumerate(tables.reasons)]
    yield from _twice(table, "digit", dialled)
    for index, row in enumerate(tables.reasons):
        yield from _named(table, index, "reason", row.name)
        if not re.fullmatch("[1-9]?", row.digit):
            yield Problem(table, index, "digit", row.digit, "is no single digit", "1 to 9, or empty")
        if not 0 <= row.limit_minutes <= 720:
            yield Problem(
                table, index, "limit_minutes", str(row.limit_minutes), "is no limit", "0 to 720; 0: none"
            )
        for field, name in (("indonesian", row.indonesian), ("english", row.english)):
            if not REASON_NAME.fullmatch(name):
                yield Problem(table, index, field, name[:20], "no name to show", "a letter first, 40 at most")


def _rules(tables: Tables) -> Iterator[Problem]:
    yield from _twice("rules", "rule", [row.name for row in tables.rules])
    for index, row in enumerate(tables.rules):
        if row.name not in RULE_NAMES:
            yield Problem("rules", index, "rule", row.name[:40], "no such rule", near(row.name, RULE_NAMES))
            continue
        for field, value, what, remedy in rule_faults(row):
            yield Problem("rules", index, field, value, what, remedy)


def _level(table: str, index: int, field: str, level: int, skill: Skill | None) -> Iterator[Problem]:
    highest = skill.levels if skill else level
    if not 1 <= level <= highest:
        yield Problem(
            table, index, field, str(level), "no such level of the skill", f"1 to {max(highest, 1)}"
        )


def _named(table: str, index: int, field: str, name: str) -> Iterator[Problem]:
    if not NAME.fullmatch(name):
        yield Problem(
            table,
            index,
            field,
            name[:40],
            "no name",
            "small letters, digits and _, a letter first, 40 at most",
        )


def _twice(table: str, field: str, keys: Sequence[K], shown: Callable[[K], str] = str) -> Iterator[Problem]:
    seen: dict[K, int] = {}
    for index, key in enumerate(keys):
        first = seen.setdefault(key, index)
        if first != index:
            what = f"is there twice, first in entry {first + 1}"
            yield Problem(table, index, field, shown(key), what, "remove one of them", first=first)
