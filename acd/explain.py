"""Why a call is where it is: offered to whom and why, or still waiting and for what. As data and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from acd.lines import Call, Line
from acd.matcher import Matcher
from acd.outbound import is_outbound_skill
from acd.pools import Desk, Stand, guards_of
from acd.skills import ANY_WORK, Ring, Tier, admits
from domain.masking import mask


@dataclass(frozen=True, slots=True)
class RingView:
    """One ring of a call's plan."""

    number: int  # from 0
    opens_in: float  # seconds; 0 or less: open
    tiers: tuple[Tier, ...]
    least_level: int
    skills: tuple[str, ...]
    free: int  # free agents it admits that no narrower ring does
    others: int  # such agents who are not free


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A free agent who does not take the call, and why."""

    agent: str  # staff number: personal
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a call is where it is, at one moment."""

    call: str
    queue: str
    language: str
    skill: str
    state: str  # waiting, offered, claimed
    waited: float  # seconds
    priority: int  # the queue's and the call's own together
    ahead: int  # calls of the same queue, language and priority in front
    ring: int  # the widest that is open; of an offer the one that admitted the agent
    agent: str | None  # who is being offered the call, or has claimed it
    rings: tuple[RingView, ...]
    not_taken: tuple[NotTaken, ...]

    def text(self) -> str:
        """Return it for a person to read; staff numbers are masked."""
        return "\n".join(_sentences(self))


def explain(matcher: Matcher, call_id: str, now: float, at: datetime) -> Explanation:
    """Explain a call. `now` is on the matcher's axis, `at` the same moment, aware.

    Looks at every agent: for people who ask, not for decisions. Raises KeyError: not in the room.
    """
    call = matcher.calls[call_id]
    line, waited = call.line, now - call.since
    offered = call.number > 0
    rings = tuple(_rings(matcher, call, now))
    open_now = max(view.number for view in rings if view.opens_in <= 0)
    free = [desk for desk in matcher.desks.values() if desk.stand is Stand.FREE]
    return Explanation(
        call=call_id,
        queue=line.key[0],
        language=line.key[1],
        skill=line.requirement.skill,
        state=("claimed" if call.claimed else "offered") if offered else "waiting",
        waited=waited,
        priority=line.requirement.priority + line.key[2],
        ahead=0 if offered else sum(_before(other, call) for other in line.calls if not other.number),
        ring=call.ring if offered else open_now,
        agent=call.desk.agent if offered else None,
        rings=rings,
        not_taken=tuple(
            NotTaken(desk.agent, tuple(_reasons(matcher, desk, call, now, at)))
            for desk in ([] if offered else free)
        ),
    )


def _before(other: Call, call: Call) -> bool:
    return (other.since, other.call_id) < (call.since, call.call_id)


def _rings(matcher: Matcher, call: Call, now: float) -> Iterator[RingView]:
    line = call.line
    stands: dict[int, list[Stand]] = {}
    for desk in matcher.desks.values():
        number = _first_ring(desk, call)
        if number is not None:
            stands.setdefault(number, []).append(desk.stand)
    for number, ring in enumerate(line.plan):
        inside = stands.get(number, [])
        free = inside.count(Stand.FREE)
        yield RingView(
            number,
            max(0.0, call.since + ring.after_s - now),
            tuple(sorted(ring.tiers)),
            ring.least_level,
            (line.requirement.skill,) if line.only else _names(line, ring),
            free,
            len(inside) - free,
        )


def _names(line: Line, ring: Ring) -> tuple[str, ...]:
    return tuple(skill.removeprefix(ANY_WORK) for skill in line.chain[: ring.reach + 1])


def _first_ring(desk: Desk, call: Call) -> int | None:
    rings = [ring for cell in desk.profile.cells if (ring := call.line.ring_of(cell.gate)) is not None]
    return min(rings, default=None)


def _reasons(matcher: Matcher, desk: Desk, call: Call, now: float, at: datetime) -> Iterator[str]:
    """Return why a free agent does not take a waiting call."""
    line, number = call.line, _first_ring(desk, call)
    if number is None:
        yield from _unqualified(matcher, desk, call, at)
        return
    opens_in = call.since + line.plan[number].after_s - now
    if opens_in > 0:
        yield f"ring {number} opens to them in {opens_in:.0f} s"
    for held in guards_of(desk.profile.held, line):
        if held.free <= held.keep:
            yield f"kept for {held.skill} tier {held.tier}: {held.free} free, {held.keep} stay"


def _unqualified(matcher: Matcher, desk: Desk, call: Call, at: datetime) -> Iterator[str]:
    line, widest = call.line, call.line.plan[-1]
    if line.only:
        yield f"it waits for {mask(line.only)} only"
        return
    language, skills, names = line.key[1], line.chain[: widest.reach + 1], _names(line, widest)
    agent = matcher.book.agents.get(desk.agent)
    if agent and language not in agent.languages:
        yield f"does not speak `{language}`"
    for row in matcher.book.competences_of(desk.agent):
        if row.skill in names and not row.holds(at):
            yield f"competence in {row.skill} expired on {row.expires}"
    having = {gate for cell in desk.profile.cells if (gate := cell.gate).skill in skills}
    if not having:
        yield _other_work(matcher, desk, call, at) or f"has no skill of {', '.join(names)}"
    for gate in sorted(having):
        if gate.language == language and not admits(widest, line.chain, language, gate):
            yield _shortfall(gate.tier, widest, gate.skill.removeprefix(ANY_WORK))


def _other_work(matcher: Matcher, desk: Desk, call: Call, at: datetime) -> str:
    """Return why a skill that an agent has does not count now; empty: they do not have it."""
    book, line = matcher.book, call.line
    if desk.agent not in book.agents:
        return ""
    gates = book.ability(desk.agent, at).gates
    chain = tuple(skill.removeprefix(ANY_WORK) for skill in line.chain)
    if not any(admits(line.plan[-1], chain, line.key[1], gate) for gate in gates):
        return ""
    works = [cell.gate.skill for cell in desk.profile.cells if cell.gate.skill in book.skills]
    if not works:
        return "is kept for a call that is being placed for them"
    lent = any(is_outbound_skill(book, skill) for skill in works)
    return "is lent to outbound work" if lent else "works for inbound, which does not lend them now"


def _shortfall(tier: Tier, ring: Ring, skill: str) -> str:
    if tier not in ring.tiers:
        return f"is tier {tier} in {skill}; the widest ring takes {' '.join(sorted(ring.tiers))}"
    return f"is below level {ring.least_level} in {skill}"


def _sentences(it: Explanation) -> Iterator[str]:
    yield (
        f"{it.queue} in `{it.language}`, requires {it.skill}; "
        f"priority {it.priority}; {it.state} after {it.waited:.0f} s."
    )
    if it.agent is not None:
        who = f"of those whom ring {it.ring} admits"
        yield f"Offered to {mask(it.agent)}: had most idle time over an even share, {who}."
        yield "No agent of a narrower ring was free." if it.ring else "It is the narrowest ring."
    else:
        yield f"{it.ahead} call(s) of its kind ahead; ring {it.ring} is open."
    yield from (_ring_sentence(view) for view in it.rings)
    for agent in it.not_taken:
        yield f"{mask(agent.agent)} is free and does not take it: {'; '.join(agent.reasons)}."


def _ring_sentence(view: RingView) -> str:
    when = f"opens in {view.opens_in:.0f} s" if view.opens_in > 0 else "open"
    who = f"tier {' '.join(view.tiers)}, level {view.least_level} up, {' or '.join(view.skills)}"
    return f"Ring {view.number} ({when}): {who}; {view.free} free, {view.others} not."
