"""Charts in PDF: drawn as lines and shapes, every series with a dash and a mark of its own."""

from __future__ import annotations

import math
from typing import Any

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.shapes import Drawing, PolyLine
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib import colors

from reporting.reports_document import Chart
from reporting.reports_numbers import Said

_HEIGHT = 190
_LOOKS = (
    ("#0b5c7d", None, "FilledCircle"),
    ("#b45309", (6, 2), "FilledSquare"),
    ("#3f6212", (2, 2), "FilledTriangle"),
    ("#7c3aed", (8, 2, 2, 2), "FilledDiamond"),
    ("#9f1239", (4, 3), "FilledCross"),
    ("#334155", (1, 2), "FilledPentagon"),
)
_LABELS = 16  # along a chart that can be read


def drawing(chart: Chart, language: str, width: float) -> Drawing:
    """Return a chart that fills the width (points)."""
    drawn = Drawing(width, _HEIGHT)
    plot: Any = VerticalBarChart()
    plot.x, plot.y = 62, 44
    plot.width, plot.height = width - 80, _HEIGHT - 60
    shown = [[value or 0.0 for value in one.values] for one in chart.series]
    plot.data = shown if chart.bars else [[0.0] * len(chart.labels)]  # of lines only the axes are the plot's
    _across(plot, chart, language)
    _along(plot, chart)
    for place in range(len(plot.data)):
        plot.bars[place].fillColor = colors.HexColor(_LOOKS[place % len(_LOOKS)][0]) if chart.bars else None
        plot.bars[place].strokeColor = None
    drawn.add(plot)
    if not chart.bars:
        for place in range(len(chart.series)):
            _course(drawn, plot, chart, place)
    if len(chart.series) > 1:
        drawn.add(_legend(chart))
    return drawn


def _course(drawn: Drawing, plot: Any, chart: Chart, place: int) -> None:
    """Draw one line with its marks; where a value is missing the line has a gap."""
    tint, dash, sign = _LOOKS[place % len(_LOOKS)]
    points: list[tuple[float, float]] = []
    slot = plot.width / max(1, len(chart.labels))
    for at, value in enumerate((*chart.series[place].values, None)):
        if value is not None:
            high = plot.y + value / plot.valueAxis.valueMax * plot.height
            points.append((plot.x + (at + 0.5) * slot, high))
            continue
        if len(points) > 1:
            flat = [number for point in points for number in point]
            line: Any = PolyLine(flat, strokeColor=colors.HexColor(tint), strokeWidth=1.4)
            line.strokeDashArray = dash
            drawn.add(line)
        for x, y in points:
            mark = makeMarker(sign, x=x, y=y, size=4)  # type: ignore[no-untyped-call]
            mark.fillColor, mark.strokeColor = colors.HexColor(tint), None
            drawn.add(mark)
        points = []


def _across(plot: Any, chart: Chart, language: str) -> None:
    """Set the upright axis: from 0, in steps that are read easily."""
    most = max((value for one in chart.series for value in one.values if value is not None), default=0.0)
    step = _step(most)
    axis = plot.valueAxis
    axis.valueMin, axis.valueStep = 0, step
    axis.valueMax = step * max(1, math.ceil(most / step - 1e-9))
    said = Said(language)
    axis.labelTextFormat = lambda value: said.cell(value, chart.kind).replace("−", "-")
    axis.labels.fontSize = 7
    axis.visibleGrid, axis.gridStrokeColor, axis.gridStrokeWidth = 1, colors.HexColor("#d5dde2"), 0.4


def _step(most: float) -> float:
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most / 4))
    return next(one for one in (power, 2 * power, 5 * power, 10 * power) if one >= most / 4 * (1 - 1e-9))


def _along(plot: Any, chart: Chart) -> None:
    every = max(1, math.ceil(len(chart.labels) / _LABELS))
    names = [label if place % every == 0 else "" for place, label in enumerate(chart.labels)]
    axis = plot.categoryAxis
    axis.categoryNames = [name.encode("cp1252", "replace").decode("cp1252") for name in names]
    axis.labels.fontSize, axis.labels.angle, axis.labels.boxAnchor = 7, 30, "ne"


def _legend(chart: Chart) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor = 62, _HEIGHT, "nw"
    legend.alignment, legend.columnMaximum, legend.fontSize, legend.deltax = "right", 1, 7, 90
    legend.colorNamePairs = [
        (colors.HexColor(_LOOKS[place % len(_LOOKS)][0]), one.name) for place, one in enumerate(chart.series)
    ]
    return legend
