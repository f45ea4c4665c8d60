"""Figures: what was measured, against which peer, and whether the bound holds. One line of JSON each."""

import json
import math
import os
import platform
import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

Number = float | int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, its peer's in the same run, and the bound it must keep.

    `bound` is written as it reads, e.g. "ratio <= 1.15"; `note` names what a reader must know to
    judge the value, and always the reason when it could not be measured.
    """

    figure: str
    ours: Number
    peer: Number
    ratio: Number
    bound: str
    holds: bool
    unit: str
    note: str = ""

    def line(self) -> str:
        """Return the figure as one line of JSON."""
        fields: dict[str, object] = {
            "figure": self.figure,
            "ours": _rounded(self.ours),
            "peer": _rounded(self.peer),
            "ratio": _rounded(self.ratio),
            "bound": self.bound,
            "holds": self.holds,
            "unit": self.unit,
        }
        if self.note:
            fields["note"] = self.note
        return json.dumps(fields, ensure_ascii=False)


def ratio_at_most(figure: str, ours: float, peer: float, limit: float, unit: str, note: str = "") -> Figure:
    """Return a figure that holds when ours ÷ peer is at most `limit`."""
    ratio = ours / peer if peer else math.inf
    return Figure(figure, ours, peer, ratio, f"ratio <= {limit:g}", ratio <= limit, unit, note)


def ratio_at_least(figure: str, ours: float, peer: float, limit: float, unit: str, note: str = "") -> Figure:
    """Return a figure that holds when ours ÷ peer is at least `limit`."""
    ratio = ours / peer if peer else math.inf
    return Figure(figure, ours, peer, ratio, f"ratio >= {limit:g}", ratio >= limit, unit, note)


def within(figure: str, ours: float, peer: float, margin: float, unit: str, note: str = "") -> Figure:
    """Return a figure that holds when ours is at most `margin` above the peer's."""
    ratio = ours / peer if peer else math.inf
    holds = ours - peer <= margin
    return Figure(figure, ours, peer, ratio, f"ours - peer <= {margin:g}", holds, unit, note)


def at_most(figure: str, ours: float, limit: float, unit: str, note: str = "") -> Figure:
    """Return a figure without a peer that holds when ours is at most `limit`."""
    return Figure(figure, ours, None, None, f"ours <= {limit:g}", ours <= limit, unit, note)


def at_least(figure: str, ours: float, limit: float, unit: str, note: str = "") -> Figure:
    """Return a figure without a peer that holds when ours is at least `limit`."""
    return Figure(figure, ours, None, None, f"ours >= {limit:g}", ours >= limit, unit, note)


def not_measured(figure: str, bound: str, unit: str, why: str) -> Figure:
    """Return a figure that could not be measured: it does not hold, and says why."""
    return Figure(figure, None, None, None, bound, False, unit, f"not measured: {why}")


@dataclass(slots=True)
class Report:
    """Prints figures as they come and remembers whether all hold."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    short: bool = False  # shortened rounds, to try the bench itself; every line says so
    figures: list[Figure] = field(default_factory=list)

    def machine(self, asterisk: str) -> None:
        """Print the line that names the machine; `asterisk` is the version under test."""
        load = os.getloadavg()[0]
        machine = {
            "cpu": cpu_model(),
            "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release(),
            "python": platform.python_version(),
            "asterisk": asterisk,
            "load_before": round(load, 2),
        }
        print(json.dumps({"machine": machine}), file=self.out, flush=True)

    def add(self, figure: Figure) -> None:
        """Print a figure and remember it."""
        self.figures.append(figure)
        line = figure.line()
        if self.short:
            line = line[:-1] + ', "short": true}'
        print(line, file=self.out, flush=True)

    def progress(self, text: str) -> None:
        """Tell a person who watches what is going on (standard error)."""
        print(f"  {text}", file=sys.stderr, flush=True)

    @property
    def exit_code(self) -> int:
        """Return 0 when there are figures and every one holds."""
        return 0 if self.figures and all(figure.holds for figure in self.figures) else 1


def cpu_model() -> str:
    """Return the processor's name as the kernel gives it."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0–1) of the values do not exceed.

    Raises ValueError when there are no values.
    """
    if not values:
        raise ValueError("no values to take a percentile of; the run measured nothing")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the median. Raises ValueError when there are no values."""
    if not values:
        raise ValueError("no values to take a median of; the run measured nothing")
    return float(statistics.median(values))


def _rounded(value: Number) -> Number:
    """Return a value with four significant digits, or whole numbers as they are."""
    if value is None or isinstance(value, int):
        return value
    if math.isinf(value) or math.isnan(value):
        return None  # JSON has neither
    return float(f"{value:.4g}")
