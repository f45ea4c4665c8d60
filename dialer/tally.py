"""Attempts counted: what the live page and results tell of a campaign or of all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialer.attempts import DialOutcome


@dataclass(frozen=True, slots=True)
class Tally:
    """Attempts since a time. `live`: a person answered, by `outcomes.yaml`."""

    sent: int = 0  # all that were or may have been sent
    unfinished: int = 0
    answered: int = 0
    joined: int = 0  # with an agent
    live: int = 0
    not_sent: int = 0
    flagged: int = 0
    outcomes: Mapping[DialOutcome, int] = field(default_factory=dict)
    dispositions: Mapping[str, int] = field(default_factory=dict)

    @property
    def abandoned(self) -> int:
        """Return how many were answered and found no agent in time."""
        return self.outcomes.get(DialOutcome.ABANDONED, 0)

    @property
    def abandoned_share(self) -> float:
        """Return abandoned ÷ live answers (0–1); 0 without any."""
        return self.abandoned / self.live if self.live else 0.0

    @property
    def answer_rate(self) -> float:
        """Return answered ÷ sent and finished (0–1); 0 without any."""
        finished = self.sent - self.unfinished
        return min(1.0, self.answered / finished) if finished else 0.0


@dataclass(frozen=True, slots=True)
class HourTally:
    """Attempts of one hour."""

    began: datetime  # aware, UTC
    tally: Tally
