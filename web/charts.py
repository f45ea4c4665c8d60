"""Charts as SVG made by the server: courses as lines, sums as bars, levels of a heat map. Pure.

Each chart is drawn twice, for wide and for narrow screens; the looks are in `css/charts.css`. Colour is
never the only sign: series differ in dashes and marks too, and the table beside a chart says the same in
figures. Nothing is inline that the pages' policy forbids.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

LOOKS = 6  # series of a chart that can be told apart
LEVELS = 5  # of a heat map

_WIDE, _NARROW, _HEIGHT = 720, 340, 240  # of the drawing; letters are 12 high
_TOP, _BOTTOM, _RIGHT = 26, 30, 10
_LETTER = 7  # width of a letter of 12 px, about
_MARKED = 32  # places up to which each one has its mark
_GRID = 4  # lines across, about
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000)  # seconds

Say = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """Values along a chart, one for each label. None: there is none, and the line has a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. Values are at least 0."""

    title: str  # what a screen reader says first
    labels: Sequence[str]  # of the places, first to last
    series: Sequence[Series]  # at most LOOKS
    say: Say  # a value as the reader reads it: "1.234", "82,5 %", "4.05"
    time: bool = False  # values are seconds: lines across stand at whole minutes and hours
    goal: float | None = None  # a line across, with `goal_name` in the legend
    goal_name: str = ""
    measure: str = ""  # what the values are, above the scale: "Agen"; empty where the heading says it


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values and places are in a drawing."""

    width: int
    left: int
    most: float
    places: int

    @property
    def slot(self) -> float:
        return (self.width - self.left - _RIGHT) / max(1, self.places)

    def x(self, place: int) -> float:
        return self.left + (place + 0.5) * self.slot

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / self.most * (_HEIGHT - _BOTTOM - _TOP)


def lines(chart: Chart) -> Markup:
    """Return a course as lines, `<figure class="chart">`. Raises ValueError: too many series."""
    return _figure(chart, _courses, "chart-course")


def bars(chart: Chart) -> Markup:
    """Return values as bars side by side. Raises ValueError: too many series."""
    return _figure(chart, _blocks, "chart-block")


def heat_levels(
    rows: Sequence[Sequence[float | None]], *, from_least: bool = False
) -> Sequence[Sequence[int | None]]:
    """Return the level of each cell, 0 (nothing) to LEVELS (the most); None: there is no value.

    `from_least`: levels, 1 to LEVELS, begin at the least value, for figures that are never near zero.
    """
    known = [value for row in rows for value in row if value is not None]
    least, most = (min(known, default=0.0) if from_least else 0.0), max(known, default=0.0)

    def level(value: float) -> int:
        if from_least:
            return 1 + _level(value - least, most - least) * (LEVELS - 1) // LEVELS
        return _level(value, most)

    return [[None if value is None else level(value) for value in row] for row in rows]


def grid(most: float, *, time: bool = False) -> tuple[float, ...]:
    """Return where lines across stand, from 0 to at least `most`: steps that are read easily."""
    if most <= 0:
        return (0.0, 1.0)
    step = _time_step(most) if time else _step(most)
    return tuple(step * place for place in range(max(1, math.ceil(most / step - 1e-9)) + 1))


def _level(value: float, most: float) -> int:
    return 0 if value <= 0 or most <= 0 else min(LEVELS, math.ceil(LEVELS * value / most))


def _step(most: float) -> float:
    wanted = most / _GRID
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(one for one in (power, 2 * power, 5 * power, 10 * power) if one >= wanted * (1 - 1e-9))


def _time_step(most: float) -> float:
    wanted = most / _GRID
    found = next((float(one) for one in _TIME_STEPS if one >= wanted), None)
    return found if found is not None else math.ceil(wanted / 36000) * 36000.0


def _figure(chart: Chart, draw: Callable[[Chart, _Frame], list[str]], look: str) -> Markup:
    if len(chart.series) > LOOKS:
        raise ValueError(f"{len(chart.series)} series cannot be told apart; {LOOKS} can")
    known = [value for one in chart.series for value in one.values if value is not None]
    across = grid(max([*known, chart.goal or 0.0]), time=chart.time)
    left = _LETTER * max(len(chart.say(mark)) for mark in across) + 10
    drawings = []
    for name, width in (("wide", _WIDE), ("narrow", _NARROW)):
        frame = _Frame(width, left, across[-1], len(chart.labels))
        inner = [*_ground(chart, frame, across), *draw(chart, frame), *_places(chart, frame)]
        drawings.append(
            f'<svg class="chart-svg chart-{name}" viewBox="0 0 {width} {_HEIGHT}" role="img" '
            f'aria-label="{escape(_told(chart, known))}">{"".join(inner)}</svg>'
        )
    return Markup(f'<figure class="chart">{"".join(drawings)}{_legend(chart, look)}</figure>')  # noqa: S704 - every text in it is escaped


def _told(chart: Chart, known: Sequence[float]) -> str:
    span = f": {chart.say(min(known))} – {chart.say(max(known))}" if known else ""
    return f"{chart.title}{span}"


def _ground(chart: Chart, frame: _Frame, across: Sequence[float]) -> list[str]:
    """Return the lines across with their values, the labels along, and the goal."""
    drawn = [f'<text class="chart-text" x="0" y="12">{escape(chart.measure)}</text>'] if chart.measure else []
    for mark in across:
        y = frame.y(mark)
        drawn.append(
            f'<line class="chart-line" x1="{frame.left}" x2="{frame.width}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="chart-text" x="{frame.left - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{escape(chart.say(mark))}</text>"
        )
    for place in _labelled(chart.labels, frame):
        drawn.append(
            f'<text class="chart-text" x="{frame.x(place):.1f}" y="{_HEIGHT - 10}" text-anchor="middle">'
            f"{escape(chart.labels[place])}</text>"
        )
    if chart.goal is not None:
        y = frame.y(chart.goal)
        drawn.append(
            f'<line class="chart-goal" x1="{frame.left}" x2="{frame.width}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    return drawn


def _labelled(labels: Sequence[str], frame: _Frame) -> range:
    """Return the places whose labels have room beside each other, and within the drawing."""
    needed = _LETTER * (max(map(len, labels), default=0) + 2)
    every = max(1, math.ceil(needed / frame.slot))
    over = max(0, math.ceil(needed / 2 / frame.slot - 0.5)) if frame.places > 1 else 0
    return range(0, max(1, frame.places - over) if labels else 0, every)


def _courses(chart: Chart, frame: _Frame) -> list[str]:
    drawn = []
    for look, one in enumerate(chart.series, 1):
        points = [
            None if value is None else (frame.x(at), frame.y(value)) for at, value in enumerate(one.values)
        ]
        path = "".join(
            f"{'L' if before else 'M'}{here[0]:.1f} {here[1]:.1f}"
            for before, here in pairwise([None, *points])
            if here
        )
        drawn.append(f'<path class="chart-course-{look}" d="{path}"/>')
        alone = frame.places <= _MARKED
        for at, here in enumerate(points):
            if here and (alone or _stands_alone(points, at)):
                drawn.append(mark(look, *here))
    return drawn


def _stands_alone(points: Sequence[tuple[float, float] | None], at: int) -> bool:
    """Whether no line leads to a point: without a mark it would not be seen."""
    before = points[at - 1] if at else None
    after = points[at + 1] if at + 1 < len(points) else None
    return before is None and after is None


def mark(look: int, x: float, y: float) -> str:
    """Return the mark of the series with this look, 1 to LOOKS: each has a shape of its own."""
    shapes = (
        f"M{x - 3.5:.1f} {y:.1f}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
        f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z",
        f"M{x:.1f} {y - 4:.1f}l4 7h-8z",
        f"M{x:.1f} {y - 4:.1f}l4 4l-4 4l-4 -4z",
        f"M{x:.1f} {y + 4:.1f}l-4 -7h8z",
        f"M{x - 4:.1f} {y - 1:.1f}h3v-3h2v3h3v2h-3v3h-2v-3h-3z",
    )
    return f'<path class="chart-mark-{look}" d="{shapes[look - 1]}"/>'


def _blocks(chart: Chart, frame: _Frame) -> list[str]:
    width = frame.slot * 0.8 / max(1, len(chart.series))
    ground = frame.y(0)
    return [
        f'<rect class="chart-block-{look}" x="{frame.x(at) - frame.slot * 0.4 + (look - 1) * width:.1f}" '
        f'y="{frame.y(value):.1f}" width="{width:.1f}" height="{ground - frame.y(value):.1f}"/>'
        for look, one in enumerate(chart.series, 1)
        for at, value in enumerate(one.values)
        if value is not None
    ]


def _places(chart: Chart, frame: _Frame) -> list[str]:
    """Return what tells the values of a place to a mouse that rests on it."""
    drawn = []
    for at, label in enumerate(chart.labels):
        told = [
            f"{one.name}: {chart.say(value)}"
            for one in chart.series
            if (value := one.values[at] if at < len(one.values) else None) is not None
        ]
        drawn.append(
            f'<rect class="chart-place" x="{frame.x(at) - frame.slot / 2:.1f}" y="{_TOP}" '
            f'width="{frame.slot:.1f}" height="{_HEIGHT - _TOP - _BOTTOM}">'
            f"<title>{escape(' · '.join([label, *told]))}</title></rect>"
        )
    return drawn


def _legend(chart: Chart, look: str) -> str:
    keys = [
        f'<span class="chart-key-of">{_sign(place, look)} {escape(one.name)}</span>'
        for place, one in enumerate(chart.series, 1)
    ]
    if chart.goal is not None:
        line = '<line class="chart-goal" x1="0" x2="28" y1="6" y2="6"/>'
        goal = f"{chart.goal_name} {chart.say(chart.goal)}"
        keys.append(f'<span class="chart-key-of">{_small(line)} {escape(goal)}</span>')
    return f'<figcaption class="cluster">{"".join(keys)}</figcaption>'


def _sign(look: int, kind: str) -> str:
    if kind == "chart-block":
        inner = f'<rect class="chart-block-{look}" x="8" y="1" width="12" height="10"/>'
    else:
        inner = f'<path class="chart-course-{look}" d="M0 6H28"/>{mark(look, 14, 6)}'
    return _small(inner)


def _small(inner: str) -> str:
    return f'<svg class="chart-sign" viewBox="0 0 28 12" aria-hidden="true">{inner}</svg>'
