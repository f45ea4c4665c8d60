"""Documents of reports, laid out by the process that answers about figures: no call waits for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

import msgspec

from reporting.asking import Dimension
from reporting.reports import Definition
from reporting.reports_document import Document
from service.figure_answers import FiguresApart
from service.figure_answers_wire import AskReport
from service.report_making import NumbersOf
from web.figure_people import Person
from web.report_views import ROWS_SHOWN


class ReportsApart:
    """A `web.report_port.Makes`."""

    def __init__(
        self,
        answers: FiguresApart,
        people: Callable[[], Awaitable[tuple[Person, ...]]],
        campaigns: Callable[[], Awaitable[Mapping[str, str]]],
        numbers: NumbersOf,
    ) -> None:
        """`people`, `campaigns`: whose names the rows of a report need."""
        self._answers = answers
        self._people, self._campaigns, self._numbers = people, campaigns, numbers

    async def document(self, definition: Definition, days: tuple[date, date], team: str = "") -> Document:
        """Return a report, of each table the rows that a page shows."""
        return msgspec.json.decode(await self._laid_out(definition, days, team, ROWS_SHOWN), type=Document)

    async def paper(self, definition: Definition, days: tuple[date, date], team: str = "") -> bytes:
        """Return a whole report, as files are written from it."""
        return await self._laid_out(definition, days, team, None)

    async def _laid_out(
        self, definition: Definition, days: tuple[date, date], team: str, rows: int | None
    ) -> bytes:
        numbers = await self._numbers() if Dimension.AGENT in definition.asked.only else {}
        asked = AskReport(
            definition, days, team, await self._people(), await self._campaigns(), numbers, rows
        )
        return await self._answers.report(asked)
