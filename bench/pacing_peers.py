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
    target: float = 0.0  # agents: the difference that the level steers to
    intensity: float = 0.0  # per cent, -40 … 40
    most: float = 3.0  # the cap of the level
    mode: Literal["hard", "average", "tapered"] = "hard"
    available_only: bool = False  # the level counts for ready agents only


class Vicidial:
    """The adaptive level: every 15 s by the ready agents, with a brake on the day's drops."""

    EVERY = 15.0  # seconds between changes of the level
    FILLS = 2.5  # seconds between fillings of the lines
    BRAKE_AFTER = 50  # answered calls

    def __init__(self, settings: VicidialSettings) -> None:
        self._settings = settings
        self._level = 1.0
        self._adapts, self._fills, self._sampled = self.EVERY, 0.0, -1.0
        self._sums = [0.0, 0.0, 0.0]  # ready - waiting, agents, samples

    def decide(self, floor: Floor) -> int:
        """Return the level's lines minus those there are."""
        now = floor.now - floor.began
        ready, busy = len(floor.idle), len(floor.talking) + len(floor.wrapping)
        if now - self._sampled >= 1.0:
            self._sampled = now
            self._sums[0] += ready - len(floor.waiting)
            self._sums[1] += ready + busy
            self._sums[2] += 1.0
        if now >= self._adapts:
            self._adapts += self.EVERY
            self._adapt(floor, now)
        if now < self._fills:
            return 0
        self._fills = now + self.FILLS
        if self._settings.available_only:
            lines = self._level * ready
        else:
            lines = self._level * (ready + busy) - len(floor.talking)
        return max(0, int(lines + 0.5) - len(floor.ringing) - len(floor.waiting))

    def _adapt(self, floor: Floor, now: float) -> None:
        settings, (free, agents, samples) = self._settings, self._sums
        self._sums = [0.0, 0.0, 0.0]
        if not agents:
            return
        difference = (free / samples + settings.target) / (agents / samples)
        self._level *= 1.0 + difference * (1.0 + settings.intensity / 100.0)
        answered, drops = floor.tally.answered, floor.tally.abandoned
        if answered >= self.BRAKE_AFTER and drops / answered > settings.drop_limit:
            if settings.mode == "hard":
                self._level = 1.0
            elif settings.mode == "average":
                self._level /= 2.0
            else:
                self._level *= now / floor.day.seconds  # more lenient towards the day's end
        self._level = min(max(self._level, 1.0), settings.most)
