"""The sound of a playback by ranges of bytes, and its levels. Nothing goes out before it is on record."""

import base64
import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from recording.listening import Listener, ListeningUnavailable, Playback, Refusal, Subject, Use
from recording.ports import OpenSound, SoundDamaged, SoundGone
from recording.recordings import Recording
from web.errors import ErrorBody
from web.listen_desk import UNAVAILABLE, ListenDesk, require_audible
from web.listen_models import HEX_ID, LINK, PeaksView, RecordingId
from web.permissions import Permission

LISTEN = Permission.RECORDING_LISTEN
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")
_SUFFIX = re.compile(r"bytes=-(\d{1,15})")
_Link = Annotated[str, Query(pattern=LINK)]
_Playback = Annotated[str, Query(pattern=HEX_ID)]


def add_sound_routes(desk: ListenDesk) -> None:
    """Add them."""
    _add_sound(desk)
    _add_peaks(desk)


def _add_sound(desk: ListenDesk) -> None:
    @desk.shared.guard.get(
        "/api/recordings/{recording_id}/sound",
        LISTEN,
        response_class=StreamingResponse,
        status_code=206,
        tags=["recordings"],
        responses={
            206: {"description": "Part of the sound", "content": {"audio/flac": {}, "audio/ogg": {}}},
            416: {"model": ErrorBody, "description": "No such range"},
        },
    )
    async def sound(request: Request, recording_id: RecordingId, link: _Link) -> Response:
        """Give a range of the sound, at most 1 MiB an answer; the first one within 60 s of the link."""
        listener, subject = await desk.admitted(request, recording_id)
        playback = await desk.checked_link(listener, subject, link, Use.PLAY)
        opened = await desk.opened(subject.recording)
        start, end = wanted(request.headers.get("range", ""), opened.size, desk.rules.answer_bytes)
        first, rest = await _begun(desk, subject.recording, opened, start, end)
        await _on_record(desk, listener, subject, playback, start, end)
        return StreamingResponse(
            _with(first, rest),
            status_code=206,
            media_type=opened.media_type,
            headers={
                "Accept-Ranges": "bytes",
                "Content-Range": f"bytes {start}-{end - 1}/{opened.size}",
                "Content-Length": str(end - start),
                "Content-Disposition": "inline",
            },
        )


def wanted(header: str, size: int, most: int) -> tuple[int, int]:
    """Return from where up to but not with what is asked for, at most `most` bytes of it (RFC 9110, 14.2).

    Raises HTTPException 400 without a range: a recording never goes out in one piece; 416 for one that
    cannot be met.
    """
    if not header:
        raise HTTPException(400, "listening.range_needed")
    unmet = HTTPException(416, "listening.range_wrong", headers={"Content-Range": f"bytes */{size}"})
    if found := _SUFFIX.fullmatch(header):
        start, last = max(size - int(found[1]), 0), size - 1
    elif found := _RANGE.fullmatch(header):
        start, last = int(found[1]), min(int(found[2]) if found[2] else size - 1, size - 1)
    else:
        raise unmet
    if start > last:
        raise unmet
    return start, min(last + 1, start + most)


async def _begun(
    desk: ListenDesk, recording: Recording, sound: OpenSound, start: int, end: int
) -> tuple[bytes, AsyncIterator[bytes]]:
    """Return the first bytes and what yields the others: what is damaged at once is told as such."""
    rest = sound.read(start, end)
    try:
        return await anext(rest), desk.watched(recording, rest)
    except StopAsyncIteration:
        raise await desk.trouble(recording, SoundDamaged("empty")) from None
    except (SoundGone, SoundDamaged, OSError) as error:
        raise await desk.trouble(recording, error) from error


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


async def _on_record(
    desk: ListenDesk, listener: Listener, subject: Subject, playback: Playback, start: int, end: int
) -> None:
    """Audit a playback before its first byte, and note each range before it is given."""
    recording, now = subject.recording, desk.shared.clock.now()
    if playback.opened_at is None:
        named = {"playback": playback.playback_id}
        await desk.did(listener, "recording_played", recording, playback.purpose.value, **named)
    try:
        if playback.opened_at is None:
            await desk.port.playbacks.open(playback.playback_id, now)
        given = await desk.port.playbacks.give(playback.playback_id, now, start, end)
    except ListeningUnavailable as error:
        raise HTTPException(503, UNAVAILABLE) from error
    if not given:  # closed meanwhile
        raise await desk.refused(listener, recording, Refusal.CLOSED)


def _add_peaks(desk: ListenDesk) -> None:
    @desk.shared.guard.get(
        "/api/recordings/{recording_id}/peaks", LISTEN, response_model=PeaksView, tags=["recordings"]
    )
    async def peaks(request: Request, recording_id: RecordingId, playback: _Playback) -> PeaksView:
        """Return the levels of both sides, as they were computed when it was sealed."""
        listener, subject = await desk.admitted(request, recording_id)
        await desk.checked_playback(listener, subject, playback)
        require_audible(subject.recording)
        try:
            caller, agent = await desk.port.sounds.peaks(subject.recording)
        except (SoundGone, SoundDamaged, OSError) as error:
            raise await desk.trouble(subject.recording, error) from error
        return PeaksView(caller=base64.b64encode(caller).decode(), agent=base64.b64encode(agent).decode())
