"""What the routes of listening share: whether somebody may, what the trail is told, what is opened."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog
from fastapi import HTTPException, Request

from desk.access import AssignmentsUnavailable
from domain.audit import AuditRow
from domain.staff import Reach, StaffUnavailable
from recording.listening import (
    PERSON_WORD,
    Comment,
    Listener,
    ListeningUnavailable,
    Playback,
    Refusal,
    Subject,
    Use,
    audiences,
    link_refusal,
    may_comment,
    refusal,
    sees,
)
from recording.listening_rules import ListeningRules, Purpose
from recording.persons import PersonsUnavailable
from recording.ports import OpenSound, RecordingsUnavailable, SoundDamaged, SoundGone
from recording.quality.blind import BlindUnavailable
from recording.quality.scores import Kind, ScoreQuery, ScoreState, ScoresUnavailable
from recording.recordings import AlarmKind, Recording
from web.guard import visitor_of
from web.listen_models import CommentList, CommentView
from web.listen_port import ListenPort
from web.parts import Shared
from web.permissions import Permission

log = structlog.get_logger("kring.web.listening")

UNAVAILABLE = "listening.unavailable"  # names of texts, as everything that an HTTPException tells
_FINAL = (ScoreState.FINAL, ScoreState.SIGNED, ScoreState.CONTESTED, ScoreState.REPLACED)
# Whose judgement must be their own: they read nobody else's comments, whatever is hidden from them besides.
_ALONE = frozenset({Purpose.CALIBRATION})
_TOLD = {
    Refusal.NO_PERSON: (403, "listening.no_person"),
    Refusal.PURPOSE: (403, "listening.no_purpose"),
    Refusal.RESTRICTED: (403, "listening.restricted"),
    Refusal.EXPIRED: (410, "listening.link_expired"),
    Refusal.USED: (410, "listening.link_used"),
    Refusal.CLOSED: (410, "listening.playback_closed"),
}  # of all others: 404, as if it were not there


@dataclass(frozen=True, slots=True)
class ListenDesk:
    """Recordings, for somebody whom the guard let in."""

    shared: Shared
    port: ListenPort

    @property
    def rules(self) -> ListeningRules:
        """Return the rules in force now."""
        return self.port.rules(self.shared.clock.now())

    async def admitted(
        self, request: Request, recording_id: str, permission: Permission = Permission.RECORDING_LISTEN
    ) -> tuple[Listener, Subject]:
        """Return who asks and for what, if they may hear it at all. Raises HTTPException 403, 404, 503."""
        listener = _listener(request, permission)
        try:
            recording = await self.port.book.get(recording_id)
            if recording is None:
                raise HTTPException(404, "listening.no_such_recording")
            subject = await self._subject(recording, listener)
        except (
            RecordingsUnavailable,
            ScoresUnavailable,
            AssignmentsUnavailable,
            PersonsUnavailable,
        ) as error:
            raise HTTPException(503, UNAVAILABLE) from error
        if (refused := refusal(listener, subject)) is not None:
            raise await self.refused(listener, recording, refused)
        return listener, subject

    async def _subject(self, recording: Recording, listener: Listener) -> Subject:
        handlings = await self.shared.assignments.handlings(recording.call_id)
        scored: frozenset[str] = frozenset()
        if listener.reach is Reach.OWN:
            query = ScoreQuery(recording_id=recording.recording_id, kinds=(Kind.REVIEW,), states=_FINAL)
            scored = frozenset(score.agent for score in await self.port.scores.find(query))
        agents = {one.agent: one.team for one in handlings}
        persons = self.port.persons
        restricted = await persons.call(recording.call_id)
        answers = PERSON_WORD in listener.powers
        in_case = answers and await persons.concerns(recording)
        return Subject(recording, agents, scored, restricted, in_case)

    async def checked_link(self, listener: Listener, subject: Subject, link: str, use: Use) -> Playback:
        """Return the playback of a link that may be used now. Raises HTTPException 404, 410, 503."""
        try:
            playback = await self.port.playbacks.by_link(hashed(link))
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        return await self._checked(listener, subject, playback, use)

    async def checked_playback(self, listener: Listener, subject: Subject, playback_id: str) -> Playback:
        """Return an open playback by its name: for what stands beside the sound. Raises likewise."""
        try:
            playback = await self.port.playbacks.get(playback_id)
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        return await self._checked(listener, subject, playback, Use.PLAY)

    async def _checked(
        self, listener: Listener, subject: Subject, playback: Playback | None, use: Use
    ) -> Playback:
        now, recording = self.shared.clock.now(), subject.recording
        refused = link_refusal(playback, listener, recording.recording_id, use, now, self.port.rules(now))
        if refused is not None or playback is None:
            raise await self.refused(listener, recording, refused or Refusal.UNKNOWN)
        return playback

    async def refused(self, listener: Listener, recording: Recording, why: Refusal) -> HTTPException:
        """Put a refusal on record and return what to raise."""
        await self.did(listener, "recording_refused", recording, why.value, "refused")
        return HTTPException(*_TOLD.get(why, (404, "listening.no_such_recording")))

    async def did(
        self, listener: Listener, act: str, recording: Recording, why: str, outcome: str = "done", **data: str
    ) -> None:
        """Write a row of the trail before something is shown or done. Raises AuditUnavailable."""
        row = AuditRow(
            self.shared.clock.now(),
            listener.staff_id,
            act,
            f"recording:{recording.recording_id}",
            why,
            outcome,
            {"call": recording.call_id, **data},
        )
        await self.shared.audit.record(row)

    async def issue(
        self, listener: Listener, recording: Recording, purpose: Purpose, use: Use, reason: str = ""
    ) -> tuple[Playback, str]:
        """Return a new link with its token, which is kept nowhere. Raises HTTPException 503."""
        playback = Playback(
            secrets.token_hex(16),
            recording.recording_id,
            recording.call_id,
            listener.staff_id,
            listener.session_id,
            purpose,
            use,
            self.shared.clock.now(),
            reason=reason,
        )
        token = secrets.token_urlsafe(32)
        try:
            await self.port.playbacks.issue(playback, hashed(token))
        except ListeningUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error
        return playback, token

    async def opened(self, recording: Recording) -> OpenSound:
        """Return the sound, open. Raises HTTPException 409, 410, 503; what was tampered with is an alarm."""
        require_audible(recording)
        try:
            return await self.port.sounds.open(recording)
        except (SoundGone, SoundDamaged, OSError) as error:
            raise await self.trouble(recording, error) from error

    async def trouble(self, recording: Recording, error: Exception) -> HTTPException:
        """Return what to raise when the sound cannot be read."""
        if isinstance(error, SoundGone):
            await self.port.alarms.raise_alarm(AlarmKind.MISSING_OBJECT, recording.recording_id, "read")
            return HTTPException(410, "listening.gone")
        if isinstance(error, SoundDamaged):
            where = f"read:{error.where}"[:120]
            await self.port.alarms.raise_alarm(AlarmKind.TAMPERED, recording.recording_id, where)
            return HTTPException(409, "listening.damaged")
        log.error("a recording cannot be read", recording=recording.recording_id, kind=type(error).__name__)
        return HTTPException(503, "listening.store_away")

    async def watched(self, recording: Recording, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield on; where damage shows, the answer breaks off before a wrong byte, and there is an alarm."""
        try:
            async for part in parts:
                yield part
        except (SoundGone, SoundDamaged, OSError) as error:
            await self.trouble(recording, error)
            raise

    async def comments(self, listener: Listener, recording: Recording, playback: Playback) -> CommentList:
        """Return the comments that somebody may read. To be audited before. Raises HTTPException 503."""
        try:
            hidden = await self.port.blind.hides(listener.staff_id, recording.recording_id)
            alone = hidden or playback.purpose in _ALONE
            found = await self.port.comments.of(recording.recording_id)
            review = Permission.REVIEW_WORK.value
            shown = [one for one in found if sees(one, listener, review_word=review, alone=alone)]
            views = await self._views(listener, shown)
        except (ListeningUnavailable, BlindUnavailable, StaffUnavailable) as error:
            raise HTTPException(503, UNAVAILABLE) from error
        return CommentList(
            recording_id=recording.recording_id,
            playback_id=playback.playback_id,
            comments=views,
            may_write=list(audiences(listener, review)) if may_comment(listener) else [],
            alone=alone,
        )

    async def _views(self, listener: Listener, comments: Sequence[Comment]) -> list[CommentView]:
        people = {one: await self.port.people.by_id(one) for one in {each.staff_id for each in comments}}
        names = {one: "" if person is None else person.display_name for one, person in people.items()}
        return [
            CommentView(
                comment_id=one.comment_id,
                from_ms=one.from_ms,
                until_ms=one.until_ms,
                by=names[one.staff_id],
                at=one.at,
                audience=one.audience,
                text=one.text,
                mine=one.staff_id == listener.staff_id,
            )
            for one in comments
        ]


def require_audible(recording: Recording) -> None:
    """Raise HTTPException 409 or 410 unless there is something to hear."""
    if not recording.audible:
        gone = recording.state in ("destroyed", "lost")
        raise HTTPException(410 if gone else 409, f"listening.state_{recording.state}")


def hashed(token: str) -> bytes:
    """Return what is kept of a link's token: 32 random bytes need no salt."""
    return hashlib.sha256(token.encode()).digest()


def _listener(request: Request, permission: Permission) -> Listener:
    visitor = visitor_of(request)
    return Listener(
        visitor.staff.staff_id,
        visitor.session_id,
        visitor.staff.number,
        visitor.staff.team,
        visitor.reach(permission),
        frozenset(one.value for one in Permission if visitor.reach(one) is not None),
        is_person=not visitor.is_service,
    )
