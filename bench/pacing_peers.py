"""Other ways of pacing, built from their descriptions."""

from dataclasses import dataclass
from typing import Literal

from bench.pacing_floor import Floor


@dataclass(slots=True)
class Progressive:
    """A line for each free agent."""

    def decide(self, floor: Floor) -> int:
        """Return free agents minus lines."""
        return max(0, len(floor.idle) - len(floor.ringing) - len(floor.waiting))


@dataclass(slots=True)
class FixedRatio:
    """So many lines for each agent, or for each free agent, whatever happens."""

    ratio: float
    of: Literal["present", "free"] = "present"

    def decide(self, floor: Floor) -> int:
        """Return the ratio's lines minus those there are. Lines of talks count where agents who talk do."""
        if self.of == "free":
            lines = self.ratio * len(floor.idle)
        else:
            present = len(floor.idle) + len(floor.talking) + len(floor.wrapping)
            lines = self.ratio * present - len(floor.talking)
        return max(0, int(lines) - len(floor.ringing) - len(floor.waiting))


@dataclass(frozen=True, slots=True)
class VicidialSettings:
    """What an administrator sets; the defaults are the usual ones."""

    drop_limit: float = 0.03
    target: float = 0.0  # agents: adaptive difference target
    intensity: float = 0.0  # -40 … 40
    most: float = 3.0
    mode: Literal["hard", "average", "tapered"] = "hard"


class Vicidial:
    """The adaptive level: every 15 s by the ready agents, with a brake on the day's drops."""

    EVERY = 15.0
    FILLS = 2.5  # seconds: lines are filled up so often
    BRAKE_AFTER = 50  # calls answered

    def __init__(self, settings: VicidialSettings) -> None:
        self._settings = settings
        self._level = 1.0
        self._next = self.EVERY
        self._sums = [0.0, 0.0, 0.0]  # ready - waiting, agents, samples
        self._sampled = -1.0
        self._fills = 0.0

    def decide(self, floor: Floor) -> int:
        """Return the level's lines minus those there are."""
        now = floor.now - floor.began
        busy = len(floor.talking) + len(floor.wrapping)
        if now - self._sampled >= 1.0:
            self._sampled = now
            self._sums[0] += len(floor.idle) - len(floor.waiting)
            self._sums[1] += len(floor.idle) + busy
            self._sums[2] += 1.0
        if now >= self._next:
            self._next += self.EVERY
            self._adapt(floor, now)
        if now < self._fills:
            return 0
        self._fills = now + self.FILLS
        lines = self._level * (len(floor.idle) + busy) - len(floor.talking)
        return max(0, int(lines + 0.5) - len(floor.ringing) - len(floor.waiting))

    def _adapt(self, floor: Floor, now: float) -> None:
        settings, (free, agents, samples) = self._settings, self._sums
        self._sums = [0.0, 0.0, 0.0]
        if not samples or not agents:
            return
        difference = (free / samples + settings.target) / (agents / samples)
        difference *= 1.0 + settings.intensity / 100.0
        self._level *= 1.0 + difference
        answered, drops = floor.tally.answered, floor.tally.abandoned
        if answered >= self.BRAKE_AFTER and drops / answered > settings.drop_limit:
            if settings.mode == "hard":
                self._level = 1.0
            elif settings.mode == "average":
                self._level /= 2.0
            else:
                self._level *= now / floor.day.seconds  # harder at first, more lenient towards the end
        self._level = min(max(self._level, 1.0), settings.most)
