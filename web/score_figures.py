"""Figures of scores: per agent, criterion, item and period, each with how many scores it is made of. Pure.

Means are of points out of 100, shares are points had of points that could be had: what was N/A counts
nowhere.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from pydantic import BaseModel

from recording.quality.forms import Form
from recording.quality.scores import Result

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Counted:
    """A score that counts, with what it is grouped by."""

    agent: str
    team: str
    day: date  # WIB
    form: Form
    result: Result
    language: str


class GroupFigures(BaseModel):
    """The scores of an agent or a period."""

    name: str
    team: str
    scores: int
    mean: Decimal
    least: Decimal
    most: Decimal
    shares: dict[str, Decimal]  # criterion → percent of what could be had


class ItemFigures(BaseModel):
    """A criterion (empty `item`) or an item in all scores."""

    criterion: str
    item: str
    text: str
    scores: int  # in which it counted
    lost: int  # of these: with fewer points than could be had
    share: Decimal  # percent of what could be had


class Figures(BaseModel):
    """Figures of the scores that were found, without those of recordings under restriction."""

    scores: int
    left_out: int = 0  # how many are under restriction: in no list and no figure
    mean: Decimal | None
    criteria: dict[str, str]  # code → what it is called
    agents: list[GroupFigures]
    periods: list[GroupFigures]
    items: list[ItemFigures]


@dataclass(slots=True)
class _Sum:
    had: Decimal = Decimal(0)
    could: Decimal = Decimal(0)
    scores: int = 0
    lost: int = 0

    def add(self, had: Decimal, could: Decimal) -> None:
        self.had, self.could, self.scores = self.had + had, self.could + could, self.scores + 1
        self.lost += had < could

    @property
    def share(self) -> Decimal:
        return (100 * self.had / self.could).quantize(_TENTH, ROUND_HALF_EVEN) if self.could else Decimal(0)


@dataclass(slots=True)
class _Group:
    team: str
    totals: list[Decimal] = field(default_factory=list)
    sums: defaultdict[str, _Sum] = field(default_factory=lambda: defaultdict(_Sum))


def figures(counted: Sequence[Counted], by: str, left_out: int = 0) -> Figures:
    """Return the figures; `by`: day, week or month; `left_out`: scores that a restriction keeps out."""
    totals = [one.result.total for one in counted]
    return Figures(
        scores=len(counted),
        left_out=left_out,
        mean=_mean(totals) if totals else None,
        criteria=_criteria(counted),
        agents=sorted(_groups(counted, lambda one: (one.agent, one.team)), key=lambda one: one.name),
        periods=sorted(_groups(counted, lambda one: (period(one.day, by), "")), key=lambda one: one.name),
        items=_items(counted),
    )


def period(day: date, by: str) -> str:
    """Return the name of a day's period: 2026-03-31, the week of 2026-03-30 (its Monday), or 2026-03."""
    if by == "day":
        return day.isoformat()
    if by == "week":
        return (day - timedelta(days=day.weekday())).isoformat()
    return f"{day.year:04}-{day.month:02}"


def figures_rows(found: Figures, what: str) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return header and rows of a file. Names in the header that are all small letters are codes of texts."""
    if what == "criteria":
        header = ["criterion", "item", "scores", "lost", "share"]
        return header, [
            [
                found.criteria.get(one.criterion, one.criterion),
                one.text if one.item else "",
                str(one.scores),
                str(one.lost),
                str(one.share),
            ]
            for one in found.items
        ]
    groups, first = (found.agents, ["agent", "team"]) if what == "agents" else (found.periods, ["period"])
    header = [*first, "scores", "mean", "least", "most", *(f"{text} %" for text in found.criteria.values())]
    return header, [
        [
            *([one.name, one.team] if what == "agents" else [one.name]),
            *(str(value) for value in (one.scores, one.mean, one.least, one.most)),
            *(str(one.shares.get(code, "")) for code in found.criteria),
        ]
        for one in groups
    ]


def _groups(counted: Iterable[Counted], key: Callable[[Counted], tuple[str, str]]) -> Iterable[GroupFigures]:
    groups: dict[tuple[str, str], _Group] = {}
    for one in counted:
        place = key(one)
        group = groups.setdefault(place, _Group(place[1]))
        group.totals.append(one.result.total)
        for line in one.result.lines:
            if line.most:
                group.sums[line.criterion].add(line.points, line.most)
    for (name, team), group in groups.items():
        yield GroupFigures(
            name=name,
            team=team,
            scores=len(group.totals),
            mean=_mean(group.totals),
            least=min(group.totals),
            most=max(group.totals),
            shares={code: one.share for code, one in group.sums.items()},
        )


def _items(counted: Sequence[Counted]) -> list[ItemFigures]:
    """Return each criterion's line followed by its items', in the order of the forms."""
    sums: defaultdict[tuple[str, str], _Sum] = defaultdict(_Sum)
    texts: dict[tuple[str, str], str] = {}
    for one in counted:
        names = _texts(one)
        whole: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for line in one.result.lines:
            whole[line.criterion][0] += line.points
            whole[line.criterion][1] += line.most
        for criterion, (had, could) in whole.items():
            texts.setdefault((criterion, ""), names[criterion, ""])
            if could:
                sums[criterion, ""].add(had, could)
        for line in one.result.lines:
            texts.setdefault((line.criterion, line.item), names.get((line.criterion, line.item), line.item))
            if line.most:
                sums[line.criterion, line.item].add(line.points, line.most)
    order = {criterion: place for place, criterion in enumerate(_criteria(counted))}
    return [
        ItemFigures(
            criterion=criterion, item=item, text=text, scores=total.scores, lost=total.lost, share=total.share
        )
        for (criterion, item), text in sorted(texts.items(), key=lambda row: order[row[0][0]])
        if (total := sums[criterion, item]).scores
    ]


def _texts(one: Counted) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for criterion in one.form.criteria:
        found[criterion.code, ""] = criterion.text[one.language]
        for item in criterion.items:
            found[criterion.code, item.code] = item.text[one.language]
    return found


def _criteria(counted: Iterable[Counted]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in counted:
        for criterion in one.form.criteria:
            found.setdefault(criterion.code, criterion.text[one.language])
    return found


def _mean(values: Sequence[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(_CENT, ROUND_HALF_EVEN)
