"""What is asked of the pages of figures, and their answers."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from reporting.asking import Dimension, Interval
from reporting.formulas import COUNTS, FORMULAS, Unit
from web.days import DayOrNothing

_V = TypeVar("_V")
NONE = "-"  # narrows to what is not known, or none
HEX_ID = r"^([0-9a-f]{32}|-)?$"
_MOST = 50  # values that something is narrowed to
_FIRST_YEAR, _LAST_YEAR = 2000, 2998  # what every zone can count
_WORD = r"^[^\x00-\x1f\x7f]{0,64}$"
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})")


class Earlier(StrEnum):
    """With which span days are compared."""

    NOTHING = ""
    BEFORE = "before"  # as many days, right before
    YEAR = "year"  # 52 weeks earlier: the same days of the week


class FigureSet(StrEnum):
    """Which figures a table shows."""

    PRODUCTIVITY = "productivity"
    SERVICE = "service"
    OUTBOUND = "outbound"
    CHANNELS = "channels"
    COUNTS = "counts"


def _filled(given: list[_V]) -> list[_V]:
    """Return the values of a list of fields that were filled in."""
    return [one for one in given if one]


def _figure(given: str) -> str:
    if given not in FORMULAS and given not in COUNTS:
        raise ValueError("figures_page.no_such_figure")
    return given


def _count(given: str) -> str:
    if given not in COUNTS:
        raise ValueError("figures_refused.no_such_count")
    return given


def _written(given: object) -> object:
    """Return a moment as it is written, with its zone. Numbers are no moments."""
    if given is not None and not (isinstance(given, str) and _WRITTEN.fullmatch(given)):
        raise ValueError("field.time")
    return given


def _countable(given: datetime | None) -> datetime | None:
    if given is not None and not _FIRST_YEAR <= given.year <= _LAST_YEAR:
        raise ValueError("field.time")
    return given


def _one_of(*names: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(names)})


_Values = Annotated[
    list[Annotated[str, Field(pattern=_WORD)]], AfterValidator(_filled), Field(max_length=_MOST)
]
_Agents = Annotated[
    list[Annotated[str, Field(pattern=HEX_ID)]], AfterValidator(_filled), Field(max_length=_MOST)
]
_Dimensions = Annotated[list[Dimension | Literal[""]], Field(max_length=3)]
_Moment = Annotated[datetime | None, BeforeValidator(_written), AfterValidator(_countable)]
FigureName = Annotated[str, AfterValidator(_figure), _one_of(*FORMULAS, *COUNTS)]
CountName = Annotated[str, AfterValidator(_count), _one_of(*COUNTS)]


class FigureWanted(BaseModel):
    """Days of the office, grouping, intervals, narrowing. Days that are not told: the last seven."""

    since: DayOrNothing = None
    until: DayOrNothing = Field(None, description="included")
    interval: Interval = Interval.DAY
    by: _Dimensions = Field([], description="groups, the first one outermost")
    agent: _Agents = Field([], description="staff_id")
    team: _Values = []
    tier: _Values = []
    queue: _Values = []
    branch: _Values = []
    direction: _Values = Field([], description="in, out")
    campaign: _Values = []
    compare: Earlier = Earlier.NOTHING
    figure: FigureName = Field("aht", description="of the course: a figure or a count")
    shown: FigureSet = FigureSet.PRODUCTIVITY
    start: int = Field(0, ge=0, le=500_000, description="the first line of the page")

    @property
    def groups(self) -> tuple[Dimension, ...]:
        """Return by what lines are grouped: what was filled in, each once."""
        return tuple(dict.fromkeys(one for one in self.by if one != ""))


class CallsWanted(FigureWanted):
    """Which calls stand behind a count."""

    count: CountName = Field("acd_calls", description="a field of the counts")
    at: _Moment = Field(None, description="only within the interval that begins then")
    after: str = Field("", pattern=r"^[\w.:-]{0,64}$", description="further than this call")


class FigureView(BaseModel):
    """A figure with what it was made of."""

    value: float | None = Field(description="in the definition's unit; null: nothing to divide by")
    numerator: int
    denominator: int


class FigureLine(BaseModel):
    """Counts of a group in an interval, and every figure of them."""

    key: dict[Dimension, str] = Field(description="an agent by staff_id; empty text: not known, or none")
    names: dict[Dimension, str]
    begins: datetime | None = Field(description="of the interval (UTC); null: the whole span")
    counts: dict[str, int]
    figures: dict[str, FigureView]
    waiting_known: bool = Field(
        description="false: of certain agents or teams; waiting calls belong to queues, "
        "so that their counts (0) and figures (null) are not known here"
    )


class FigureSpan(BaseModel):
    """Days with the figures of all of them together."""

    first: date
    last: date
    total: FigureLine


class FigureAnswer(BaseModel):
    """Figures as they were asked for."""

    span: FigureSpan
    earlier: FigureSpan | None
    interval: Interval
    by: list[Dimension]
    lines: list[FigureLine]
    all_lines: int
    more: int | None = Field(description="where the next lines begin; null: these were the last")


class DefinitionView(BaseModel):
    """What a figure means."""

    code: str
    name: str
    about: str
    unit: Unit
    numerator: list[str] = Field(description="counts that are added up")
    denominator: list[str]
    less: list[str] = Field(description="taken off the denominator")
    assumed: bool = Field(description="nobody has published this definition")


class CallLine(BaseModel):
    """A call behind a count. Nothing of the caller."""

    call_id: str
    at: datetime
    direction: str
    direction_words: str
    queue: str
    agent: str
    outcome: str
    recordings: list[str] = Field(description="ids, for who may listen to them")
    counts: dict[str, int]


class CallAnswer(BaseModel):
    """Calls behind a count, oldest first."""

    count: str
    words: str
    calls: list[CallLine]
    after: str = Field(description="asks for the next ones; empty: these were the last")


class CheckAnswer(BaseModel):
    """Whether what was rolled up equals what the event log says."""

    first: date
    last: date
    lines: int
    differing: int
    fields: list[str] = Field(description="counts that differ somewhere")


class HeatCellView(BaseModel):
    """A part of a day of the week."""

    value: float | None
    text: str
    level: int | None


class HeatRow(BaseModel):
    """An hour or half hour, on each day of the week."""

    name: str
    cells: list[HeatCellView]


class HeatAnswer(BaseModel):
    """A week as a heat map: per day of the week, all such days of the span together."""

    figure: str
    words: str
    columns: list[str]
    rows: list[HeatRow]


class ChannelMistakeView(BaseModel):
    """What is wrong in one line of a file."""

    line: int
    field: str
    value: str = Field(description="masked where it is personal")
    remedy: str


class ChannelAnswer(BaseModel):
    """What became of a file of chat and e-mail counts."""

    taken: bool = Field(description="False: something is wrong, and nothing was kept")
    rows: int
    new: int
    replaced: int
    same: int
    wrong: int
    mistakes: list[ChannelMistakeView]


class ChannelImportView(BaseModel):
    """A file that was taken in."""

    at: datetime
    by: str
    first: date
    last: date
    new: int
    replaced: int
    same: int


class ChannelImports(BaseModel):
    """The latest files, newest first."""

    imports: list[ChannelImportView]
