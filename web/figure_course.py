"""The course of a figure as a chart, and the week as a heat map. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from reporting.asking import Dimension, Interval, Line
from reporting.counts import Counts
from reporting.formulas import FORMULAS
from reporting.reports_numbers import NOTHING, measures_time
from reporting.rollup_lines import begin_of, cuts_days, midnight
from web.charts import LOOKS, Chart, Series, bars, heat_levels, lines
from web.figure_models import HeatAnswer, HeatCellView, HeatRow
from web.figure_views import total, value_of, weight_of
from web.figure_words import FigureWords
from web.rendering import WIB

MOST_PLACES = 400  # of a course; more could not be told apart
_MOST_BARS = 12
_LETTERS = 14  # of a label below a bar
_MINUTES = {Interval.QUARTER_HOUR: 15, Interval.HALF_HOUR: 30, Interval.HOUR: 60}
_WEEK = 7
_WORKING = 5  # days of a week that are always shown


@dataclass(frozen=True, slots=True)
class Course:
    """What a course is drawn from."""

    figure: str  # a figure or a count
    interval: Interval
    by: tuple[Dimension, ...]
    first: date
    last: date


def course(
    asked: Course,
    found: Sequence[Line],
    words: FigureWords,
    earlier: tuple[date, Sequence[Line]] | None = None,
) -> Markup | None:
    """Return the chart of a figure; None: nothing to draw, or too many places.

    `earlier`: the first day of a span as long, and its lines; drawn where nothing is grouped.
    """
    if not found or (asked.by and not _largest(asked.figure, found, 1)):
        return None
    if asked.interval is Interval.WHOLE:
        return _sums(asked, found, words) if asked.by else None
    places = _places(asked, found)
    if len(places) > MOST_PLACES:
        return None
    if asked.by:
        series = [
            Series(words_of(asked.by, key, words), _along(asked.figure, places, of))
            for key, of in _largest(asked.figure, found, LOOKS)
        ]
    else:
        series = [Series(words.say("figures_page.this_span"), _along(asked.figure, places, found))]
        if earlier is not None:
            back = asked.first - earlier[0]
            then = _shifted(asked, places, back)
            series.append(
                Series(words.say("figures_page.earlier_span"), _along(asked.figure, then, earlier[1]))
            )
    labels = [
        words.interval(one, asked.interval, short=asked.first == asked.last or _whole(asked))
        for one in places
    ]
    return lines(_chart(asked.figure, labels, series, words))


def words_of(by: Sequence[Dimension], key: Sequence[str], words: FigureWords) -> str:
    """Return what a group is called."""
    return " · ".join(words.group(one, value) for one, value in zip(by, key, strict=True))


def _whole(asked: Course) -> bool:
    return not cuts_days(asked.interval)


def _chart(figure: str, labels: Sequence[str], series: Sequence[Series], words: FigureWords) -> Chart:
    said = words.said
    return Chart(
        words.figure(figure),
        labels,
        series,
        lambda value: said.value(figure, value),
        time=measures_time(figure),
        measure=words.figure(figure),
    )


def _sums(asked: Course, found: Sequence[Line], words: FigureWords) -> Markup:
    """Return the groups of a whole span as bars, the largest ones first."""
    largest = _largest(asked.figure, found, _MOST_BARS)
    names = [words_of(asked.by, key, words) for key, _ in largest]
    labels = [one if len(one) <= _LETTERS else f"{one[: _LETTERS - 1]}…" for one in names]
    values = [value_of(asked.figure, total(of)) for _, of in largest]
    return bars(_chart(asked.figure, labels, [Series(words.figure(asked.figure), values)], words))


def _largest(
    figure: str, found: Iterable[Line], most: int
) -> Sequence[tuple[tuple[str, ...], Sequence[Line]]]:
    """Return the groups behind which most stands, in that order; none behind which nothing does."""
    groups: dict[tuple[str, ...], list[Line]] = {}
    for line in found:
        groups.setdefault(line.key, []).append(line)
    weights = {key: sum(weight_of(figure, line.counts) for line in of) for key, of in groups.items()}
    ranked = sorted((key for key in groups if weights[key] > 0), key=lambda key: (-weights[key], key))
    return [(key, groups[key]) for key in ranked[:most]]


def _along(figure: str, places: Sequence[datetime], of: Iterable[Line]) -> Sequence[float | None]:
    known = {line.begins: line.counts for line in of}
    return [None if (counts := known.get(one)) is None else value_of(figure, counts) for one in places]


def _places(asked: Course, found: Sequence[Line]) -> Sequence[datetime]:
    """Return the begin of every interval; of parts of days those hours in which something was."""
    days = [asked.first + timedelta(days=back) for back in range((asked.last - asked.first).days + 1)]
    if _whole(asked):
        begins = dict.fromkeys(begin_of(day, asked.interval) for day in days)
        return [midnight(one) for one in begins if one is not None]
    step = timedelta(minutes=_MINUTES[asked.interval])
    earliest, latest = _hours(found)
    return [midnight(day) + at for day in days for at in _steps(earliest, latest, step)]


def _shifted(asked: Course, places: Sequence[datetime], back: timedelta) -> Sequence[datetime]:
    """Return the intervals of the earlier span, one for each of this one."""
    shifted: list[datetime] = []
    for one in places:
        then = one - back
        begin = None if cuts_days(asked.interval) else begin_of(then.astimezone(WIB).date(), asked.interval)
        shifted.append(then if begin is None else midnight(begin))
    return shifted


def _hours(found: Iterable[Line]) -> tuple[timedelta, timedelta]:
    """Return the first and the last begin within a day, since midnight WIB."""
    moments = [_since_midnight(line.begins) for line in found if line.begins is not None]
    return min(moments), max(moments)


def _since_midnight(at: datetime) -> timedelta:
    local = at.astimezone(WIB)
    return timedelta(hours=local.hour, minutes=local.minute)


def _steps(first: timedelta, last: timedelta, step: timedelta) -> Iterable[timedelta]:
    return (first + step * place for place in range(int((last - first) / step) + 1))


def heat(figure: str, found: Sequence[Line], days: Mapping[int, int], words: FigureWords) -> HeatAnswer:
    """Return a week by half hours, out of lines by half hours.

    `days`: how many days of the span each day of the week is. A figure is one of all such days together,
    a count is the mean of one day.
    """
    sums: dict[tuple[timedelta, int], Counts] = {}
    for line in found:
        if line.begins is not None:
            place = (_since_midnight(line.begins), line.begins.astimezone(WIB).weekday())
            sums[place] = sums.get(place, Counts()) + line.counts
    of = _heat_value(figure, days)
    weekdays = [one for one in range(_WEEK) if one < _WORKING or any(day == one for _, day in sums)]
    times: list[timedelta] = []
    if sums:
        moments = [at for at, _ in sums]
        times = list(_steps(min(moments), max(moments), timedelta(minutes=_MINUTES[Interval.HALF_HOUR])))
    values = [[of(sums.get((at, day)), day) for day in weekdays] for at in times]
    rows = [
        HeatRow(
            name=f"{midnight_of(at):%H.%M}",
            cells=[
                HeatCellView(
                    value=value,
                    text=NOTHING if value is None else words.said.value(figure, value),
                    level=level,
                )
                for value, level in zip(row, levels, strict=True)
            ],
        )
        for at, row, levels in zip(
            times, values, heat_levels(values, from_least=figure in FORMULAS), strict=True
        )
    ]
    columns = [words.day_of_week(day) for day in weekdays]
    return HeatAnswer(figure=figure, words=words.figure(figure), columns=columns, rows=rows)


def midnight_of(at: timedelta) -> datetime:
    """Return a moment so long after some midnight, to be written as a time of day."""
    return datetime(2000, 1, 1, tzinfo=UTC) + at


def _heat_value(figure: str, days: Mapping[int, int]) -> Callable[[Counts | None, int], float | None]:
    is_count = figure not in FORMULAS

    def of(counts: Counts | None, weekday: int) -> float | None:
        found = value_of(figure, counts or Counts()) if is_count or counts is not None else None
        if found is None or not is_count:
            return found
        return round(found / days[weekday], 1) if days.get(weekday) else None

    return of
