"""A copy of a recording for who may take one: for a purpose and a reason, marked, once, on record."""

from typing import Annotated

from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from recording.listening import ListeningUnavailable, Playback, Refusal, Use, purposes
from recording.listening_copy import Copy
from recording.ports import SoundDamaged, SoundGone
from web.field_refused import field_refused
from web.listen_desk import UNAVAILABLE, ListenDesk, require_audible
from web.listen_models import LINK, SHORTEST_REASON, AskDownload, DownloadView, RecordingId
from web.permissions import Permission
from web.rendering import in_wib

DOWNLOAD = Permission.RECORDING_DOWNLOAD
_NUMBER = 8  # hex digits of a download's id that the copy sounds
_Link = Annotated[str, Query(pattern=LINK)]


def add_download_routes(desk: ListenDesk) -> None:
    """Add them."""
    _add_page(desk)
    _add_asking(desk)
    _add_copy(desk)


def _add_page(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/rekaman/{recording_id}/unduh", DOWNLOAD, include_in_schema=False)
    async def download_page(request: Request, recording_id: RecordingId) -> Response:
        listener, subject = await desk.admitted(request, recording_id, DOWNLOAD)
        offered = purposes(listener, subject, desk.rules, Use.DOWNLOAD)
        return shared.render.page(
            request, "listening/download.html", recording=subject.recording, purposes=offered
        )


def _add_asking(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.post(
        "/api/recordings/{recording_id}/downloads", DOWNLOAD, response_model=DownloadView, tags=["recordings"]
    )
    async def ask_download(request: Request, recording_id: RecordingId, body: AskDownload) -> Response:
        """Give a link to a marked copy: good once, within 60 s, in this session only."""
        listener, subject = await desk.admitted(request, recording_id, DOWNLOAD)
        if body.purpose not in purposes(listener, subject, desk.rules, Use.DOWNLOAD):
            raise await desk.refused(listener, subject.recording, Refusal.PURPOSE)
        reason = body.reason.strip()
        if len(reason) < SHORTEST_REASON:
            raise field_refused("reason", "listening.reason_short")
        require_audible(subject.recording)
        await desk.did(listener, "recording_download_asked", subject.recording, body.purpose.value)
        asked, token = await desk.issue(listener, subject.recording, body.purpose, Use.DOWNLOAD, reason)
        view = DownloadView(
            download_id=asked.playback_id,
            recording_id=recording_id,
            address=f"/api/recordings/{recording_id}/download?link={token}",
            opens_within_s=desk.rules.link_s,
        )
        return shared.render.reply(request, view, "listening/link.html")


def _add_copy(desk: ListenDesk) -> None:
    @desk.shared.guard.get(
        "/api/recordings/{recording_id}/download",
        DOWNLOAD,
        response_class=StreamingResponse,
        tags=["recordings"],
        responses={200: {"description": "The marked copy", "content": {"audio/wav": {}}}},
    )
    async def download(request: Request, recording_id: RecordingId, link: _Link) -> Response:
        """Give the copy, with the number of the download sounded every 30 s and written in its header."""
        listener, subject = await desk.admitted(request, recording_id, DOWNLOAD)
        asked = await desk.checked_link(listener, subject, link, Use.DOWNLOAD)
        recording, number = subject.recording, asked.playback_id[:_NUMBER]
        sound = await desk.opened(recording)
        try:
            size, parts = await Copy(sound, number, _about(asked)).open()
        except (SoundGone, SoundDamaged, OSError) as error:
            raise await desk.trouble(recording, error) from error
        now = desk.shared.clock.now()
        named = {"download": asked.playback_id}
        await desk.did(listener, "recording_downloaded", recording, asked.purpose.value, **named)
        try:
            fresh = await desk.port.playbacks.open(asked.playback_id, now)
            given = fresh and await desk.port.playbacks.give(asked.playback_id, now, 0, sound.size)
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        if not given:  # another request had it first
            raise await desk.refused(listener, recording, Refusal.USED)
        name = f"{recording.recording_id}-{number}.wav"
        headers = {
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        return StreamingResponse(desk.watched(recording, parts), media_type="audio/wav", headers=headers)


def _about(asked: Playback) -> str:
    at = in_wib(asked.issued_at, "%Y-%m-%d %H:%M WIB")
    return (
        f"Kring Pajak 1500200, confidential (UU KUP art. 34). Recording {asked.recording_id}, "
        f"download {asked.playback_id} by staff {asked.staff_id}, {at}"
    )
