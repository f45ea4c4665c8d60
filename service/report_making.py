"""Makes the document of a report: asks the figures, lays out the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import partial

import msgspec

from domain.clock import Clock
from reporting.asking import Dimension, Figures
from reporting.formulas import FORMULAS
from reporting.reports import Definition, Format, Layout
from reporting.reports_check import check_days
from reporting.reports_document import Document
from reporting.reports_monthly import ask_month, monthly_document, shape
from reporting.reports_table import question_of, table_document
from reporting.reports_times import first_of_month
from reporting.reports_words import ReportWords
from web.figure_words import FigureWords
from web.texts import Texts

WordsOf = Callable[[str], Awaitable[ReportWords]]
"""Returns the words of a language, with the names there are at the moment."""


NumbersOf = Callable[[], Awaitable[Mapping[str, str]]]
"""Returns the staff number of each account. Raises FiguresUnavailable."""


class ReportMaking:
    """Makes documents."""

    def __init__(self, figures: Figures, words: WordsOf, numbers: NumbersOf, clock: Clock) -> None:
        self._figures = figures
        self._words = words
        self._numbers = numbers
        self._clock = clock

    async def document(self, definition: Definition, days: tuple[date, date], team: str = "") -> Document:
        """Return a report about these days; `team`: about its work alone.

        Raises NotAsked, FiguresUnavailable, TooLong, BadReport (days).
        """
        words = await self._words(definition.language)
        now = self._clock.now()
        numbers = await self._numbers() if Dimension.AGENT in definition.asked.only else {}
        question = question_of(definition.asked, days, numbers, team)
        if definition.layout is Layout.MONTHLY:
            answers = await ask_month(self._figures, days[1], question.only, shape())
            made = partial(monthly_document, definition.title, answers, question.only, shape(), words, now)
            return await asyncio.to_thread(made)
        check_days(definition.asked, (days[1] - days[0]).days + 1)
        found = await self._figures.lines(question)
        return await asyncio.to_thread(table_document, definition, question, found, words, now)

    async def paper(self, definition: Definition, days: tuple[date, date], team: str = "") -> bytes:
        """Return a report as files are written from it: its document as JSON. Raises as `document`."""
        document = await self.document(definition, days, team)
        return await asyncio.to_thread(msgspec.json.encode, document)


def report_words(figures: FigureWords, texts: Texts) -> ReportWords:
    """Return the words of reports. An agent is called by the on-air name, also where an account is named."""

    def named(dimension: Dimension, value: str) -> str:
        known = figures.people.by_id(value) if dimension is Dimension.AGENT else None
        return figures.group(dimension, value) if known is None else known.name

    return ReportWords(figures.language, partial(texts.say, figures.language), named, FORMULAS)


def file_name(definition: Definition, days: tuple[date, date], form: Format) -> str:
    """Return the name of a report's file: its code and days, nothing personal."""
    first, last = days
    if definition.layout is Layout.MONTHLY:
        about = f"{first_of_month(last):%Y-%m}"
    else:
        about = first.isoformat() if first == last else f"{first.isoformat()}-{last.isoformat()}"
    return f"{definition.code}-{about}.{form}"
