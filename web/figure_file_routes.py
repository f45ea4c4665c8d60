"""Figures as a file: CSV or XLSX, numbers as the API has them, nothing in them a formula."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from reporting.asking import Line
from reporting.counts import OF_QUEUES
from reporting.formulas import COUNTS, FORMULAS, of_queues
from reporting.rollup_lines import of_agents
from web.figure_answers import Asked, ask
from web.figure_desk import VIEW, FigureDesk
from web.figure_models import FigureWanted
from web.list_models import SheetForm
from web.list_sheets import FILE_ANSWER, Row, SheetFailed, sheet_answer

_TAGS = ["figures"]
_AT_ONCE = 25  # lines made without a pause: calls have their turn between
_DIGITS = 6  # after the point
_Wanted = Annotated[FigureWanted, Query()]


def add_file_routes(desk: FigureDesk) -> None:
    """Add the route."""
    shared = desk.shared

    @shared.guard.get("/api/figures/file", VIEW, response_class=Response, responses=FILE_ANSWER, tags=_TAGS)
    async def figures_file(
        request: Request, wanted: _Wanted, form: Annotated[SheetForm, Query(alias="file")] = "csv"
    ) -> Response:
        """Return every line with every figure: value, numerator, denominator; then every count.

        Shares are 0 to 1, times seconds (counts: milliseconds), intervals WIB; agents by on-air name. What is
        not known is empty: of certain agents or teams whatever is about waiting calls.
        """
        asked = await ask(desk, request, wanted, "figures_downloaded", form=form)
        found = await asked.lines()
        name = f"angka-{asked.span.first.isoformat()}-{asked.span.last.isoformat()}"
        try:
            return await sheet_answer(form, name, desk.port.work, _header(asked), _batches(asked, found))
        except SheetFailed as error:
            raise HTTPException(503, "figures_page.file_failed") from error


def _header(asked: Asked) -> Row:
    words = asked.words
    figures = [
        column
        for name in FORMULAS
        for column in (
            words.figure(name),
            words.say("figures_column.numerator_of", figure=words.figure(name)),
            words.say("figures_column.denominator_of", figure=words.figure(name)),
        )
    ]
    return [
        words.say("figures_column.interval"),
        *(words.say(f"figures_dimension.{one}") for one in asked.by),
        *figures,
        *(words.count(name) for name in COUNTS),
    ]


async def _batches(asked: Asked, found: Sequence[Line]) -> AsyncIterator[Sequence[Row]]:
    for start in range(0, len(found), _AT_ONCE):
        yield [_row(asked, one) for one in found[start : start + _AT_ONCE]]


def _row(asked: Asked, line: Line) -> Row:
    words = asked.words
    cells = [words.interval(line.begins, asked.wanted.interval)]
    cells += [words.group(dimension, value) for dimension, value in zip(asked.by, line.key, strict=True)]
    known = not of_agents(asked.only, asked.by, line.key)
    for name, formula in FORMULAS.items():
        figure = formula.of(line.counts)
        value = "" if figure.value is None else f"{figure.value:.{_DIGITS}f}"
        terms = [str(figure.numerator), str(figure.denominator)]
        cells += [value, *(terms if known or not of_queues(name) else ("", ""))]
    return cells + [
        str(getattr(line.counts, name)) if known or name not in OF_QUEUES else "" for name in COUNTS
    ]
