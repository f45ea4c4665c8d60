"""Figures as a file: CSV or XLSX, numbers as the API has them, nothing in them a formula."""

from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from reporting.asking import Question
from web.downloads import download
from web.figure_answers import ask
from web.figure_desk import VIEW, FigureDesk, answered
from web.figure_file import FigureFile, FileNotMade
from web.figure_models import FigureWanted
from web.list_models import SheetForm
from web.list_sheets import FILE_ANSWER, XLSX_TYPE

_TAGS = ["figures"]
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX_TYPE}
_Wanted = Annotated[FigureWanted, Query()]
_Form = Annotated[SheetForm, Query(alias="file")]


def add_file_routes(desk: FigureDesk) -> None:
    """Add the routes."""
    shared = desk.shared

    @shared.guard.get("/angka/berkas", VIEW, include_in_schema=False)
    async def figures_file_page(request: Request, wanted: _Wanted, form: _Form = "csv") -> Response:
        """Return the same as the API; what is wrong is told as a page."""
        return await _file(desk, request, wanted, form)

    @shared.guard.get("/api/figures/file", VIEW, response_class=Response, responses=FILE_ANSWER, tags=_TAGS)
    async def figures_file(request: Request, wanted: _Wanted, form: _Form = "csv") -> Response:
        """Return every line with every figure: value, numerator, denominator; then every count.

        Shares are 0 to 1, times seconds (counts: milliseconds), intervals WIB; agents by on-air name. What is
        not known is empty: of certain agents or teams whatever is about waiting calls. At most 200,000 lines;
        two files are made at a time.
        """
        return await _file(desk, request, wanted, form)


async def _file(desk: FigureDesk, request: Request, wanted: FigureWanted, form: SheetForm) -> Response:
    asked = await ask(desk, request, wanted, "figures_downloaded", form=form)
    words, span = asked.words, asked.span
    question = Question(span.first, span.last, asked.by, wanted.interval, asked.only)
    people = tuple(words.people.everybody())
    try:
        file = await answered(
            desk.port.files.made(FigureFile(question, form, words.language, people, words.campaigns))
        )
    except FileNotMade as error:
        raise HTTPException(503, f"figures_page.file_{error.word}") from error
    name = f"angka-{span.first.isoformat()}-{span.last.isoformat()}.{form}"
    return download(name, _TYPES[form], file)
