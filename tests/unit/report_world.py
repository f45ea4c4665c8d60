"""A small office to make reports of: two queues, two days of October 2026, figures computed by hand."""

from datetime import UTC, date, datetime
from functools import partial

from reporting.asking import Dimension, Interval
from reporting.counts import Counts
from reporting.formulas import FORMULAS
from reporting.reports import Asked, ChartKind, Definition, Format, Layout, Span
from reporting.reports_words import ReportWords
from reporting.rollup import Key
from storage.figures_memory import MemoryFigures
from web.texts import Texts

FIRST, LAST = date(2026, 10, 5), date(2026, 10, 6)  # Monday, Tuesday
MADE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 08.00 WIB
QUEUES = Definition(
    code="antrean-harian",
    title="Antrean",
    layout=Layout.TABLE,
    asked=Asked(Span.FIXED, (Dimension.QUEUE,), Interval.DAY, {}, FIRST, LAST),
    figures=("incoming", "service_level", "aht"),
    chart=ChartKind.LINE,
    formats=(Format.XLSX,),
)
MONTHLY = Definition("bulanan", "Laporan bulanan", Layout.MONTHLY, Asked(Span.LAST_MONTH))

# Monday, queue efin: 10 calls, 8 answered, 7 of them in time; 1 given up in time, 1 later.
#   Service level 7 ÷ (10 − 1) = 77,8 %. AHT (300 s + 60 s + 40 s) ÷ 8 = 50 s.
EFIN_MONDAY = Counts(
    incoming=10, answered=8, in_time=7, abandoned=2, abandoned_in_time=1, waited_ms=200_000,
    acd_calls=8, acd_ms=300_000, talk_ms=240_000, hold_ms=60_000, wrap_up_ms=40_000, ring_ms=32_000,
)  # fmt: skip
# Tuesday, queue efin: 5 calls, all answered in time. Service level 100 %. AHT 500 s ÷ 5 = 100 s.
EFIN_TUESDAY = Counts(
    incoming=5, answered=5, in_time=5, waited_ms=10_000, acd_calls=5, acd_ms=500_000, talk_ms=500_000
)
# Tuesday, queue kup: 4 calls, 2 answered, 1 in time. Service level 1 ÷ 4 = 25 %. AHT 120 s ÷ 2 = 60 s.
KUP_TUESDAY = Counts(
    incoming=4, answered=2, in_time=1, abandoned=2, waited_ms=90_000, acd_calls=2, acd_ms=120_000
)
# Together: 19 calls; 13 ÷ (19 − 1) = 72,2 %; (400 + 500 + 120) s ÷ 15 = 68 s. Not the mean of the rows.

SEPTEMBER = Counts(incoming=20, answered=18, in_time=10)  # 19 are 5,0 % fewer
LAST_YEAR = Counts(incoming=38, answered=19)  # 19 are half of them


def office() -> MemoryFigures:
    """Return what happened, without what must not count: a call right before and right after October."""
    figures = MemoryFigures()
    efin, kup = _key("efin"), _key("kup", team="beta")
    figures.add(datetime(2026, 10, 5, 3, 0, tzinfo=UTC), EFIN_MONDAY, efin)
    figures.add(datetime(2026, 10, 5, 17, 0, tzinfo=UTC), EFIN_TUESDAY, efin)  # Tuesday 00.00 WIB
    figures.add(datetime(2026, 10, 6, 16, 59, tzinfo=UTC), KUP_TUESDAY, kup)  # Tuesday 23.59 WIB
    figures.add(datetime(2026, 9, 30, 16, 59, tzinfo=UTC), SEPTEMBER, efin)  # 30 September 23.59 WIB
    figures.add(datetime(2026, 10, 31, 17, 0, tzinfo=UTC), Counts(incoming=99), efin)  # 1 November 00.00 WIB
    figures.add(datetime(2025, 10, 7, 3, 0, tzinfo=UTC), LAST_YEAR, efin)
    return figures


def words(language: str = "id") -> ReportWords:
    """Return the catalogue's words; groups are called by their keys."""
    return ReportWords(
        language, partial(Texts.load().say, language), lambda dimension, value: value, FORMULAS
    )


def _key(queue: str, team: str = "alfa") -> Key:
    return Key(team=team, queue=queue, direction="in")
