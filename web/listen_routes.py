"""Listening to a recording: the page that asks what for, the playback, what was heard, comments."""

import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request, Response

from recording.listening import (
    Comment,
    Listener,
    ListeningUnavailable,
    Refusal,
    Use,
    audiences,
    may_comment,
    purposes,
)
from recording.listening_rules import Purpose
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from web.field_refused import field_refused
from web.listen_desk import UNAVAILABLE, ListenDesk, require_audible
from web.listen_download_routes import add_download_routes
from web.listen_models import (
    HEX_ID,
    BeginPlayback,
    CommentId,
    CommentList,
    HeardParts,
    PlaybackId,
    PlaybackView,
    RecordingId,
    WithdrawComment,
    WriteComment,
    marks_of,
)
from web.listen_port import ListenPort
from web.listen_sound_routes import add_sound_routes
from web.parts import Shared
from web.permissions import Permission
from web.shell import POLICY

LISTEN = Permission.RECORDING_LISTEN
_COMMENTS = "/api/recordings/{recording_id}/comments"
_Playback = Annotated[str, Query(pattern=HEX_ID, description="The playback beside which they stand")]


def add_listen_routes(shared: Shared, port: ListenPort) -> None:
    """Add the page `/rekaman/{recording_id}` and what it asks for."""
    desk = ListenDesk(shared, port)
    _add_page(desk)
    _add_playbacks(desk)
    _add_heard(desk)
    _add_comments(desk)
    _add_withdrawing(desk)
    add_sound_routes(desk)
    add_download_routes(desk)


def _add_page(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/rekaman/{recording_id}", LISTEN, include_in_schema=False)
    async def listening_page(request: Request, recording_id: RecordingId, tujuan: str = "") -> Response:
        listener, subject = await desk.admitted(request, recording_id)
        offered = purposes(listener, subject, desk.rules)
        nonce = secrets.token_urlsafe(16)
        page = shared.render.page(
            request,
            "listening/page.html",
            recording=subject.recording,
            purposes=offered,
            chosen=tujuan if tujuan in offered else (offered[0] if len(offered) == 1 else ""),
            nonce=nonce,
            query=urlencode([(name, value) for name, value in request.query_params.multi_items()]),
        )
        # The waveform draws in a shadow tree that has one style sheet of its own.
        page.headers["Content-Security-Policy"] = POLICY.replace(
            "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
        )
        return page


def _add_playbacks(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.post(
        "/api/recordings/{recording_id}/playbacks", LISTEN, response_model=PlaybackView, tags=["recordings"]
    )
    async def begin_playback(request: Request, recording_id: RecordingId, body: BeginPlayback) -> Response:
        """Give a link for a purpose: good for 60 s to its first byte, in this session only."""
        listener, subject = await desk.admitted(request, recording_id)
        if body.purpose not in purposes(listener, subject, desk.rules):
            raise await desk.refused(listener, subject.recording, Refusal.PURPOSE)
        view = await _begun(desk, listener, subject.recording, body.purpose)
        return shared.render.reply(request, view, "listening/player.html", recording=subject.recording)


async def _begun(
    desk: ListenDesk, listener: Listener, recording: Recording, purpose: Purpose
) -> PlaybackView:
    require_audible(recording)
    try:
        marks = await desk.port.book.marks(recording.recording_id)
    except RecordingsUnavailable as error:
        raise HTTPException(503, UNAVAILABLE) from error
    await desk.did(listener, "recording_opened", recording, purpose.value)
    playback, token = await desk.issue(listener, recording, purpose, Use.PLAY)
    return PlaybackView(
        playback_id=playback.playback_id,
        recording_id=recording.recording_id,
        purpose=purpose,
        address=f"/api/recordings/{recording.recording_id}/sound?link={token}",
        opens_within_s=desk.rules.link_s,
        length_ms=recording.audio_ms,
        marks=marks_of(marks, recording.audio_ms),
        comments=await desk.comments(listener, recording, playback),
    )


def _add_heard(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.post(
        "/api/recordings/{recording_id}/playbacks/{playback_id}/heard",
        LISTEN,
        status_code=204,
        tags=["recordings"],
    )
    async def note_heard(
        request: Request, recording_id: RecordingId, playback_id: PlaybackId, body: HeardParts
    ) -> Response:
        """Note which parts were played; with `close` the playback ends."""
        listener, subject = await desk.admitted(request, recording_id)
        playback = await desk.checked_playback(listener, subject, playback_id)
        now, most = shared.clock.now(), subject.recording.audio_ms
        parts = [(max(0, start), min(end, most)) for start, end in body.parts]
        try:
            await desk.port.playbacks.heard(playback_id, now, [one for one in parts if one[0] < one[1]])
            if body.close:
                await desk.port.playbacks.close(playback.playback_id, now)
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        return Response(status_code=204)


def _add_comments(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.get(_COMMENTS, LISTEN, response_model=CommentList, tags=["recordings"])
    async def list_comments(request: Request, recording_id: RecordingId, playback: _Playback) -> Response:
        """Return the comments that the reader may see."""
        listener, subject = await desk.admitted(request, recording_id)
        open_one = await desk.checked_playback(listener, subject, playback)
        await desk.did(listener, "recording_comments_viewed", subject.recording, open_one.purpose.value)
        found = await desk.comments(listener, subject.recording, open_one)
        return shared.render.reply(request, found, "listening/comments.html")

    @shared.guard.post(_COMMENTS, LISTEN, response_model=CommentList, status_code=201, tags=["recordings"])
    async def write_comment(request: Request, recording_id: RecordingId, body: WriteComment) -> Response:
        """Keep a comment on a part; the text is sealed at rest. Return what the writer may read now."""
        listener, subject = await desk.admitted(request, recording_id)
        if not may_comment(listener):
            raise HTTPException(403, "listening.may_not_comment")
        open_one = await desk.checked_playback(listener, subject, body.playback_id)
        comment = _comment(desk, listener, subject.recording, body)
        await desk.did(
            listener,
            "recording_commented",
            subject.recording,
            open_one.purpose.value,
            comment=comment.comment_id,
        )
        try:
            await desk.port.comments.add(comment)
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        found = await desk.comments(listener, subject.recording, open_one)
        return shared.render.reply(request, found, "listening/comments.html", status=201)


def _add_withdrawing(desk: ListenDesk) -> None:
    shared = desk.shared

    @shared.guard.post(
        f"{_COMMENTS}/{{comment_id}}/withdraw", LISTEN, response_model=CommentList, tags=["recordings"]
    )
    async def withdraw_comment(
        request: Request, recording_id: RecordingId, comment_id: CommentId, body: WithdrawComment
    ) -> Response:
        """Take one's own comment back: it stays on record and is shown no more."""
        listener, subject = await desk.admitted(request, recording_id)
        open_one = await desk.checked_playback(listener, subject, body.playback_id)
        await desk.did(
            listener,
            "recording_comment_withdrawn",
            subject.recording,
            open_one.purpose.value,
            comment=comment_id,
        )
        try:
            mine = await desk.port.comments.withdraw(comment_id, listener.staff_id, shared.clock.now())
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        if not mine:
            raise HTTPException(404, "listening.no_such_comment")
        found = await desk.comments(listener, subject.recording, open_one)
        return shared.render.reply(request, found, "listening/comments.html")


def _comment(desk: ListenDesk, listener: Listener, recording: Recording, body: WriteComment) -> Comment:
    start = round(body.from_s * 1000)
    end = start if body.until_s is None else round(body.until_s * 1000)
    text = body.text.strip()
    if not text:
        raise field_refused("text", "field.missing")
    if start > recording.audio_ms:
        raise field_refused("from_s", "listening.beyond")
    if end < start:
        raise field_refused("until_s", "listening.before")
    if body.audience not in audiences(listener, Permission.REVIEW_WORK.value):
        raise field_refused("audience", "listening.no_audience")
    return Comment(
        body.comment_id or secrets.token_hex(16),
        recording.recording_id,
        start,
        min(end, max(recording.audio_ms, start)),
        listener.staff_id,
        desk.shared.clock.now(),
        body.audience,
        text,
    )
