"""The transcript beside a recording, `/rekaman/{recording_id}/transkrip`: a search aid, told as such.

Whoever may hear the recording may read it, while a playback of theirs is open, and nobody else: the same
rules, the same refusals. Each look is on the trail before a word is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import HTTPException, Query, Request, Response
from pydantic import BaseModel

from recording.transcripts import Transcripts, TranscriptsUnavailable
from web.listen_desk import UNAVAILABLE, ListenDesk, require_audible
from web.listen_models import HEX_ID, RecordingId
from web.listen_port import ListenPort
from web.parts import Shared
from web.permissions import Permission

_Playback = Annotated[str, Query(pattern=HEX_ID, description="The playback beside which it stands")]


class SentenceView(BaseModel):
    """What a machine heard one side say."""

    side: Literal["caller", "agent"]
    from_ms: int
    until_ms: int
    text: str


class TranscriptView(BaseModel):
    """What a machine wrote down: to find places by, never evidence of what was said."""

    recording_id: str
    evidence: Literal[False] = False
    made_at: datetime | None  # None: there is none
    language: str
    model: str
    model_version: str
    sentences: Sequence[SentenceView]


def add_transcript_routes(shared: Shared, listen: ListenPort, transcripts: Transcripts) -> None:
    """Add the piece. `listen`: what decides who may hear the recording."""
    desk = ListenDesk(shared, listen)

    @shared.guard.get(
        "/rekaman/{recording_id}/transkrip",
        Permission.RECORDING_LISTEN,
        response_model=TranscriptView,
        tags=["recordings"],
    )
    async def recording_transcript(
        request: Request, recording_id: RecordingId, playback_id: _Playback
    ) -> Response:
        """Return what a machine wrote down of a recording: a search aid, never evidence."""
        listener, subject = await desk.admitted(request, recording_id)
        require_audible(subject.recording)
        open_one = await desk.checked_playback(listener, subject, playback_id)
        await desk.did(listener, "recording_transcript_viewed", subject.recording, open_one.purpose.value)
        view = await _view(transcripts, recording_id)
        return shared.render.reply(request, view, "transcripts/piece.html")


async def _view(transcripts: Transcripts, recording_id: str) -> TranscriptView:
    try:
        found = await transcripts.get(recording_id)
    except TranscriptsUnavailable as error:
        raise HTTPException(503, UNAVAILABLE) from error
    if found is None:
        return TranscriptView(
            recording_id=recording_id, made_at=None, language="", model="", model_version="", sentences=[]
        )
    return TranscriptView(
        recording_id=recording_id,
        made_at=found.at,
        language=found.language,
        model=found.model,
        model_version=found.model_version,
        sentences=[
            SentenceView(
                side="caller" if one.side == "caller" else "agent",
                from_ms=one.from_ms,
                until_ms=one.until_ms,
                text=one.text,
            )
            for one in found.sentences
        ],
    )
