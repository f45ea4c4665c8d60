"""A recorded day: who calls when and how long they have patience, who works, who may take what.

Drawn once with a seed and replayed to whoever distributes the calls. Durations are those of a filing
day divided by 60: eight hours are eight minutes, six minutes of talk are six seconds.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TIERS = "ABC"
MEAN_TALK = 6.0  # seconds: 6 minutes
TALK_SIGMA = 0.6  # of the logarithm
MEAN_PATIENCE = 5.0  # seconds: 5 minutes
WIDER_AFTER = (0, 2, 4)  # seconds of waiting: the required tier, one more, all


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of call: the key that leads to it, what it requires, and its share of the calls."""

    key: str
    queue: str
    skill: str
    tier: str
    share: float


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent: skill → tier."""

    place: int  # 0, 1, 2 …: also the number of the tone
    number: str  # a made-up staff number
    skills: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One call to come."""

    place: int
    at: float  # seconds from the start of the day
    line: Line
    patience: float  # seconds of waiting
    talk: float  # seconds
    agent_ends: bool  # or the caller


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that both arms are given."""

    seconds: float
    lines: Sequence[Line]
    staff: Sequence[Colleague]
    visits: Sequence[Visit]


LINES = (
    Line("1", "efin", "efin", "B", 0.3),
    Line("2", "data_change", "taxpayer_data", "B", 0.2),
    Line("3", "kup_information", "kup", "A", 0.3),
    Line("4", "pph_information", "pph", "A", 0.2),
)


def draw(seconds: float, agents: int, load: float, seed: int = 1500200) -> Day:
    """Return a day with so many agents, at a mean load of so many of them busy (0–1).

    The load swells and ebbs twice, up to a quarter above and below its mean.
    """
    chance = random.Random(seed)
    staff = tuple(_colleague(place, chance) for place in range(agents))
    rate = load * agents / MEAN_TALK
    visits: list[Visit] = []
    at = 0.0
    while (at := at + chance.expovariate(rate * 1.25)) < seconds:
        now = rate * (1 - 0.25 * math.cos(4 * math.pi * at / seconds))
        if chance.random() < now / (rate * 1.25):
            visits.append(_visit(len(visits), at, chance))
    return Day(seconds, LINES, staff, tuple(visits))


def after(colleague: Colleague, line: Line) -> float | None:
    """Return after how much waiting an agent may take a call of a line; None: never.

    The ring widens from the required tier upwards, then to those below.
    """
    tier = colleague.skills.get(line.skill)
    return None if tier is None else WIDER_AFTER[widening(line.tier).index(tier)]


def widening(tier: str) -> str:
    """Return the tiers in the order in which rings admit them."""
    place = TIERS.index(tier)
    return TIERS[place:] + TIERS[:place][::-1]


def _colleague(place: int, chance: random.Random) -> Colleague:
    """Two skills each, overlapping round the circle of lines; two thirds have the tier that is required."""
    lines = (LINES[place % len(LINES)], LINES[(place + 1) % len(LINES)])
    skills = {
        line.skill: line.tier if chance.random() < 2 / 3 else chance.choice(TIERS.replace(line.tier, ""))
        for line in lines
    }
    return Colleague(place, f"7{place:04d}", skills)


def _visit(place: int, at: float, chance: random.Random) -> Visit:
    line = chance.choices(LINES, weights=[line.share for line in LINES])[0]
    talk = chance.lognormvariate(math.log(MEAN_TALK) - TALK_SIGMA**2 / 2, TALK_SIGMA)
    patience = chance.expovariate(1 / MEAN_PATIENCE)
    return Visit(place, at, line, max(0.5, patience), max(0.5, talk), chance.random() < 0.5)
