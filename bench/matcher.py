"""Matches a second of the pure matcher, and of one that asks SQL for every decision.

One match is one offer that was claimed and connected, with all that leads to it: a call enters, an
agent becomes free, the offer is made, claimed, connected. 40 skills × 3 tiers, two skills an agent,
rings, priorities, ageing and reserves on.
"""

from __future__ import annotations

import gc
import random
import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from acd.checking import checked
from acd.commands import Command, Offer
from acd.matcher import Matcher
from acd.skills import (
    Ability,
    Gate,
    Requirement,
    Reserve,
    Ring,
    RingPlan,
    Skill,
    Skillbook,
    Tables,
    Tier,
    admits,
)
from bench.figures import Figure, Report, at_least, median, ratio_at_least

SKILLS = 40
RATE_BOUND = 150_000.0
SQL_BOUND = 50.0
CURVE_BOUND = 0.7
CURVE = ((50, 1_000), (500, 10_000), (5_000, 100_000))  # agents, calls waiting
MEAN_WAIT = 120.0  # seconds
REFERENCE = 500  # agents of the figure that has a peer
# The peer: indexed, statements prepared once (sqlite3 keeps them).
SCHEMA = """
    CREATE TABLE calls (id TEXT PRIMARY KEY, queue TEXT, language TEXT, since REAL, rank REAL,
                        offered INTEGER DEFAULT 0) WITHOUT ROWID;
    CREATE INDEX line ON calls (queue, language, offered, rank);
    CREATE TABLE doors (agent TEXT, queue TEXT, language TEXT, opens REAL,
                        PRIMARY KEY (agent, queue, language)) WITHOUT ROWID;
    CREATE TABLE free (agent TEXT PRIMARY KEY, since REAL) WITHOUT ROWID;
    CREATE TABLE offers (number INTEGER PRIMARY KEY, call TEXT, agent TEXT, claimed INTEGER);
"""
ENTER = "INSERT INTO calls (id, queue, language, since, rank) VALUES (?, ?, ?, ?, ?)"
FREE_AGENT = """
    SELECT free.agent FROM free CROSS JOIN doors ON doors.agent = free.agent
    WHERE doors.queue = ? AND doors.language = ? AND doors.opens = 0 ORDER BY free.since, free.agent LIMIT 1
"""
BEST_CALL = """
    SELECT calls.id FROM doors
    JOIN calls ON calls.queue = doors.queue AND calls.language = doors.language AND calls.offered = 0
    WHERE doors.agent = ? AND calls.since + doors.opens <= ? ORDER BY calls.rank, calls.id LIMIT 1
"""
A, B, C = Tier.A, Tier.B, Tier.C


@dataclass(frozen=True, slots=True)
class World:
    """Agents and the calls that will come, drawn once so that every round and the peer see the same."""

    book: Skillbook
    abilities: dict[str, Ability]
    calls: Sequence[tuple[str, str, str]]  # id, queue, language


def world(agents: int, calls: int) -> World:
    """Return a synthetic world; the same arguments give the same one."""
    dice = random.Random(1500200)
    book = checked(_tables())
    abilities = {}
    for number in range(agents):
        skills = dice.sample(range(SKILLS), 2)
        languages = ("id", "en") if dice.random() < 0.2 else ("id",)
        tiers = [dice.choice((A, B, C)) for _ in skills]
        abilities[f"{number:06d}"] = Ability(
            frozenset(
                Gate(f"skill{skill}", tier, dice.randint(1, 5), language)
                for skill, tier in zip(skills, tiers, strict=True)
                for language in languages
            )
        )
    queues = list(book.requirements)
    drawn = [
        (f"{number:08d}", dice.choice(queues), "en" if dice.random() < 0.05 else "id")
        for number in range(calls)
    ]
    return World(book, abilities, drawn)


def _tables() -> Tables:
    plans = tuple(
        RingPlan(f"{first.value.lower()}_first", (
            Ring(0, frozenset({first}), 2), Ring(30, frozenset({first, B}), 2), Ring(60, frozenset(Tier)),
        ))
        for first in Tier
    )  # fmt: skip
    names = [f"skill{number}" for number in range(SKILLS)]
    requirements = tuple(
        Requirement(f"{name}_{tier.value.lower()}", name, tier, f"{tier.value.lower()}_first", number % 3)
        for number, name in enumerate(names)
        for tier in Tier
    )
    reserves = tuple(Reserve(name, C, 1) for name in names[:8])
    return Tables(tuple(Skill(name, "") for name in names), (), (), plans, requirements, reserves)


def run(report: Report) -> None:
    """Measure in rounds; print the rate, the peer's in the same run, and the curve."""
    rounds, matches = (1, 3_000) if report.short else (5, 20_000)
    curve = {}
    for agents, waiting in CURVE:
        it = world(agents, waiting + matches + matches // 10)
        curve[agents] = median([rate(it, waiting, matches) for _ in range(rounds)])
        note = f"{agents} agents, {waiting} calls waiting"
        if agents == REFERENCE:
            report.add(at_least("matcher.rate", curve[agents], RATE_BOUND, "matches/s of CPU", note))
            _against_sql(report, it, waiting, matches // 20, rounds, curve[agents], note)
        else:
            figure = f"matcher.curve_{agents}"
            report.add(Figure(figure, curve[agents], None, None, "none", True, "matches/s of CPU", note))
    small, large = CURVE[0][0], CURVE[-1][0]
    note = f"ours: {large} agents and {CURVE[-1][1]} waiting; peer: {small} agents and {CURVE[0][1]} waiting"
    report.add(
        ratio_at_least("matcher.scale", curve[large], curve[small], CURVE_BOUND, "matches/s of CPU", note)
    )


def _against_sql(
    report: Report, it: World, waiting: int, matches: int, rounds: int, ours: float, note: str
) -> None:
    """Print the peer's rates: on disk, where a crash loses no reservation, and in memory."""
    note += "; the peer: the same events, one query a decision, indexed, SQLite "
    with TemporaryDirectory() as folder:
        files = [f"{folder}/{number}.sqlite" for number in range(rounds)]
        disk = median([sql_rate(it, waiting, matches, file) for file in files])
    unit = "matches/s of CPU"
    report.add(
        ratio_at_least("matcher.sql", ours, disk, SQL_BOUND, unit, note + "on disk (WAL, synchronous=FULL)")
    )
    memory = median([sql_rate(it, waiting, matches) for _ in range(rounds)])
    ratio = ours / memory
    report.add(
        Figure(
            "matcher.sql_memory", ours, memory, ratio, "none", True, unit, note + "in memory, nothing durable"
        )
    )


def rate(it: World, waiting: int, matches: int) -> float:
    """Return matches per second of CPU time, in a steady state of about `waiting` calls."""
    matcher, now = Matcher(it.book), 0.0
    step = MEAN_WAIT / waiting
    for agent, ability in it.abilities.items():
        matcher.define_agent(agent, ability, now)
    for call, queue, language in it.calls[:waiting]:
        now += step
        matcher.enter(call, queue, language, now, now)
    talking: deque[str] = deque()
    for agent in it.abilities:
        _answer(matcher, matcher.free(agent, now), talking, now)
    warm_up, timed = matches // 10, 0.0
    begin, end = waiting + warm_up, waiting + warm_up + matches
    for part in (it.calls[waiting:begin], it.calls[begin:end]):
        made = 0
        gc.collect()
        began = time.process_time()
        for call, queue, language in part:
            now += step
            commands = matcher.enter(call, queue, language, now, now)
            if commands:
                made += _answer(matcher, commands, talking, now)
            if talking:
                made += _answer(matcher, matcher.free(talking.popleft(), now), talking, now)
        timed = time.process_time() - began
    return made / timed


def _answer(matcher: Matcher, commands: Sequence[Command], talking: deque[str], now: float) -> int:
    """Let the agents answer what they are offered; return how many did."""
    made = 0
    for command in commands:
        if command.__class__ is Offer:
            number = command.number
            matcher.claim(number, now)
            matcher.connected(number, now)
            talking.append(command.agent)
            made += 1
    return made


def sql_rate(it: World, waiting: int, matches: int, file: str = ":memory:") -> float:
    """Return matches per second of CPU time when every decision is a query, on the same world.

    The same events as ours, each one transaction: a call enters and looks for a free agent, an agent
    becomes free and looks for the best call they may take, the offer is claimed by number, the call
    leaves. Kinder to the peer than the task: no reserves, no leases, no timers.
    """
    base = sqlite3.connect(file, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    base.executescript(SCHEMA)
    base.executemany("INSERT INTO doors VALUES (?, ?, ?, ?)", _doors(it))
    now, step = 0.0, MEAN_WAIT / waiting
    base.execute("BEGIN")
    for call, queue, language in it.calls[:waiting]:
        now += step
        base.execute(ENTER, (call, queue, language, now, _rank(it.book, queue, now)))
    base.execute("COMMIT")
    talking = deque(it.abilities)
    made = 0
    gc.collect()
    began = time.process_time()
    for call, queue, language in it.calls[waiting : waiting + matches]:
        now += step
        base.execute("BEGIN")
        base.execute(ENTER, (call, queue, language, now, _rank(it.book, queue, now)))
        agent = base.execute(FREE_AGENT, (queue, language)).fetchone()
        number = _sql_offer(base, call, agent[0]) if agent else None
        base.execute("COMMIT")
        made += number is not None and _sql_answer(base, number, talking)
        base.execute("BEGIN")
        agent = talking.popleft()
        found = base.execute(BEST_CALL, (agent, now)).fetchone()
        number = _sql_offer(base, found[0], agent) if found else None
        if number is None:
            base.execute("INSERT INTO free VALUES (?, ?)", (agent, now))
        base.execute("COMMIT")
        made += number is not None and _sql_answer(base, number, talking)
    took = time.process_time() - began
    base.close()
    return made / took


def _rank(book: Skillbook, queue: str, now: float) -> float:
    return now - 60.0 * book.requirements[queue].priority


def _sql_offer(base: sqlite3.Connection, call: str, agent: str) -> int:
    """Reserve a call and an agent for one another; return the offer's number."""
    base.execute("UPDATE calls SET offered = 1 WHERE id = ?", (call,))
    base.execute("DELETE FROM free WHERE agent = ?", (agent,))
    offer = base.execute("INSERT INTO offers (call, agent, claimed) VALUES (?, ?, 0)", (call, agent))
    return offer.lastrowid or 0


def _sql_answer(base: sqlite3.Connection, number: int, talking: deque[str]) -> bool:
    """Claim an offer and let its call leave; return whether it was still to be had."""
    claim = "UPDATE offers SET claimed = 1 WHERE number = ? AND claimed = 0"
    if base.execute(claim, (number,)).rowcount != 1:
        return False
    base.execute("BEGIN")
    call, agent = base.execute("SELECT call, agent FROM offers WHERE number = ?", (number,)).fetchone()
    base.execute("DELETE FROM offers WHERE number = ?", (number,))
    base.execute("DELETE FROM calls WHERE id = ?", (call,))
    base.execute("COMMIT")
    talking.append(agent)
    return True


def _doors(it: World) -> Iterator[tuple[str, str, str, float]]:
    """Return who may take which kind of call after how many seconds."""
    for agent, ability in it.abilities.items():
        opens: dict[tuple[str, str], float] = {}
        for queue, row in it.book.requirements.items():
            chain = it.book.chain(row.skill)
            for gate in ability.gates:
                for ring in reversed(it.book.plans[row.plan].rings):
                    if gate.skill == row.skill and admits(ring, chain, gate.language, gate):
                        key = (queue, gate.language)
                        opens[key] = min(ring.after_s, opens.get(key, ring.after_s))
        yield from ((agent, queue, language, after) for (queue, language), after in opens.items())
