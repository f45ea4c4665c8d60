"""Settings `/pengaturan`: every kind of table to see and to change, and the same for programs."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Path, Request, Response

from web.config_change_routes import add_change_routes
from web.config_desk import ConfigDesk, ConfigPort, kept
from web.config_models import KIND, ChangeBody, ChangeView, KindView, PreviewView, TableView, TextBody
from web.config_port import ConfigRefused, Form
from web.config_text import assumed_lines, cells_of, fields_of, for_spreadsheets
from web.errors import ErrorBody
from web.parts import Shared
from web.permissions import Permission

_TAGS: dict[str, Any] = {"tags": ["config"]}
_Kind = Annotated[str, Path(pattern=KIND)]
_RECENT = 8  # changes shown beside the tables
_MOST_CELLS, _MOST_FIELDS = 4000, 600  # inputs on one page; beyond, the text alone is edited
GROUPS = ("hours", "floor", "desk", "outbound", "recording", "quality", "planning")


def add_config_routes(shared: Shared, port: ConfigPort) -> None:
    """Add the routes."""
    desk = ConfigDesk(shared, port)
    add_change_routes(desk)  # before `/pengaturan/{kind}`, which would take their addresses
    _add_seen(desk)
    _add_file(desk)
    _add_changed(desk)


def _add_seen(desk: ConfigDesk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.get("/pengaturan", Permission.CONFIG_VIEW, include_in_schema=False)
    async def config_page(request: Request) -> Response:
        """Show every kind of table, with what is assumed and what waits for a start."""
        names = await desk.names()
        rows = [ChangeView.of(row, names) for row in await kept(office.changes(most=_RECENT))]
        return shared.render.page(
            request, "config/page.html", model=await listed(), changes=rows, groups=GROUPS
        )

    @shared.guard.get("/api/config", Permission.CONFIG_VIEW, response_model=list[KindView], **_TAGS)
    async def list_config(request: Request) -> list[KindView]:
        """Return every kind of table and how it stands."""
        return await listed()

    @shared.guard.get("/pengaturan/{kind}", Permission.CONFIG_VIEW, include_in_schema=False)
    async def table_page(request: Request, kind: _Kind) -> Response:
        """Show a table, and let it be changed."""
        names, model = await desk.names(), await opened(kind)
        rows = [ChangeView.of(row, names) for row in await kept(office.changes(kind, most=_RECENT))]
        is_csv = model.kind.form is Form.CSV
        cells = cells_of(model.text) if is_csv else []
        fields = [] if is_csv else fields_of(model.text)
        return shared.render.page(
            request,
            "config/table_page.html",
            model=model,
            changes=rows,
            cells=cells if sum(map(len, cells)) <= _MOST_CELLS else [],
            fields=fields if sum(len(part.values) for part in fields) <= _MOST_FIELDS else [],
            shipped=await office.shipped(kind),
            told=partial(desk.told, request),
        )

    @shared.guard.get("/api/config/{kind}", Permission.CONFIG_VIEW, response_model=TableView, **_TAGS)
    async def show_config(request: Request, kind: _Kind) -> TableView:
        """Return a table as it was last set."""
        return await opened(kind)

    async def listed() -> list[KindView]:
        names = await desk.names()
        return [KindView.of(state, names) for state in await kept(office.kinds())]

    async def opened(kind: str) -> TableView:
        found = await kept(office.open(kind))
        return TableView.of(found, await desk.names(), assumed_lines(found.state.form, found.text))


def _add_file(desk: ConfigDesk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.get("/pengaturan/{kind}/berkas", Permission.CONFIG_VIEW, include_in_schema=False)
    async def table_file(request: Request, kind: _Kind) -> Response:
        """Give a table as a file, to be changed elsewhere and brought again."""
        found = await kept(office.open(kind))
        name = found.state.file.replace("/", "_")
        is_csv = found.state.form is Form.CSV
        media, text = (
            ("text/csv", for_spreadsheets(found.text)) if is_csv else ("application/yaml", found.text)
        )
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(text, media_type=f"{media}; charset=utf-8", headers=headers)


def _add_changed(desk: ConfigDesk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.post(
        "/api/config/{kind}/check", Permission.CONFIG_MANAGE, response_model=PreviewView, **_TAGS
    )
    async def check_config(request: Request, kind: _Kind, body: TextBody) -> Response:
        """Return what a text would change, or every mistake in it. Nothing is changed."""
        try:
            preview = await kept(office.preview(kind, body.text))
            model = PreviewView.of(kind, body.based_on, preview)
        except ConfigRefused as error:
            model = PreviewView.refused(kind, body.based_on, desk.mistakes(request, error.mistakes))
        return shared.render.reply(request, model, "config/preview.html")

    @shared.guard.post(
        "/api/config/{kind}",
        Permission.CONFIG_MANAGE,
        response_model=ChangeView,
        responses={
            422: {
                "model": PreviewView | ErrorBody,
                "description": "The text has mistakes; nothing was changed",
            }
        },
        **_TAGS,
    )
    async def change_config(request: Request, kind: _Kind, body: ChangeBody) -> Response:
        """Put a text in force, whole; with a mistake nothing is changed."""
        await kept(office.open(kind))
        await desk.did(request, "config_changed", f"config:{kind}")
        work = office.put(kind, body.text, body.based_on, desk.who(request), body.why)
        try:
            row = await kept(work)
        except ConfigRefused as error:
            model = PreviewView.refused(kind, body.based_on, desk.mistakes(request, error.mistakes))
            shown = 200 if request.headers.get("hx-request") == "true" else 422
            return shared.render.reply(request, model, "config/preview.html", shown)
        change = ChangeView.of(row, await desk.names())
        answer = shared.render.reply(request, change, "config/made.html")
        answer.headers["HX-Redirect"] = f"/pengaturan/perubahan/{row.number}"
        return answer
