"""What the form of figures offers, and the addresses of a page's links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from acd.skills import Tier
from domain.staff import Reach
from reporting.asking import Dimension, Interval
from reporting.formulas import COUNTS, FORMULAS
from reporting.rollup_lines import WITHOUT_CALLS, cuts_days
from web.figure_desk import VIEW, Span
from web.figure_models import NONE, Earlier, FigureLine, FigureSet, FigureWanted
from web.figure_port import FigurePort
from web.figure_words import FigureWords
from web.rendering import WIB
from web.visitor import Visitor

Options = Sequence[tuple[str, str]]
_DIRECTIONS = ("in", "out")
_NARROWS = tuple(Dimension)


@dataclass(frozen=True, slots=True)
class Offered:
    """What each field of the form offers: (value, words)."""

    intervals: Options
    dimensions: Options
    figures: Options
    comparisons: Options
    narrowed: Mapping[str, Options]
    sets: Options


def offered(visitor: Visitor, words: FigureWords, port: FigurePort) -> Offered:
    """Return what the form offers to this visitor."""
    reach, people = visitor.reach(VIEW), words.people
    dimensions = [one for one in Dimension if _may_group(one, reach)]
    teams = [(one, one) for one in people.teams()] if reach is Reach.ALL else []
    agents = [(one.staff_id, one.name) for one in people.within(visitor)]
    narrowed: dict[str, Options] = {
        Dimension.TEAM: teams,
        Dimension.AGENT: agents if reach is not Reach.OWN else [],
        Dimension.QUEUE: [(one, words.group(Dimension.QUEUE, one)) for one in port.queues()],
        Dimension.TIER: [(one.value, one.value) for one in Tier],
        Dimension.BRANCH: [(one, words.group(Dimension.BRANCH, one)) for one in port.branches.branches],
        Dimension.DIRECTION: [(one, words.group(Dimension.DIRECTION, one)) for one in _DIRECTIONS],
        Dimension.CAMPAIGN: sorted(words.campaigns.items(), key=lambda one: one[1].casefold()),
    }
    return Offered(
        intervals=[(one.value, words.say(f"figures_interval.{_word(one)}")) for one in Interval],
        dimensions=[("", words.say("figures_page.ungrouped"))]
        + [(one.value, words.say(f"figures_dimension.{one}")) for one in dimensions],
        figures=[(name, words.figure(name)) for name in (*FORMULAS, *COUNTS)],
        comparisons=[(one.value, words.say(f"figures_compare.{one.value or 'nothing'}")) for one in Earlier],
        narrowed={name: values for name, values in narrowed.items() if values},
        sets=[(one.value, words.say(f"figures_set.{one}")) for one in FigureSet],
    )


def _may_group(dimension: Dimension, reach: Reach | None) -> bool:
    if reach is Reach.OWN:
        return dimension not in (Dimension.AGENT, Dimension.TEAM)
    return reach is Reach.ALL or dimension is not Dimension.TEAM


def _word(interval: Interval) -> str:
    """Return the interval as names of texts are written: a letter first."""
    return {Interval.QUARTER_HOUR: "quarter_hour", Interval.HALF_HOUR: "half_hour"}.get(
        interval, interval.value
    )


class Address:
    """Addresses that keep what was asked and change a little of it. Nothing personal is in them."""

    def __init__(self, wanted: FigureWanted, span: Span, nobody: str) -> None:
        """`nobody`: what no agent is called."""
        self._span, self._nobody = span, nobody
        self._asked: dict[str, list[str]] = {
            "since": [span.first.isoformat()],
            "until": [span.last.isoformat()],
            "interval": [wanted.interval.value],
            "by": [one.value for one in wanted.groups],
            **{one.value: list(getattr(wanted, one.value)) for one in _NARROWS},
            "compare": [wanted.compare.value] if wanted.compare else [],
            "figure": [wanted.figure],
            "shown": [wanted.shown.value],
        }
        self._interval = wanted.interval

    @property
    def filled(self) -> Mapping[str, Sequence[str]]:
        """Return the fields of the form as they were asked."""
        return self._asked

    def query(self, **changes: str | int) -> str:
        """Return the question as the query of an address, with these fields changed."""
        asked = {**self._asked, **{name: [str(value)] for name, value in changes.items()}}
        return urlencode([(name, one) for name, values in asked.items() for one in values])

    def calls(self, count: str, line: FigureLine | None = None) -> str:
        """Return where the calls behind a count are; empty: no call stands behind it.

        `line`: only those of this line; empty for an agent without an account, to whom nothing is narrowed.
        """
        if count in WITHOUT_CALLS:
            return ""
        changes: dict[str, str | int] = {"count": count, "start": 0}
        if line is None:
            return f"/angka/panggilan?{self.query(**changes)}"
        for dimension, value in line.key.items():
            if not value and dimension is Dimension.AGENT and line.names[dimension] != self._nobody:
                return ""
            changes[dimension.value] = value or NONE
        if line.begins is not None:
            first, last = self._days(line.begins.astimezone(WIB).date())
            changes |= {"since": first.isoformat(), "until": last.isoformat()}
            if cuts_days(self._interval):
                changes["at"] = written(line.begins)
        return f"/angka/panggilan?{self.query(**changes)}"

    def _days(self, begin: date) -> tuple[date, date]:
        """Return the days of an interval that lie in the span."""
        after = {
            Interval.WEEK: begin + timedelta(days=7),
            Interval.MONTH: (begin.replace(day=1) + timedelta(days=32)).replace(day=1),
            Interval.YEAR: begin.replace(year=begin.year + 1, month=1, day=1),
        }.get(self._interval, begin + timedelta(days=1))
        return max(begin, self._span.first), min(after - timedelta(days=1), self._span.last)


def written(at: datetime) -> str:
    """Return a moment as addresses have it (ISO 8601, UTC)."""
    return at.isoformat().replace("+00:00", "Z")
