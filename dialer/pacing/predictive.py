"""Predictive: dials ahead of agents, as far as the limit of abandonment leaves room (the marginal rule)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.answers import Answers
from dialer.pacing.budget import Budget
from dialer.pacing.crowd import COLUMNS, HORIZONS, Crowd, into_columns
from dialer.pacing.settings import Denominator, PacingSettings
from dialer.pacing.survival import SECONDS, Lifetimes, free_from_talk, free_from_wrap_up
from dialer.pacing.view import PacingView

Floats = NDArray[np.float64]
STATE = 1  # version of a saved state
CURVES_EVERY = 60.0  # seconds between rebuilding the tables from the curves
RATE_EVERY = 2.0  # seconds between looks at the answer rate
RATE_MOVED = 0.02  # share of the rate, from which on a change is worth a new table
MOST_AT_ONCE = 32  # dials of one decision; the next one follows within a second
SOON = (0.5, 0.3, 0.2)  # when a dial that has rung long is answered, over the first horizons


class Why(StrEnum):
    """The rule that decided."""

    NOT_ASKED = "not_asked"
    NO_AGENT = "no_agent"
    NOBODY_WOULD_BE_FREE = "nobody_would_be_free"  # for those that ring: they are cancelled
    SMALL_TEAM = "small_team"
    RISK = "risk"  # one more would be too likely to find no agent
    ALL_DIALLED = "all_dialled"  # no more leads or lines, or enough for one decision


SAID = {
    Why.NOT_ASKED: "nothing was asked yet",
    Why.NO_AGENT: "no agent is there",
    Why.NOBODY_WOULD_BE_FREE: "none would be free for whoever answers",
    Why.SMALL_TEAM: "a small team gets a line for each free agent",
    Why.RISK: "one more would be too likely to find no agent",
    Why.ALL_DIALLED: "that is all there is to dial now",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Why the last answer was what it was: figures, for pages to word."""

    answer: int = 0
    why: Why = Why.NOT_ASKED
    free: int = 0
    busy: int = 0
    ringing: int = 0
    rate: float = math.nan  # answer rate, as it seems
    risk: float = math.nan  # chance that one more dial would find no agent
    theta: float = math.nan  # the chance that is accepted
    answered: int = 0  # today
    abandoned: int = 0
    upper_bound: float = 1.0


class Predictive:
    """A `dialer.pacing.view.LearningPacer`.

    Places one more dial while the chance that it is answered and finds no agent is at most theta. The
    chance: over the moments at which it may be answered, that answers by then plus agents still busy
    reach the whole team. Theta moves with what the limit leaves (`dialer.pacing.budget`).
    """

    def __init__(self, settings: PacingSettings | None = None) -> None:
        self._settings = settings or PacingSettings()
        self._learnt(self._settings)
        self._team = 0
        self._shrank = -math.inf
        self._facts: tuple[PacingView | None, int, Why, float, float]
        self._facts = (None, 0, Why.NOT_ASKED, math.nan, math.nan)

    def _learnt(self, settings: PacingSettings) -> None:
        self._answers = Answers(settings.ring_seconds, HORIZONS)
        self._talks, self._wrap_ups = Lifetimes(100.0), Lifetimes(20.0)
        self._budget = Budget(settings)
        self._rebuilt = self._rated = -math.inf
        self._rate = self._tabled = math.nan
        self._table: Floats = np.empty((0, COLUMNS))
        self._new: list[float] = []

    def dialled(self, now: float) -> None:
        """A dial is learnt from when it ends, and from its age while it rings."""

    def dial_ended(self, now: float, age: float, *, live: bool, cancelled: bool = False) -> None:
        """Learn how and when it ended."""
        self._answers.ended(now, age, live=live, cancelled=cancelled)
        if live and self._settings.limit.denominator is Denominator.ANSWERED:
            self._budget.add(now, answered=1)

    def abandoned(self, now: float) -> None:
        """Count it."""
        served = self._settings.limit.denominator is Denominator.SERVED
        self._budget.add(now, answered=1 if served else 0, abandoned=1)

    def talk_ended(self, now: float, seconds: float) -> None:
        """Learn how long it was."""
        self._talks.ended(seconds)
        if self._settings.limit.denominator is Denominator.SERVED:
            self._budget.add(now, answered=1)

    def wrap_up_ended(self, now: float, seconds: float) -> None:
        """Learn how long it was."""
        self._wrap_ups.ended(seconds)

    def dials(self, view: PacingView) -> int:
        """Return new dials, or how many to cancel."""
        busy = len(view.talking) + len(view.wrapping_up)
        team, ringing = view.idle + busy, len(view.ringing)
        if team < self._team:
            self._shrank = view.now
        self._team = team
        if team == 0:
            return self._decided(view, -ringing, Why.NO_AGENT)
        self._refresh(view)
        theta = self._budget.theta(view.now)
        crowd = self._crowd(view)
        least = team - len(view.waiting)
        cancelled = self._to_cancel(view, crowd, least, theta)
        if cancelled:
            return self._decided(view, -cancelled, Why.NOBODY_WOULD_BE_FREE, theta)
        most = min(MOST_AT_ONCE, view.leads, view.lines)
        if team < self._settings.least_team:
            wanted = view.idle - ringing - len(view.waiting)
            return self._decided(view, max(0, min(wanted, most)), Why.SMALL_TEAM)
        placed, new = 0, self._new
        risk = crowd.risk(least, self._answers.weights, theta)
        while risk <= theta and placed < most:
            crowd.add(new)
            placed += 1
            risk = crowd.risk(least, self._answers.weights, theta)
        why = Why.RISK if risk > theta else Why.ALL_DIALLED
        return self._decided(view, placed, why, theta, risk)

    def _refresh(self, view: PacingView) -> None:
        """Keep the tables fresh: one row for each age of what rings, talks, writes."""
        now = view.now
        if now - self._rebuilt >= CURVES_EVERY or now < self._rebuilt:
            self._rebuild(view)
        if RATE_EVERY > now - self._rated >= 0.0:
            return
        self._rated = now
        self._rate, deviation = self._answers.rate(now, np.array(view.ringing))
        high = min(self._rate + self._settings.rate_margin * deviation, 1.0)
        if not abs(high - self._tabled) < RATE_MOVED * high:
            self._tabled = high
            into_columns(self._answers.chances(high), self._table[: self._answers.rows])
            self._new = self._table[0].tolist()

    def _rebuild(self, view: PacingView) -> None:
        now = view.now
        self._rebuilt, self._rated, self._tabled = now, -math.inf, math.nan
        self._answers.rebuild()
        # Who waits for `limit.seconds` is abandoned at their end only: half of them on average.
        horizons = tuple(horizon + self._settings.limit.seconds / 2.0 for horizon in HORIZONS)
        talk = self._talks.survival(now - since for since in view.talking)
        wrap_up = self._wrap_ups.survival(now - since for since in view.wrapping_up)
        talks = self._answers.rows
        wrap_ups = talks + SECONDS + 1
        self._table = np.empty((wrap_ups + SECONDS + 1, COLUMNS))
        into_columns(1.0 - free_from_talk(talk, wrap_up, horizons), self._table[talks:wrap_ups])
        into_columns(1.0 - free_from_wrap_up(wrap_up, horizons), self._table[wrap_ups:])

    def _crowd(self, view: PacingView) -> Crowd:
        """Return the count of answers and of agents still busy."""
        begins = view.ringing + view.talking + view.wrapping_up
        if not begins:
            return Crowd([0.0] * COLUMNS)
        ringing, talking = len(view.ringing), len(view.talking)
        ages = np.maximum(view.now - np.array(begins), 0.0)
        ages[:ringing] = ages[:ringing] * 2.0 + 0.5
        rows = ages.astype(np.intp)
        np.minimum(rows[:ringing], self._answers.rows - 1, out=rows[:ringing])
        np.minimum(rows[ringing:], SECONDS, out=rows[ringing:])
        rows[ringing:] += self._answers.rows
        rows[ringing + talking :] += SECONDS + 1
        return Crowd(self._table.take(rows, axis=0).sum(axis=0).tolist())

    def _to_cancel(self, view: PacingView, crowd: Crowd, least: int, theta: float) -> int:
        """Return how many of those that ring, the oldest first, are better cancelled than answered.

        One that has not rung for `least_ring` goes only after agents have left and hope with them.
        The crowd is left without the cancelled ones; theirs is the last word then.
        """
        settings = self._settings
        vanished = view.now - self._shrank < settings.ring_seconds
        cancelled = 0
        for since in sorted(view.ringing):
            age = view.now - since
            if age < settings.least_ring and not vanished:
                break
            row = self._table[self._answers.row(age)].tolist()
            crowd.remove(row)
            bearable = settings.cancel_risk if age >= settings.least_ring else settings.vanish_risk
            if crowd.risk(least, SOON) <= max(bearable, theta):
                crowd.add(row)
                break
            cancelled += 1
        return cancelled

    def _decided(
        self, view: PacingView, answer: int, why: Why, theta: float = math.nan, risk: float = math.nan
    ) -> int:
        self._facts = (view, answer, why, theta, risk)
        return answer

    def decision(self) -> Decision:
        """Return the last decision with what it rests on."""
        view, answer, why, theta, risk = self._facts
        day = self._budget.day
        return Decision(
            answer=answer,
            why=why,
            free=view.idle if view else 0,
            busy=len(view.talking) + len(view.wrapping_up) if view else 0,
            ringing=len(view.ringing) if view else 0,
            rate=self._rate,
            risk=risk,
            theta=theta,
            answered=day.answered,
            abandoned=day.abandoned,
            upper_bound=self._budget.upper_bound(),
        )

    def explain(self) -> str:
        """Return it in plain words."""
        said = self.decision()
        if said.answer < 0:
            answer = f"{-said.answer} ringing to be cancelled"
        else:
            answer = f"{said.answer} more to be dialled" if said.answer else "no more to be dialled"
        words = [
            f"{said.free} free, {said.busy} busy, {said.ringing} ringing: {answer}, since {SAID[said.why]}"
        ]
        if not math.isnan(said.rate):
            words.append(f"about {said.rate:.0%} answer")
        if not math.isnan(said.risk):
            words.append(
                f"the next would find no agent in {said.risk:.1%} of cases or more, "
                f"{said.theta:.1%} is accepted"
            )
        limit = self._settings.limit.share
        words.append(
            f"today {said.abandoned} abandoned of {said.answered}, "
            f"upper bound {said.upper_bound:.1%} of {limit:.1%}"
        )
        return "; ".join(words)

    def upper_bound(self, now: float) -> float:
        """Return the upper bound of the day's abandonment; 1.0 before any answer."""
        return self._budget.upper_bound()

    def new_day(self, now: float) -> None:
        """Begin a day of the limit: its counts start at nothing; what was learnt stays."""
        self._budget.new_day()

    def state(self, now: float) -> dict[str, Any]:
        """Return counts and curves, as JSON can hold them."""
        return {
            "version": STATE,
            "budget": self._budget.state(now),
            "answers": self._answers.state(),
            "talks": self._talks.state(),
            "wrap_ups": self._wrap_ups.state(),
        }

    def restore(self, state: Mapping[str, Any], now: float, *, elapsed: float, same_day: bool) -> None:
        """Take back a `state` saved `elapsed` seconds ago. Raises ValueError; nothing is taken over then."""
        if not isinstance(state, Mapping) or state.get("version") != STATE:
            raise ValueError("the saved pacing is of another version; leave it out to learn anew")
        fresh = Predictive(self._settings)
        try:
            fresh._budget.restore(state["budget"], now, elapsed=elapsed, same_day=same_day)
            fresh._answers.restore(state["answers"])
            fresh._talks.restore(state["talks"])
            fresh._wrap_ups.restore(state["wrap_ups"])
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"the saved pacing lacks or garbles {error}; leave it out to learn anew"
            ) from error
        self._budget, self._answers = fresh._budget, fresh._answers
        self._talks, self._wrap_ups = fresh._talks, fresh._wrap_ups
        self._rebuilt = -math.inf
