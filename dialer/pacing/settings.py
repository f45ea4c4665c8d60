"""What predictive pacing is held to, and how it decides. The defaults are assumed; nobody published any."""

from dataclasses import dataclass, field
from enum import StrEnum


class Denominator(StrEnum):
    """What abandoned calls are a share of."""

    ANSWERED = "answered"  # calls that a person answered
    SERVED = "served"  # calls whose talk with an agent ended, and the abandoned: early hang-ups left out


@dataclass(frozen=True, slots=True)
class AbandonLimit:
    """The definition of the limit: abandonment is counted and judged by this alone.

    Raises ValueError when it defines nothing that can be kept.
    """

    share: float = 0.03  # abandoned ÷ denominator
    seconds: float = 2.0  # answered, and no agent after so many: abandoned
    denominator: Denominator = Denominator.ANSWERED
    confidence: float = 0.95  # of the upper bound (one-sided, Wilson) that must stay within `share`
    window_seconds: float = 8 * 3600.0  # the rolling window beside the day

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 0.5:
            raise ValueError(f"share: {self.share} is no share of calls; give one above 0 and below 0.5")
        if not 0.5 <= self.confidence < 1.0:
            raise ValueError(f"confidence: {self.confidence}; give one from 0.5 and below 1")
        if not 0.0 <= self.seconds <= 10.0:
            raise ValueError(f"seconds: {self.seconds}; give 0 to 10")
        if self.window_seconds < 60.0:
            raise ValueError(f"window_seconds: {self.window_seconds}; give at least 60")


@dataclass(frozen=True, slots=True)
class PacingSettings:
    """How the predictive pacer decides. Raises ValueError when it cannot decide so."""

    limit: AbandonLimit = field(default_factory=AbandonLimit)
    least_team: int = 4  # agents, below which it places calls as progressive does
    ring_seconds: float = 25.0  # how long a dial rings at most
    least_ring: float = 15.0  # seconds that a dial rings before it may be cancelled with agents there
    cancel_risk: float = 0.6  # chance to find no agent, above which such a dial is cancelled
    vanish_risk: float = 0.8  # the same for any dial, after agents have left
    least_theta: float = 0.003  # accepted chance that a new dial finds no agent, when nothing is left
    most_theta: float = 0.45  # and when plenty is left
    first_theta: float = 0.05  # at the beginning of a day
    cautious_answers: int = 40  # so many answers long
    reserve: float = 1.0  # calls that are kept back from what may be abandoned
    rate_margin: float = 0.5  # standard deviations that the answer rate is taken higher than it seems

    def __post_init__(self) -> None:
        if not 0.0 < self.least_theta <= self.first_theta <= self.most_theta < 1.0:
            raise ValueError("give 0 < least_theta <= first_theta <= most_theta < 1")
        if not 5.0 <= self.ring_seconds <= 120.0:
            raise ValueError(f"ring_seconds: {self.ring_seconds}; give 5 to 120")
        if self.least_team < 0 or self.reserve < 0.0 or self.least_ring < 0.0:
            raise ValueError("least_team, reserve and least_ring must not be negative")
