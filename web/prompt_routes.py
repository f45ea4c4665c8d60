"""The page of announcements: every prompt's text, how its audio stands, listening, the command to render."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import HTTPException, Path, Request, Response
from pydantic import BaseModel

from web.parts import Shared
from web.permissions import Permission
from web.prompt_models import SOUNDS
from web.prompt_port import PromptShelf, PromptState, PromptsUnavailable, SoundSource, SoundState

_TAGS: dict[str, Any] = {"tags": ["config"]}
_Key = Annotated[str, Path(pattern="^[a-z0-9_-]{1,80}$")]
_Language = Annotated[str, Path(pattern="^(id|en)$")]
_SPOKEN_TO_ALL = "announce_"  # supervisors switch these on for every caller


class SoundView(BaseModel):
    """One piece of a prompt in one language."""

    key: str
    language: str
    state: SoundState
    source: SoundSource
    seconds: float
    since: datetime | None  # since when the file is as it is
    address: str  # where it is heard


class PromptView(BaseModel):
    """A prompt: what it says, and the sounds that say it."""

    name: str
    announcement: bool  # supervisors switch it on for every caller
    state: SoundState  # the worst of its sounds
    texts: dict[str, str]
    own: bool  # set here, not as it comes with the product
    overtaken: bool  # set here, and the product's own text changed since
    unfit: bool  # what was set here does not fit this version; the product's own is heard
    sounds: list[SoundView]
    command: str


class PromptsView(BaseModel):
    """All prompts: what needs attention first, then announcements, then the others."""

    file: str
    can_render: bool
    counts: dict[SoundState, int]  # prompts
    rows: list[PromptView]


_WORST = (SoundState.MISSING, SoundState.UNKNOWN, SoundState.STALE, SoundState.CURRENT)


def add_prompt_routes(shared: Shared, shelf: PromptShelf) -> None:
    """Add the routes."""

    @shared.guard.get("/pengaturan/pengumuman", Permission.CONFIG_VIEW, include_in_schema=False)
    async def prompts_page(request: Request) -> Response:
        """Show every text that callers hear, and how its audio stands."""
        return shared.render.page(request, "prompts/list_page.html", model=await _view(shelf))

    @shared.guard.get("/api/prompts", Permission.CONFIG_VIEW, response_model=PromptsView, **_TAGS)
    async def list_prompts(request: Request) -> PromptsView:
        """Return every text that callers hear, and how its audio stands."""
        return await _view(shelf)

    @shared.guard.get(
        "/pengaturan/pengumuman/{language}/{key}", Permission.CONFIG_VIEW, include_in_schema=False
    )
    async def prompt_sound(request: Request, language: _Language, key: _Key) -> Response:
        """Return a sound as WAV."""
        try:
            found = await shelf.wav(f"{language}/{key}")
        except PromptsUnavailable:
            raise HTTPException(503, "prompts.unavailable") from None
        if found is None:
            raise HTTPException(404, "prompts.no_such_sound")
        return Response(found, media_type="audio/wav", headers={"Cache-Control": "no-cache"})


async def _view(shelf: PromptShelf) -> PromptsView:
    try:
        found = await shelf.all()
    except PromptsUnavailable:
        raise HTTPException(503, "prompts.unavailable") from None
    rows = sorted(
        map(_row, found.rows), key=lambda one: (_WORST.index(one.state), not one.announcement, one.name)
    )
    counts = {state: sum(row.state is state for row in rows) for state in _WORST}
    return PromptsView(file=found.file, can_render=found.can_render, counts=counts, rows=rows)


def _row(one: PromptState) -> PromptView:
    return PromptView(
        name=one.name,
        announcement=one.name.startswith(_SPOKEN_TO_ALL),
        state=min((sound.state for sound in one.sounds), key=_WORST.index, default=SoundState.MISSING),
        texts=dict(one.texts),
        own=one.own,
        overtaken=one.overtaken,
        unfit=one.unfit,
        sounds=[
            SoundView(
                key=sound.key,
                language=sound.language,
                state=sound.state,
                source=sound.source,
                seconds=sound.seconds,
                since=sound.since,
                address=f"{SOUNDS}{sound.digest}" if sound.digest else f"/pengaturan/pengumuman/{sound.key}",
            )
            for sound in one.sounds
        ],
        command=one.command,
    )
