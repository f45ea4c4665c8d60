"""Attempts to sign in are slowed down, never shut out.

Each failure makes the next attempts at the same user name, and from the same address, wait longer, up to
a few seconds. Attempts at one name from one address take turns, so that guessing side by side gains
nothing. A stranger's failures delay the owner by those few seconds at most; a browser in which the owner
signed in before is counted by itself and does not wait for strangers at all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.clock import Clock

HALVED_AFTER = 120.0  # seconds after which a count of failures is worth half
AT_ONCE = 4  # attempts at one name from one address that may wait for their turn
MOST_KEPT = 10_000  # counts in memory


class TooManyAtOnce(Exception):
    """More attempts wait than one person makes. `seconds`: when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Growth:
    """How failures become seconds: none for the first ones, then doubling up to a bound."""

    free: int
    most: float

    def seconds(self, failures: float) -> float:
        """Return the delay after so many failures."""
        over = failures - self.free
        return min(self.most, 0.5 * 2.0 ** min(over, 10)) if over > 0 else 0.0


OF_NAME = Growth(free=2, most=8.0)
OF_ADDRESS = Growth(free=20, most=3.0)  # an office has one address


@dataclass(slots=True)
class _Count:
    failures: float
    at: float

    def now(self, moment: float) -> float:
        return float(self.failures * 0.5 ** ((moment - self.at) / HALVED_AFTER))


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0


class Delays:
    """Counts failures and makes attempts wait."""

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._counts: dict[str, _Count] = {}
        self._lines: dict[tuple[str, str], _Line] = {}

    @asynccontextmanager
    async def attempt(self, name: str, address: str) -> AsyncIterator["Attempt"]:
        """Wait for the turn and the delay of this name and address. Raises TooManyAtOnce.

        `name` may be any text that stands for whom the attempt is about, e.g. a known browser of theirs.
        """
        key = (name, address)
        line = self._lines.setdefault(key, _Line())
        if line.inside >= AT_ONCE:
            raise TooManyAtOnce(round(OF_NAME.most))
        line.inside += 1
        try:
            async with line.lock:
                if seconds := self.seconds(name, address):
                    await self._sleep(seconds)
                yield Attempt(self, name, address)
        finally:
            line.inside -= 1
            if not line.inside:
                self._lines.pop(key, None)

    def seconds(self, name: str, address: str) -> float:
        """Return how long the next attempt waits."""
        now = self._clock.monotonic()
        return max(
            OF_NAME.seconds(self._failures(f"name {name}", now)),
            OF_ADDRESS.seconds(self._failures(f"address {address}", now)),
        )

    def _failures(self, key: str, now: float) -> float:
        count = self._counts.get(key)
        return count.now(now) if count else 0.0

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        now = self._clock.monotonic()
        for key in (f"name {name}", f"address {address}"):
            self._counts[key] = _Count(self._failures(key, now) + 1.0, now)
        if len(self._counts) > MOST_KEPT:
            faded = sorted(self._counts, key=lambda key: self._counts[key].now(now))
            for key in faded[: MOST_KEPT // 10]:
                del self._counts[key]

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name; those of an address fade by themselves."""
        self._counts.pop(f"name {name}", None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt whose turn it is."""

    delays: Delays
    name: str
    address: str

    def failed(self) -> None:
        """Count it as a failure."""
        self.delays.failed(self.name, self.address)

    def succeeded(self) -> None:
        """Count it as a success."""
        self.delays.succeeded(self.name)
