"""Who answers, and when: the answer rate followed through jumps, and the curves of the delay."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RATES = np.concatenate((np.geomspace(0.01, 0.08, 7)[:-1], np.linspace(0.08, 0.6, 27), [0.68, 0.78, 0.9]))
SQUARES = RATES * RATES
FLAT = np.full(len(RATES), 1.0 / len(RATES))
COHORT = 10.0  # seconds: dials sent within these are judged together
JUMP = 1.0 / 360.0  # chance that the rate jumps from one cohort to the next
USUAL = 1.0 / 400.0  # how fast the rates that a jump leads to are learnt, per cohort
STEP = 0.5  # seconds, of the curves
MEMORY = 3000.0  # dials that the curves of the delay remember
TRUST = 30.0  # dials that the first guess of those curves is worth


class AnswerRate:
    """A belief over answer rates that expects a jump now and then.

    Dials are judged by when they were sent: an answer is known after some seconds and its absence only
    after the whole ring time, so judging by when they end would mistake each wave of dials for a jump.
    """

    def __init__(self, longest: float) -> None:
        """`longest`: seconds after which a dial has ended for sure."""
        self._longest = longest
        self._belief = FLAT.copy()  # after all cohorts that are over
        self._usual = FLAT.copy()
        self._open: dict[int, Floats] = {}  # cohort → log chance of what is known of it, for each rate
        self._live, self._missed = np.log(RATES), np.log(1.0 - RATES)

    def ended(self, sent: float, chance: Floats | None, *, live: bool) -> None:
        """Learn of one dial; `chance`: log chance to have lasted so long, of one that we ended."""
        number = int(sent // COHORT)
        known = chance if chance is not None else self._live if live else self._missed
        self._open[number] = self._open[number] + known if number in self._open else known

    def now(self, now: float, sent: Floats, lasting: Floats) -> tuple[float, float]:
        """Return mean and standard deviation; what rings was `sent` then and has `lasting` log chances."""
        self._close(now)
        first, last = self._range(sent)
        evidence = np.zeros((last - first + 1, len(RATES)))
        for number, known in self._open.items():
            evidence[number - first] = known
        if len(sent):
            numbers = (sent // COHORT).astype(np.intp)
            evidence += (np.arange(first, last + 1)[:, None] == numbers) @ lasting
        belief = self._after(self._belief, evidence)
        mean = float(belief @ RATES)
        return mean, math.sqrt(max(float(belief @ SQUARES) - mean * mean, 1e-12))

    def _range(self, sent: Floats) -> tuple[int, int]:
        """Return the first and the last cohort of which something is known."""
        numbers = list(self._open)
        if len(sent):
            numbers += [int(sent.min() // COHORT), int(sent.max() // COHORT)]
        return (min(numbers), max(numbers)) if numbers else (0, 0)

    def _close(self, now: float) -> None:
        """Make up the mind about cohorts of which no dial rings any more."""
        oldest = (now - self._longest) // COHORT
        over = sorted(number for number in self._open if number < oldest)
        for number in over:
            self._belief = self._after(self._belief, self._open.pop(number)[None, :])
            self._usual += (self._belief - self._usual) * USUAL

    def _after(self, belief: Floats, evidence: Floats) -> Floats:
        """Return the belief after some cohorts' evidence (cohorts × rates), one after the other."""
        jumped = (0.8 * JUMP) * self._usual + (0.2 * JUMP) * FLAT
        for chance in np.exp(evidence - evidence.max(axis=1, keepdims=True)):
            belief = belief * (1.0 - JUMP)
            belief += jumped
            belief *= chance
            belief /= belief.sum()
        return belief

    def state(self) -> dict[str, list[float]]:
        """Return the belief after all that ended."""
        belief = self._belief
        if self._open:
            belief = self._after(belief, np.stack([self._open[number] for number in sorted(self._open)]))
        return {"belief": belief.tolist(), "usual": self._usual.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back a belief. Raises ValueError when it is of other rates."""
        belief, usual = (np.array(state[name], dtype=float) for name in ("belief", "usual"))
        if belief.shape != RATES.shape or usual.shape != RATES.shape or not belief.sum() * usual.sum() > 0.0:
            raise ValueError("the saved belief is of other answer rates; leave it out to learn anew")
        self._belief, self._usual = belief / belief.sum(), usual / usual.sum()


class Delays:
    """When dials end, by people and otherwise (Aalen and Johansen's estimate; what we ended is censored)."""

    def __init__(self, ring_seconds: float) -> None:
        self.steps = math.ceil(ring_seconds / STEP) + 4
        middle = (np.arange(self.steps) + 0.5) * STEP
        people = middle**2 * np.exp(-middle / 4.0)  # most pick up after 5 to 20 s: before anything is known
        others = np.full(self.steps, 0.1 / self.steps)
        others[math.ceil(ring_seconds / STEP) - 1 : math.ceil(ring_seconds / STEP) + 1] += 0.5
        self._ends = TRUST * np.stack((0.3 * people / people.sum(), 0.7 * others / others.sum()))
        self._at_risk = np.cumsum(self._ends.sum(axis=0)[::-1])[::-1]
        self._growth = 1.0 / (1.0 - 1.0 / MEMORY)
        self._weight = 1.0

    def ended(self, age: float, *, live: bool, cancelled: bool) -> None:
        """Learn of one dial."""
        self._weight *= self._growth
        step = min(max(int(age / STEP), 0), self.steps - 1)
        if cancelled:
            self._at_risk[:step] += self._weight
        else:
            self._at_risk[: step + 1] += self._weight
            self._ends[0 if live else 1, step] += self._weight
        if self._weight > 1e6:
            self._ends /= self._weight
            self._at_risk /= self._weight
            self._weight = 1.0

    def curves(self) -> tuple[Floats, Floats]:
        """Return the share of answers, and of other ends, by age: at or before 0, STEP, 2 STEP and so on."""
        hazards = self._ends / np.maximum(self._at_risk, 1e-12)
        left = np.cumprod(1.0 - np.minimum(hazards.sum(axis=0), 1.0))
        ends = np.cumsum(hazards * np.concatenate(([1.0], left[:-1])), axis=1)
        live, dead = (np.concatenate(([0.0], row / max(row[-1], 1e-12))) for row in ends)
        return live, dead

    def state(self) -> dict[str, list[Any]]:
        """Return what was learnt."""
        weight = self._weight
        return {"ends": (self._ends / weight).tolist(), "at_risk": (self._at_risk / weight).tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what was learnt. Raises ValueError when it is of other ages."""
        ends, at_risk = np.array(state["ends"], dtype=float), np.array(state["at_risk"], dtype=float)
        if ends.shape != self._ends.shape or at_risk.shape != self._at_risk.shape:
            raise ValueError("the saved delays are of another ring time; leave them out to learn anew")
        self._ends, self._at_risk, self._weight = ends, at_risk, 1.0


class Answers:
    """What becomes of a dial, by its age."""

    def __init__(self, ring_seconds: float, horizons: tuple[float, ...]) -> None:
        self._delays = Delays(ring_seconds)
        self._longest = ring_seconds + 5.0
        self._rate = AnswerRate(self._longest)
        self._horizons = np.asarray(horizons)
        self.rows = self._delays.steps + 1
        self.rebuild()

    def ended(self, now: float, age: float, *, live: bool, cancelled: bool) -> None:
        """Learn how a dial ended."""
        chance = self._lasting[self.row(age)] if cancelled else None
        self._rate.ended(now - age, chance, live=live)
        self._delays.ended(age, live=live, cancelled=cancelled)

    def row(self, age: float) -> int:
        """Return the row of an age in the tables."""
        return min(max(int(age / STEP + 0.5), 0), self.rows - 1)

    def rebuild(self) -> None:
        """Make the tables anew from the curves."""
        self._live, self._dead = self._delays.curves()
        ages = np.arange(self.rows) * STEP
        ahead = np.add.outer(ages, self._horizons)
        self._within = np.interp(ahead, ages, self._live) - self._live[:, None]
        lasting = 1.0 - np.outer(self._live, RATES) - np.outer(self._dead, 1.0 - RATES)
        self._lasting = np.log(np.maximum(lasting, 1e-6))  # ages × rates
        weights = np.diff(np.interp(self._horizons, ages, self._live), prepend=0.0)
        weights[-1] += 1.0 - weights.sum()
        self.weights: tuple[float, ...] = tuple(weights.tolist())  # of an answer around each horizon

    def rate(self, now: float, ringing: Floats) -> tuple[float, float]:
        """Return the answer rate's mean and standard deviation; `ringing`: when those were sent.

        One that rings on far beyond its time says nothing: its end was missed.
        """
        ringing = ringing[now - ringing < self._longest]
        rows = (np.maximum(now - ringing, 0.0) / STEP + 0.5).astype(np.intp)
        np.minimum(rows, self.rows - 1, out=rows)
        return self._rate.now(now, ringing, self._lasting.take(rows, axis=0))

    def chances(self, rate: float) -> Floats:
        """Return the chance that a ringing dial of each age is answered within each horizon."""
        lasting = 1.0 - rate * self._live - (1.0 - rate) * self._dead
        chances = self._within * (rate / np.maximum(lasting, 1e-6))[:, None]
        result: Floats = np.minimum(chances, 1.0)
        return result

    def state(self) -> dict[str, Any]:
        """Return what was learnt."""
        return {"rate": self._rate.state(), "delays": self._delays.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what was learnt. Raises KeyError, TypeError, ValueError."""
        self._rate.restore(state["rate"])
        self._delays.restore(state["delays"])
        self.rebuild()
