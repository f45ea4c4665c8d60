"""How busy the machine is with what others do on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

QUIET = 0.5  # share of the machine's CPU time that others may use while work of no hurry goes on
PATIENCE = 600.0  # seconds that such work waits for the machine before it gives up
_NAP = 5.0
_LEAST = 1.0  # seconds between two looks; a tick is 10 ms
_IDLE, _WAITING = 3, 4  # fields of the first line of /proc/stat, see proc(5)
_FIELDS = 8  # guests are counted in user and nice already

Reading = tuple[int, int, float]  # ticks of everything, idle ticks, our own CPU seconds


def read_machine(stat: Path = Path("/proc/stat")) -> Reading:
    """Return what the machine and this process have used so far. Raises OSError."""
    fields = stat.read_text("ascii").splitlines()[0].split()[1 : 1 + _FIELDS]
    ticks = [int(one) for one in fields]
    own = os.times()
    return sum(ticks), ticks[_IDLE] + ticks[_WAITING], own.user + own.system


class OthersBusy:
    """The share of the machine's CPU time that others use, from one look to the next."""

    def __init__(self, read: Callable[[], Reading] = read_machine, ticks: float = 0.0) -> None:
        """`ticks`: of a second; 0: as this machine counts."""
        self._read = read
        self._ticks = ticks or float(os.sysconf("SC_CLK_TCK"))
        self._last = read()

    def share(self) -> float:
        """Return the share from 0 to 1 since the last look; waits where that was just now. Blocking."""
        now = self._read()
        while now[0] - self._last[0] < _LEAST * self._ticks:  # of all processors together
            time.sleep(_LEAST / 2)
            now = self._read()
        everything, idle, own = (after - before for after, before in zip(now, self._last, strict=True))
        self._last = now
        return max(0.0, min(1.0, (everything - idle - own * self._ticks) / everything))


def wait_for_quiet(
    others: Callable[[], float],
    patience: float = PATIENCE,
    nap: float = _NAP,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Wait until others leave the machine alone. False: they did not for so long. Blocking."""
    for _ in range(max(1, round(patience / nap))):
        if others() <= QUIET:
            return True
        sleep(nap)
    return False
