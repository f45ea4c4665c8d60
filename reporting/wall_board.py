"""The wallboard made of the floor's views, the counts of today and the thresholds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from acd.floor_views import AgentView, QueueView
from acd.skills import Skillbook, Tier
from reporting.counts import Counts
from reporting.formulas import FORMULAS
from reporting.wall_counts import LiveDay
from reporting.wall_rows import AgentRow, QueueRow, Row, TierRow, TotalRow
from reporting.wall_thresholds import Level, Measure, Thresholds

TALKING, RINGING, WRAP_UP, FREE, PAUSED, AWAY = "talking", "ringing", "wrap_up", "free", "paused", "away"
STATES = (TALKING, RINGING, WRAP_UP, FREE, PAUSED, AWAY)
"""How agents at work are grouped; AWAY: ready, but the phone is gone or on a call of their own."""

_BY_OBSERVED = {
    "offered": RINGING,
    "joining": RINGING,
    "talking": TALKING,
    "holding": TALKING,
    "consulting": TALKING,
    "rejoining": TALKING,
    "wrap_up": WRAP_UP,
}
_OF_STATE = {TALKING: Measure.TALK, WRAP_UP: Measure.WRAP_UP}

Key = Callable[[str], str]
"""Gives the key under which pages know an agent (staff number)."""


def state_of(view: AgentView) -> str:
    """Return the group of an agent at work."""
    if (found := _BY_OBSERVED.get(view.observed)) is not None:
        return found
    if view.declared == "ready":
        return FREE if view.observed == "idle" else AWAY
    return PAUSED


@dataclass(slots=True)
class _Merged:
    """A queue's views of all languages."""

    views: list[QueueView] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return sum(view.waiting for view in self.views)

    @property
    def longest(self) -> float | None:
        return max((view.longest for view in self.views if view.waiting), default=None)

    def expected(self) -> float | None:
        """Return the longest; a language in which nobody waits or serves says nothing."""
        told = [view.expected for view in self.views if view.waiting or view.serving]
        return max((one for one in told if one is not None), default=None)


class WallBoard:
    """Makes rows. `tiers`, and which queue needs which, follow the administrator's tables."""

    def __init__(self, book: Skillbook, thresholds: Thresholds) -> None:
        self.book, self.thresholds = book, thresholds
        self._tier_of = {agent: _highest(book, agent) for agent in book.agents}

    def rows(
        self, agents: Sequence[AgentView], queues: Sequence[QueueView], day: LiveDay, now: datetime, key: Key
    ) -> dict[str, Row]:
        """Return the rows of agents (`agent KEY`), queues (`queue NAME`), tiers (`tier A`) and `total`."""
        at_work = [view for view in agents if view.declared != "signed_out"]
        states = {view.agent: state_of(view) for view in at_work}
        found: dict[str, Row] = {
            f"agent {key(view.agent)}": self._agent(view, states[view.agent]) for view in at_work
        }
        merged = _merged(queues, day)
        lines = {name: self._queue(name, one, day, now) for name, one in merged.items()}
        found.update({f"queue {name}": row for name, row in lines.items() if _is_shown(row)})
        found.update(self._tiers(states, lines.values()))
        found["total"] = self._total(states, lines.values(), day, now)
        return found

    def _agent(self, view: AgentView, state: str) -> AgentRow:
        return AgentRow(
            state=state,
            declared=view.declared,
            observed=view.observed,
            reason=view.reason,
            seconds=view.seconds,
            queue=view.queue,
            lent=view.lent,
            wrap_up_left=view.wrap_up_left,
            over_limit=view.over_limit,
            level=self._level_of(view, state).value,
        )

    def _level_of(self, view: AgentView, state: str) -> Level:
        if view.over_limit:
            return Level.ALARM
        if state == PAUSED and view.limit_seconds is None:
            return self.thresholds.level(Measure.PAUSE, view.seconds)
        measure = _OF_STATE.get(state)
        return Level.GOOD if measure is None else self.thresholds.level(measure, view.seconds)

    def _queue(self, name: str, one: _Merged, day: LiveDay, now: datetime) -> QueueRow:
        today, waiting, longest = day.today(name), one.waiting, one.longest
        free = max((view.free for view in one.views), default=0)
        serving = max((view.serving for view in one.views), default=0)
        expected = one.expected()
        level_now, level_today, given_up = _shares(day.lately(name, now), today)
        values = {
            Measure.WAITING: float(waiting),
            Measure.LONGEST: longest,
            Measure.EXPECTED: expected,
            Measure.SERVICE_LEVEL_NOW: level_now,
            Measure.SERVICE_LEVEL_TODAY: level_today,
            Measure.ABANDONMENT_TODAY: given_up,
            Measure.FREE: float(free) if waiting or serving else None,
        }
        return QueueRow(
            queue=name,
            tier=self._tier(name),
            waiting=waiting,
            offered=sum(view.offered for view in one.views),
            longest=longest,
            expected=expected,
            free=free,
            serving=serving,
            talking=sum(view.talking for view in one.views),
            incoming=today.incoming,
            answered=today.answered,
            abandoned=today.abandoned,
            in_time=today.in_time,
            service_level_today=level_today,
            service_level_now=level_now,
            abandonment_today=given_up,
            levels=self._levels(values, name),
        )

    def _levels(self, values: Mapping[Measure, float | None], queue: str = "") -> dict[str, str]:
        judged = {name.value: self.thresholds.level(name, value, queue) for name, value in values.items()}
        return {name: level.value for name, level in judged.items() if level in (Level.WARN, Level.ALARM)}

    def _tier(self, queue: str) -> str:
        requirement = self.book.requirement(queue)
        return requirement.tier.value if requirement is not None and requirement.tier else ""

    def _tiers(self, states: Mapping[str, str], lines: Iterable[QueueRow]) -> dict[str, Row]:
        waiting: Counter[str] = Counter()
        longest: dict[str, float] = {}
        for row in lines:
            waiting[row.tier] += row.waiting
            if row.longest is not None:
                longest[row.tier] = max(longest.get(row.tier, 0.0), row.longest)
        found: dict[str, Row] = {}
        for tier in Tier:
            mine = Counter(state for agent, state in states.items() if self._tier_of.get(agent) == tier)
            found[f"tier {tier}"] = TierRow(
                tier=tier.value,
                at_work=mine.total(),
                free=mine[FREE],
                talking=mine[TALKING],
                wrap_up=mine[WRAP_UP],
                paused=mine[PAUSED],
                waiting=waiting[tier.value],
                longest=longest.get(tier.value),
            )
        return found

    def _total(
        self, states: Mapping[str, str], lines: Iterable[QueueRow], day: LiveDay, now: datetime
    ) -> TotalRow:
        rows, counted, today = list(lines), Counter(states.values()), day.today("")
        level_now, level_today, given_up = _shares(day.lately("", now), today)
        longest = max((row.longest for row in rows if row.longest is not None), default=None)
        values = {
            Measure.LONGEST: longest,
            Measure.SERVICE_LEVEL_NOW: level_now,
            Measure.SERVICE_LEVEL_TODAY: level_today,
            Measure.ABANDONMENT_TODAY: given_up,
        }
        return TotalRow(
            waiting=sum(row.waiting for row in rows),
            longest=longest,
            talking=counted[TALKING],
            free=counted[FREE],
            at_work=len(states),
            incoming=today.incoming,
            answered=today.answered,
            abandoned=today.abandoned,
            in_time=today.in_time,
            service_level_today=level_today,
            service_level_now=level_now,
            abandonment_today=given_up,
            levels=self._levels(values),
        )


def _merged(queues: Iterable[QueueView], day: LiveDay) -> dict[str, _Merged]:
    found: dict[str, _Merged] = {}
    for view in queues:
        found.setdefault(view.queue, _Merged()).views.append(view)
    for name in day.queues() - found.keys():
        found[name] = _Merged()
    return found


def _is_shown(row: QueueRow) -> bool:
    return bool(row.waiting or row.serving or row.talking or row.incoming)


def _shares(lately: Counts, today: Counts) -> tuple[float | None, float | None, float | None]:
    """Return service level now and today, and abandonment today."""
    level, given_up = FORMULAS["service_level"], FORMULAS["abandonment"]
    return level.of(lately).value, level.of(today).value, given_up.of(today).value


def _highest(book: Skillbook, agent: str) -> Tier | None:
    """Return the highest tier of an agent's competences: how far their authority goes."""
    return max((row.tier for row in book.competences_of(agent)), default=None)
