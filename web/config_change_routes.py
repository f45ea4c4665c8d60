"""Every change of settings: who, when, before, after; and undoing one."""

from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request, Response

from web.config_desk import ConfigDesk, kept
from web.config_models import ChangeList, ChangeView, ChangeWhole, UndoBody, UndoView
from web.config_port import CannotUndo
from web.permissions import Permission

_TAGS: dict[str, Any] = {"tags": ["config"]}
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_OfKind = Annotated[str, Query(pattern="^([a-z][a-z0-9_]{0,39})?$")]
_Before = Annotated[int, Query(ge=0, le=2**31 - 1)]
_MOST = 50
_MISSING = "config.no_such_change"


def add_change_routes(desk: ConfigDesk) -> None:
    """Add the routes."""
    _add_seen(desk)
    _add_undo(desk)


def _add_seen(desk: ConfigDesk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.get("/pengaturan/perubahan", Permission.CONFIG_VIEW, include_in_schema=False)
    async def changes_page(request: Request, kind: _OfKind = "", before: _Before = 0) -> Response:
        """Show changes, newest first."""
        kinds = [state.name for state in await kept(office.kinds())]
        model = await listed(kind, before)
        return shared.render.page(request, "config/changes_page.html", model=model, kind=kind, kinds=kinds)

    @shared.guard.get("/api/config-changes", Permission.CONFIG_VIEW, response_model=ChangeList, **_TAGS)
    async def list_config_changes(request: Request, kind: _OfKind = "", before: _Before = 0) -> ChangeList:
        """Return changes, newest first."""
        return await listed(kind, before)

    @shared.guard.get("/pengaturan/perubahan/{number}", Permission.CONFIG_VIEW, include_in_schema=False)
    async def change_page(request: Request, number: _Number) -> Response:
        """Show a change with before and after, and whether it can be undone."""
        model, undo = await whole(number), await undone(request, number)
        return shared.render.page(request, "config/change_page.html", model=model, undo=undo)

    @shared.guard.get(
        "/api/config-changes/{number}", Permission.CONFIG_VIEW, response_model=ChangeWhole, **_TAGS
    )
    async def show_config_change(request: Request, number: _Number) -> ChangeWhole:
        """Return a change with the whole of before and after."""
        return await whole(number)

    @shared.guard.get(
        "/api/config-changes/{number}/undo", Permission.CONFIG_VIEW, response_model=UndoView, **_TAGS
    )
    async def preview_config_undo(request: Request, number: _Number) -> UndoView:
        """Return what undoing a change would change, or why it cannot be undone. Nothing is changed."""
        return await undone(request, number)

    async def listed(kind: str, before: int) -> ChangeList:
        rows, names = await kept(office.changes(kind, before, _MOST)), await desk.names()
        older = rows[-1].number if len(rows) == _MOST else None
        return ChangeList(rows=[ChangeView.of(row, names) for row in rows], older=older)

    async def whole(number: int) -> ChangeWhole:
        return ChangeWhole.of(await kept(office.change(number), _MISSING), await desk.names())

    async def undone(request: Request, number: int) -> UndoView:
        try:
            return UndoView.of(number, await kept(office.undo_preview(number), _MISSING))
        except CannotUndo as error:
            return UndoView.cannot(number, error.word, desk.mistakes(request, error.mistakes))


def _add_undo(desk: ConfigDesk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.post(
        "/api/config-changes/{number}/undo", Permission.CONFIG_MANAGE, response_model=ChangeView, **_TAGS
    )
    async def undo_config_change(request: Request, number: _Number, body: UndoBody) -> Response:
        """Undo a change and leave later ones; the undoing is a change itself. 409: it no longer applies."""
        found = await kept(office.change(number), _MISSING)
        await desk.did(request, "config_undone", f"config:{found.row.kind}")
        try:
            row = await kept(office.undo(number, desk.who(request), body.why), _MISSING)
        except CannotUndo as error:
            raise HTTPException(409, f"config.{error.word}") from None
        change = ChangeView.of(row, await desk.names())
        answer = shared.render.reply(request, change, "config/made.html")
        answer.headers["HX-Redirect"] = f"/pengaturan/perubahan/{row.number}"
        return answer
