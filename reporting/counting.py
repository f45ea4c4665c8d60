"""How the facts of a day become counts. Pure: the same facts always give the same cells.

Rules: a call that asked for an agent counts once, in the queue, quarter and day in which it first entered the
waiting room, whatever became of it and however often it was handed on. A leg counts by the queue from which
its call came to that agent. A phase counts in every quarter it touches, each its part to the millisecond;
what an agent did for a colleague's call (rung and consulted) is assisting until the call becomes their own.
What goes on today counts until now; a call counts as an interaction once its talk is over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from acd.commands import Why
from domain.floor_log import Phase
from reporting.channels import COUNTED
from reporting.counting_tally import Tally, parts_of
from reporting.counts import Counts
from reporting.facts import (
    DAY_MS,
    AttemptFact,
    DayFacts,
    EntryFact,
    LegFact,
    NoteFact,
    Places,
    StateFact,
    to_ms,
)
from reporting.rollup import Key

_SIGNED_OUT, _PAUSED = "signed_out", "paused"  # acd.states.DECLARED
_WITHOUT_CALL = frozenset({"idle", "phone_gone", "busy_otherwise"})  # acd.states.OBSERVED
_IN_VAIN = frozenset({Why.RING_TIME_OUT.value, Why.REFUSED.value})
_RING, _CONSULT, _TALK = Phase.RING.value, Phase.CONSULT.value, Phase.TALK.value
_HOLD, _WRAP_UP, _REJOIN = Phase.HOLD.value, Phase.WRAP_UP.value, Phase.REJOIN.value
_OF_HELPERS = frozenset({_RING, _CONSULT})
_WITH_CALLER = frozenset({_TALK, _HOLD, _CONSULT, _REJOIN})  # a leg that goes on in these has not ended
_OWN = {
    _RING: ("ring_ms",),
    Phase.JOIN.value: ("acd_ms",),
    _TALK: ("acd_ms", "talk_ms"),
    _CONSULT: ("acd_ms",),
    _HOLD: ("hold_ms",),
    _WRAP_UP: ("wrap_up_ms",),
}
_ANSWERED, _CALLBACK, _GIVEN_UP = "answered", "callback", "caller_hung_up"
_FINAL = frozenset({_ANSWERED, _CALLBACK, _GIVEN_UP})
_WAITING, _OTHER = "waiting", "not_served"
IN, OUT = "in", "out"


def count(facts: DayFacts, places: Places, in_time_seconds: int, tally: Tally) -> None:
    """Add everything of the day to a tally."""
    _Day(facts, places, tally).count(in_time_seconds * 1000)


def pauses(facts: DayFacts, agent: str) -> Mapping[str, int]:
    """Return the milliseconds of an agent's pauses by reason: what `paused_ms` counts, taken apart."""
    found: dict[str, int] = {}
    for state in facts.states:
        if state.agent == agent and _is_pause(state):
            ms = sum(part for _, part in parts_of(facts.begins, state.at, state.ms))
            found[state.reason] = found.get(state.reason, 0) + ms
    return {reason: ms for reason, ms in found.items() if ms}


def _helps(rows: Sequence[LegFact], offered: bool) -> bool:
    """Return whether a leg begins with a colleague's call: from ringing it comes straight to being asked.

    Who is asked by skill is offered the call like its next agent; of a ring in vain only the offer is known.
    """
    answered = next((row.phase for row in rows if row.phase != _RING), "")
    return answered == _CONSULT if answered else not offered


def _is_pause(state: StateFact) -> bool:
    return state.declared == _PAUSED and state.observed in _WITHOUT_CALL


class _Day:
    """The counting of one day."""

    def __init__(self, facts: DayFacts, places: Places, tally: Tally) -> None:
        self._facts, self._places, self._tally = facts, places, tally
        self._begins, self._ends = facts.begins, facts.begins + DAY_MS
        self._agents: dict[str, Key] = {}
        self._stays = _stays(facts.entries)
        self._branches = _branches(facts.notes)
        self._wrote = {(note.call_id, note.agent) for note in facts.notes}
        self._entered = {
            call: [(row.at, row.queue) for row in rows if not row.outcome]
            for call, rows in self._stays.items()
        }

    def count(self, in_time: int) -> None:
        facts, tally = self._facts, self._tally
        for call_id, rows in self._stays.items():
            if call_id not in facts.placed and self._begins <= rows[0].at < self._ends:
                self._count_entry(rows, in_time)
        for call in facts.calls:
            tally.one(call.at, Key(direction=IN), "ivr_only", call.call_id, "ivr_only")
        offered = {row.leg for row in facts.offers}
        ended: dict[tuple[str, str], tuple[int, Key]] = {}
        for leg, legs in groupby(facts.legs, key=attrgetter("leg")):
            self._count_leg(list(legs), leg in offered, ended)
        for (call_id, agent), (at, key) in ended.items():
            tally.one(at, key, "interactions", call_id)
            if (call_id, agent) in self._wrote:
                tally.one(at, key, "documented", call_id)
        for offer in facts.offers:
            if offer.outcome in _IN_VAIN:
                key = self._key(offer.call_id, offer.agent, offer.at)
                tally.one(offer.at, key, "missed", offer.call_id, "missed")
        for attempt in facts.attempts:
            self._count_attempt(attempt)
        self._count_agents()

    # -- calls ------------------------------------------------------------------------------------

    def _count_entry(self, rows: Sequence[EntryFact], in_time: int) -> None:
        first = rows[0]
        how, waited = _waited(rows)
        queue, call_id = first.queue, first.call_id
        branch = self._branches.get(call_id) or self._places.branch_of_queue(queue)
        key = Key(tier=self._places.tier_of_queue(queue), queue=queue, branch=branch, direction=IN)
        names = ["incoming"]
        if how == _ANSWERED:
            names += ["answered", "in_time"] if waited <= in_time else ["answered"]
        elif how == _GIVEN_UP:
            names += ["abandoned", "abandoned_in_time"] if waited <= in_time else ["abandoned"]
        elif how == _CALLBACK:
            names.append("called_back")
        elif how != _WAITING:
            names.append("not_served")
        for name in names:
            self._tally.one(first.at, key, name, call_id, how)
        if waited:
            self._tally.many(first.at, key, "waited_ms", waited, call_id)

    def _count_attempt(self, attempt: AttemptFact) -> None:
        key = self._of_agent(attempt.agent)._replace(direction=OUT, campaign=attempt.campaign)
        self._tally.one(attempt.at, key, "attempts", attempt.attempt_id, attempt.outcome)
        if attempt.contact:
            self._tally.one(attempt.at, key, "contacts", attempt.attempt_id)
        if attempt.abandoned:
            self._tally.one(attempt.at, key, "out_abandoned", attempt.attempt_id)

    # -- legs -------------------------------------------------------------------------------------

    def _count_leg(
        self, rows: Sequence[LegFact], offered: bool, ended: dict[tuple[str, str], tuple[int, Key]]
    ) -> None:
        first = rows[0]
        if not first.agent:
            return  # a callback's own leg is nobody's work
        key = self._key(first.call_id, first.agent, first.at)
        own, talked = not _helps(rows, offered), False
        for row, following in zip(rows, (*rows[1:], None), strict=True):
            if row.ms is None:
                if row.phase == _TALK and not talked:
                    own = talked = True
                    name = "outbound_calls" if key.direction == OUT else "acd_calls"
                    self._tally.one(row.at, key, name, row.call_id)
                if following is None and (now := self._facts.until) is not None:
                    so_far = row._replace(at=now, ms=max(0, now - row.at))
                    self._count_phase(so_far, key, own=own)
                continue
            self._count_phase(row, key, own=own)
            over = row.phase != _WRAP_UP and (following is None or following.phase not in _WITH_CALLER)
            if talked and over and self._begins <= row.at < self._ends:
                call = row.call_id, row.agent
                ended[call] = max(ended.get(call, (row.at, key)), (row.at, key))

    def _count_phase(self, row: LegFact, key: Key, *, own: bool) -> None:
        names = _OWN.get(row.phase, ())
        if row.phase in _OF_HELPERS and not own:
            names = ("assisting_ms",)
        elif names and key.direction == OUT:
            names = ("out_ms",)
        for name in names:
            self._tally.span(row.at, row.ms or 0, key, name, row.call_id)
        if names and row.estimated:
            self._tally.span(row.at, row.ms or 0, key, "estimated_ms", row.call_id)

    # -- agents -----------------------------------------------------------------------------------

    def _count_agents(self) -> None:
        tally = self._tally
        for state in self._facts.states:
            if state.declared == _SIGNED_OUT:
                continue
            key = self._of_agent(state.agent)
            tally.span(state.at, state.ms, key, "staffed_ms")
            if _is_pause(state):
                tally.span(state.at, state.ms, key, "paused_ms")
        for day in self._facts.adherence:
            key = self._of_agent(day.agent)
            for span in day.spans:
                if span.excepted:
                    continue
                tally.span(to_ms(span.ends), span.ms, key, "scheduled_ms")
                if span.adherent:
                    tally.span(to_ms(span.ends), span.ms, key, "adherent_ms")
        for row in self._facts.channels:
            key = self._of_agent(row.agent)
            counts = Counts(**{name: getattr(row, name) for name in COUNTED})
            tally.of_day(key._replace(team=row.team or key.team), counts)

    # -- keys -------------------------------------------------------------------------------------

    def _of_agent(self, agent: str) -> Key:
        found = self._agents.get(agent)
        if found is None:
            found = Key(agent, self._places.team(agent), self._places.tier(agent)) if agent else Key()
            self._agents[agent] = found
        return found

    def _key(self, call_id: str, agent: str, at: int) -> Key:
        """Return the key of an agent's work for a call that came to them at a time."""
        entered = self._entered.get(call_id, [])
        # The row of entering may carry the same millisecond as what follows from it.
        before = bisect_right(entered, at, key=lambda one: one[0])
        queue = entered[max(before - 1, 0)][1] if entered else ""
        campaign = self._facts.placed.get(call_id)
        branch = self._branches.get(call_id) or self._places.branch_of_queue(queue)
        return self._of_agent(agent)._replace(
            queue=queue, branch=branch, direction=IN if campaign is None else OUT, campaign=campaign or ""
        )


def _stays(entries: Sequence[EntryFact]) -> Mapping[str, Sequence[EntryFact]]:
    found: dict[str, list[EntryFact]] = {}
    for row in entries:
        if row.call_id in found or not row.outcome:
            found.setdefault(row.call_id, []).append(row)
    return found


def _branches(notes: Sequence[NoteFact]) -> Mapping[str, str]:
    """Return what calls were about, by the first note of each."""
    found: dict[str, str] = {}
    for note in notes:
        found.setdefault(note.call_id, note.branch)
    return found


def _waited(rows: Sequence[EntryFact]) -> tuple[str, int]:
    """Return how a call's wait for an agent ended, and how long it was; 0 for one that still waits.

    A call that its flow took out of line and put back in is still waiting for its first agent.
    """
    first = rows[0]
    for row in rows:
        if row.outcome in _FINAL:
            return row.outcome, max(0, row.at - first.since)
    last = rows[-1]
    return (last.outcome or _WAITING, max(0, last.at - first.since) if last.outcome else 0)
