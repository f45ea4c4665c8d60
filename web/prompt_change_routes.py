"""Changing what callers hear: texts and audio, a second look, in force within a second, undone."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import HTTPException, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from domain.audit import AuditRow
from domain.staff import StaffStore, StaffUnavailable
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.prompt_models import (
    NAME,
    PromptBody,
    PromptChangeList,
    PromptChangeView,
    PromptDetailView,
    PromptPreviewView,
    PromptUndoBody,
    RestoreBody,
    SoundNote,
    SpeakBody,
    TakenView,
    TextsBody,
)
from web.prompt_port import PromptChangeRow, PromptOffice, TakenSound
from web.prompt_refusals import add_prompt_refusals

T = TypeVar("T")

LARGEST_SOUND = 24 * 1024 * 1024  # bytes; `prompts.take.LARGEST`
_MOST = 30  # changes on one page
_TAGS: dict[str, Any] = {"tags": ["config"]}
_Name = Annotated[str, Path(pattern=NAME)]
_Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@dataclass(frozen=True, slots=True)
class PromptPort:
    """What the routes need from the rest of the service."""

    office: PromptOffice
    people: StaffStore


def add_prompt_change_routes(shared: Shared, port: PromptPort) -> None:
    """Add the routes."""
    desk = _Desk(shared, port)
    add_prompt_refusals(shared)
    _add_sounds(desk)
    _add_pages(desk)
    _add_seen(desk)
    _add_changed(desk)


class _Desk:
    """What the routes share."""

    def __init__(self, shared: Shared, port: PromptPort) -> None:
        self.shared, self.office, self._people = shared, port.office, port.people

    async def names(self) -> Mapping[str, str]:
        """Return staff_id → user name."""
        try:
            return {one.staff_id: one.user_name for one in await self._people.all()}
        except StaffUnavailable:
            raise HTTPException(503, "sign_in.unavailable") from None

    async def did(self, request: Request, act: str, subject: str) -> str:
        """Leave a row on the trail, before it is done; return who asks."""
        visitor = visitor_of(request)
        who = "cli:service" if visitor.is_service else visitor.staff.staff_id
        await self.shared.audit.record(AuditRow(self.shared.clock.now(), who, act, f"prompt:{subject}"))
        return who

    async def listed(self, name: str, before: int) -> PromptChangeList:
        """Return changes, newest first."""
        rows, names = await self.office.changes(name, before, _MOST), await self.names()
        older = rows[-1].number if len(rows) == _MOST else None
        return PromptChangeList(rows=[PromptChangeView.of(row, names) for row in rows], older=older)

    async def made(self, request: Request, row: PromptChangeRow) -> Response:
        """Answer with a change; a page goes to the prompt, where it is heard."""
        change = PromptChangeView.of(row, await self.names())
        answer = self.shared.render.reply(request, change, "prompts/made.html")
        gone = row.after is None
        answer.headers["HX-Redirect"] = "/pengaturan/pengumuman" + ("" if gone else f"/{row.prompt}")
        return answer

    def taken(self, request: Request, sound: TakenSound) -> TakenView:
        """Return audio with what is to be said of it, in the language of whoever asks."""
        render = self.shared.render
        language = render.language(request)
        notes = [
            SoundNote(word=word, message=render.texts.say(language, f"prompts.note_{word}", value=value))
            for word, value in sound.notes.items()
        ]
        return TakenView.of(sound, notes)


async def _kept(work: Awaitable[T], missing: str = "prompts.no_such_prompt") -> T:
    try:
        return await work
    except KeyError:
        raise HTTPException(404, missing) from None


def _add_sounds(desk: _Desk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.get(
        "/pengaturan/pengumuman/suara/{digest}", Permission.CONFIG_VIEW, include_in_schema=False
    )
    async def kept_sound(request: Request, digest: _Digest) -> Response:
        """Return audio that was set here, or is to be, as WAV."""
        found = await office.sound(digest)
        if found is None:
            raise HTTPException(404, "prompts.no_such_sound")
        return Response(found, media_type="audio/wav", headers={"Cache-Control": "no-cache"})

    @shared.guard.post(
        "/api/prompt-sounds",
        Permission.ANNOUNCEMENT_EDIT,
        response_model=TakenView,
        openapi_extra=_BYTES,
        max_body_size=LARGEST_SOUND,
        **_TAGS,
    )
    async def take_sound(request: Request, characters: Annotated[int, Query(ge=0, le=4000)] = 0) -> TakenView:
        """Check a recording (WAV, FLAC, OGG, MP3), make it what the line plays. `characters`: of its text."""
        try:
            content = await request.body()
        except ClientDisconnect as error:
            raise HTTPException(400, "prompts.cut") from error
        await desk.did(request, "prompt_sound_brought", "sound")
        return desk.taken(request, await office.take(content, characters))

    @shared.guard.post(
        "/api/prompt-sounds/rendered", Permission.ANNOUNCEMENT_EDIT, response_model=TakenView, **_TAGS
    )
    async def render_sound(request: Request, body: SpeakBody) -> TakenView:
        """Let the voice of this machine speak a text. 409: it has none; a recording can be brought."""
        await desk.did(request, "prompt_sound_rendered", "sound")
        return desk.taken(request, await office.speak(body.language, body.text))


def _add_pages(desk: _Desk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.get("/pengaturan/pengumuman/baru", Permission.ANNOUNCEMENT_EDIT, include_in_schema=False)
    async def new_announcement_page(request: Request) -> Response:
        """Show the form of a new announcement."""
        return shared.render.page(request, "prompts/new_page.html")

    @shared.guard.get("/pengaturan/pengumuman/{name}", Permission.CONFIG_VIEW, include_in_schema=False)
    async def prompt_page(request: Request, name: _Name) -> Response:
        """Show a prompt: what callers hear, changing it, every change of it."""
        model = PromptDetailView.of(await _kept(office.detail(name)))
        changes = await desk.listed(name, 0)
        return shared.render.page(request, "prompts/page.html", model=model, changes=changes)


def _add_seen(desk: _Desk) -> None:
    shared, office = desk.shared, desk.office

    @shared.guard.get("/api/prompts/{name}", Permission.CONFIG_VIEW, response_model=PromptDetailView, **_TAGS)
    async def show_prompt(request: Request, name: _Name) -> PromptDetailView:
        """Return a prompt: what callers hear, and what comes with the product."""
        return PromptDetailView.of(await _kept(office.detail(name)))

    @shared.guard.get("/api/prompt-changes", Permission.CONFIG_VIEW, response_model=PromptChangeList, **_TAGS)
    async def list_prompt_changes(
        request: Request,
        prompt: Annotated[str, Query(pattern="^([a-z][a-z0-9_]{0,63})?$")] = "",
        before: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> PromptChangeList:
        """Return changes of what callers hear, newest first."""
        return await desk.listed(prompt, before)


def _add_changed(desk: _Desk) -> None:
    shared, office = desk.shared, desk.office
    described: dict[str, Any] = {"response_model": PromptChangeView, **_TAGS}

    @shared.guard.post(
        "/api/prompts/{name}/check",
        Permission.ANNOUNCEMENT_EDIT,
        response_model=PromptPreviewView,
        **_TAGS,
    )
    async def check_prompt(request: Request, name: _Name, body: TextsBody) -> Response:
        """Return what texts would change and what has to be spoken for them. Nothing is changed."""
        preview = PromptPreviewView.of(await _kept(office.preview(name, body.texts()), "prompts.bad_name"))
        return shared.render.reply(request, preview, "prompts/preview.html")

    @shared.guard.post("/api/prompts/{name}", Permission.ANNOUNCEMENT_EDIT, **described)
    async def change_prompt(request: Request, name: _Name, body: PromptBody) -> Response:
        """Put texts and their audio in force, whole, for new calls within a second."""
        who = await desk.did(request, "prompt_changed", name)
        return await desk.made(request, await _kept(office.put(body.wanted(name, who)), "prompts.bad_name"))

    @shared.guard.post("/api/prompts/{name}/restore", Permission.ANNOUNCEMENT_EDIT, **described)
    async def restore_prompt(request: Request, name: _Name, body: RestoreBody) -> Response:
        """Let callers hear what comes with the product again; an announcement it does not have is gone."""
        who = await desk.did(request, "prompt_restored", name)
        return await desk.made(request, await _kept(office.restore(name, body.based_on, who, body.why)))

    @shared.guard.post("/api/prompt-changes/{number}/undo", Permission.ANNOUNCEMENT_EDIT, **described)
    async def undo_prompt_change(request: Request, number: _Number, body: PromptUndoBody) -> Response:
        """Put in force what a change replaced; it is a change itself. 409: there is a later one."""
        who = await desk.did(request, "prompt_undone", str(number))
        row = await _kept(office.undo(number, who, body.why), "prompts.no_such_change")
        return await desk.made(request, row)
