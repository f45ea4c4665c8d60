"""Counts of chat and e-mail `/angka/kanal`: a CSV file is taken in whole, or refused line by line."""

from fastapi import HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from reporting.channels import ChannelFile, ChannelTaken, read_channels
from web.figure_desk import FigureDesk, answered
from web.figure_models import ChannelAnswer, ChannelImports, ChannelImportView, ChannelMistakeView
from web.guard import visitor_of
from web.permissions import Permission

_TAGS = ["figures"]
_IMPORT = Permission.FIGURES_IMPORT
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def add_channel_routes(desk: FigureDesk) -> None:
    """Add the routes."""
    shared = desk.shared

    @shared.guard.get("/angka/kanal", _IMPORT, include_in_schema=False)
    async def channels_page(request: Request) -> Response:
        """Show what takes a file in, and the latest ones."""
        return shared.render.page(request, "figures/channels_page.html", imports=await _imports(desk))

    @shared.guard.get("/api/figures/channels", _IMPORT, response_model=ChannelImports, tags=_TAGS)
    async def channel_imports(request: Request) -> Response:
        """Return the latest files that were taken in, newest first."""
        return shared.render.reply(request, await _imports(desk), "figures/channel_imports.html")

    @shared.guard.post(
        "/api/figures/channels", _IMPORT, response_model=ChannelAnswer, tags=_TAGS, openapi_extra=_FILE
    )
    async def take_channels(request: Request) -> Response:
        """Take in a CSV file of tanggal, nomor_petugas or tim, and counts. With a mistake nothing is kept."""
        visitor, people = visitor_of(request), await desk.people()
        try:
            content = await request.body()
        except ClientDisconnect as error:
            raise HTTPException(400, "figures_channels.cut") from error
        team_of = people.team_of()
        found = read_channels(content, team_of.keys(), people.teams(), desk.today())
        taken: ChannelTaken | None = None
        if not found.wrong:
            await desk.did(visitor, "channels_taken", rows=str(len(found.rows)))
            now = shared.clock.now()
            taken = await answered(desk.port.channels.take_in(found.rows, visitor.staff.staff_id, now))
        model = _answer(desk, request, found, taken)
        return shared.render.reply(request, model, "figures/channels_taken.html")


def _answer(
    desk: FigureDesk, request: Request, found: ChannelFile, taken: ChannelTaken | None
) -> ChannelAnswer:
    render = desk.shared.render
    language = render.language(request)
    return ChannelAnswer(
        taken=taken is not None,
        rows=len(found.rows),
        new=taken.new if taken else 0,
        replaced=taken.replaced if taken else 0,
        same=taken.same if taken else 0,
        wrong=found.wrong,
        mistakes=[
            ChannelMistakeView(
                line=one.line,
                field=one.field,
                value=one.value,
                remedy=render.texts.say(language, f"figures_remedy.{one.remedy}"),
            )
            for one in found.mistakes
        ],
    )


async def _imports(desk: FigureDesk) -> ChannelImports:
    names = {one.staff_id: one.display_name for one in await desk.staff()}
    return ChannelImports(
        imports=[
            ChannelImportView(
                at=one.at,
                by=names.get(one.by, ""),
                first=one.first,
                last=one.last,
                new=one.taken.new,
                replaced=one.taken.replaced,
                same=one.taken.same,
            )
            for one in await answered(desk.port.channels.imports())
        ]
    )
