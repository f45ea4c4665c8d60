"""Rows of a list that were not accepted: page by page and masked, or whole, to mend and send again."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response

from web.guard import visitor_of
from web.list_models import ID, RefusedPage, SheetForm
from web.list_port import REFUSED_PAGE, ListDoor
from web.list_refused_sheet import RefusedSheet, placed
from web.list_sheets import FILE_ANSWER, Row, sheet_answer
from web.list_views import ListWords
from web.permissions import Permission

_TAGS = ["lists"]
_ListId = Annotated[str, Path(pattern=ID)]
_After = Annotated[int, Query(ge=0, le=2**31 - 1)]


def add_refused_routes(door: ListDoor) -> None:
    """Add the routes."""
    _add_rows(door)
    _add_file(door)


def _add_rows(door: ListDoor) -> None:
    shared = door.shared

    async def page(request: Request, list_id: str, after: int) -> RefusedPage:
        visitor, one = visitor_of(request), await door.found(list_id)
        await door.audit(visitor, "list_refused_viewed", f"list:{list_id}")
        rows = await door.port.lists.refused(list_id, after, REFUSED_PAGE + 1)
        words = ListWords(door, request, visitor)
        return RefusedPage(
            list_id=list_id,
            title=one.order.title,
            rows=[words.refused(row) for row in rows[:REFUSED_PAGE]],
            after=after,
            next=rows[REFUSED_PAGE - 1].row if len(rows) > REFUSED_PAGE else None,
            may_download=visitor.reach(Permission.CAMPAIGN_RESULTS) is not None,
        )

    @shared.guard.get("/daftar/{list_id}/ditolak", Permission.CAMPAIGN_VIEW, include_in_schema=False)
    async def refused_page(request: Request, list_id: _ListId, after: _After = 0) -> Response:
        """Show rows that were not accepted."""
        model = await page(request, list_id, after)
        return shared.render.page(request, "lists/refused.html", model=model)

    @shared.guard.get(
        "/api/lists/{list_id}/refused", Permission.CAMPAIGN_VIEW, response_model=RefusedPage, tags=_TAGS
    )
    async def refused_rows(request: Request, list_id: _ListId, after: _After = 0) -> Response:
        """Return rows that were not accepted, masked, by row; those after a row number."""
        return shared.render.reply(request, await page(request, list_id, after), "lists/refused_rows.html")


def _add_file(door: ListDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/lists/{list_id}/refused/file",
        Permission.CAMPAIGN_RESULTS,
        response_class=Response,
        responses=FILE_ANSWER,
        tags=_TAGS,
    )
    async def refused_file(request: Request, list_id: _ListId, form: SheetForm = "csv") -> Response:
        """Return every row that was not accepted as it came, with the reason behind it. Personal data."""
        visitor, _ = visitor_of(request), await door.found(list_id)
        try:
            header = await door.port.records.header(list_id)
        except KeyError as error:
            raise HTTPException(404, "lists.no_such_list") from error
        await door.audit(visitor, "list_refused_downloaded", f"list:{list_id}", form=form)
        await door.port.records.note_export(list_id, visitor.staff.staff_id, shared.clock.now())
        words = ListWords(door, request, visitor)
        sheet = RefusedSheet(shared.render.texts, shared.render.language(request), header)
        rows = _rows(door, words, list_id, sheet)
        name = f"daftar-ditolak-{list_id[:8]}"
        return await sheet_answer(form, name, door.uploads.folder, sheet.header, rows)


async def _rows(
    door: ListDoor, words: ListWords, list_id: str, sheet: RefusedSheet
) -> AsyncIterator[Sequence[Row]]:
    """Yield rows as they came, so that the file fits the same columns when it is sent again."""
    async for batch in door.refused(list_id):
        seen = [(row, words.refused(row)) for row in batch]
        yield [
            sheet.row(row.cells, placed(one.sheet, one.sheet_row), one.words, one.column, one.remedy)
            for row, one in seen
        ]
