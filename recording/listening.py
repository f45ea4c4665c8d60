"""Who may hear which recording, what for, by which link, and which comments they may read. Pure rules.

An agent hears recordings in which their own work has a final score, a team leader those of calls in which
somebody of the team took part, reviewers and supervisors all, and who answers people's requests those of
calls that such a request is about, as long as it is; each only for a purpose of the table `listening.yaml`.
A purpose once given leads to a *playback*: a link that nobody else, no other session and no other recording
can use, to be opened within a minute, and closed at the latest after some hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.staff import Reach
from recording.listening_rules import ListeningRules, Purpose, Who
from recording.recordings import Recording

PERSON_WORD = "person_file"  # the permission of who answers people's requests
CLOCK_BACK = 5.0  # seconds that a machine's clock may be set back without links being refused


class Use(StrEnum):
    """What a link is for. One of one kind is no good for the other."""

    PLAY = "play"
    DOWNLOAD = "download"


class Refusal(StrEnum):
    """Why somebody hears nothing."""

    NOT_YOURS = "not_yours"  # told as if there were no such recording
    NOT_SCORED = "not_scored"  # an agent's own call without a final score; told likewise
    PURPOSE = "purpose"  # not one that this person may give
    NO_PERSON = "no_person"  # a program asks: a playback is somebody's
    RESTRICTED = "restricted"  # the person asked for restriction (UU 27/2022 art. 41)
    UNKNOWN = "unknown"  # no such link, or of another recording, person or use
    OTHER_SESSION = "other_session"
    EXPIRED = "expired"  # not opened within its minute
    USED = "used"  # a download is given once
    CLOSED = "closed"  # by its listener, for want of requests, or because its time is over


class Audience(StrEnum):
    """Who may read a comment, beside who wrote it."""

    REVIEWERS = "reviewers"  # who may review
    LEADERS = "leaders"  # and team leaders and supervisors
    AGENT = "agent"  # and the agent whose call it is


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who asks."""

    staff_id: str
    session_id: str
    number: str  # staff number, or empty
    team: str
    reach: Reach | None  # of the permission asked for (to listen, to download)
    powers: frozenset[str]  # words of further permissions
    is_person: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """A recording with what decides about who may hear it."""

    recording: Recording
    agents: Mapping[str, str]  # who took part in the call: staff number → team (empty: unknown)
    scored: frozenset[str]  # staff numbers whose work in it has a final score
    restricted: bool = False  # only who answers people's requests may hear it
    in_case: bool = False  # a person's request that is worked on, or a restriction that stands, is about it


@dataclass(frozen=True, slots=True)
class Playback:
    """A link that was given, and what became of it. Times are aware, UTC."""

    playback_id: str  # 32 hex digits, random; names it, opens nothing
    recording_id: str
    call_id: str
    staff_id: str
    session_id: str
    purpose: Purpose
    use: Use
    issued_at: datetime
    opened_at: datetime | None = None  # when the first byte was given
    last_at: datetime | None = None  # of the last request
    closed_at: datetime | None = None
    reason: str = field(default="", repr=False)  # of a download: what was written; sealed at rest


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote about a part of a recording."""

    comment_id: str  # 32 hex digits
    recording_id: str
    from_ms: int
    until_ms: int
    staff_id: str
    at: datetime
    audience: Audience
    text: str = field(repr=False)  # personal may occur: sealed at rest


class ListeningUnavailable(Exception):
    """Playbacks or comments cannot be read or written at the moment: nothing is heard or shown."""


class Playbacks(Protocol):
    """Keeps playbacks and what was heard. Every method raises ListeningUnavailable."""

    async def issue(self, playback: Playback, link_hash: bytes) -> None:
        """Keep a link that is about to be given; of its token only a hash (SHA-256)."""
        ...

    async def by_link(self, link_hash: bytes) -> Playback | None:
        """Return the playback of a link."""
        ...

    async def get(self, playback_id: str) -> Playback | None:
        """Return one."""
        ...

    async def open(self, playback_id: str, at: datetime) -> bool:
        """Note that the first byte is about to be given; False: it was opened or closed before."""
        ...

    async def give(self, playback_id: str, at: datetime, start: int, end: int) -> bool:
        """Put the bytes from `start` up to but not with `end` on record, before they are given.

        False: it was closed meanwhile, nothing was written and nothing may be given.
        """
        ...

    async def heard(self, playback_id: str, at: datetime, parts: Sequence[tuple[int, int]]) -> None:
        """Note which parts were played, in milliseconds, as the listener's page tells it."""
        ...

    async def close(self, playback_id: str, at: datetime) -> None:
        """End one. Idempotent."""
        ...

    async def of_recording(self, recording_id: str) -> Sequence[Playback]:
        """Return who was given it, oldest first."""
        ...

    async def given(self, playback_id: str) -> Sequence[tuple[datetime, int, int]]:
        """Return the ranges of bytes that were given, in order."""
        ...

    async def parts(self, playback_id: str) -> Sequence[tuple[int, int]]:
        """Return the parts that were played, in milliseconds, in the order they were told."""
        ...


class Comments(Protocol):
    """Keeps comments; nothing is overwritten. Every method raises ListeningUnavailable."""

    async def add(self, comment: Comment) -> None:
        """Keep one. Idempotent by its id."""
        ...

    async def withdraw(self, comment_id: str, staff_id: str, at: datetime) -> bool:
        """Take one's own back: it stays on record and is shown no more. False: there is no such one."""
        ...

    async def of(self, recording_id: str) -> Sequence[Comment]:
        """Return those of a recording that were not taken back, by place and time."""
        ...


def refusal(listener: Listener, subject: Subject) -> Refusal | None:
    """Return why somebody may not hear a recording at all; None: they may, for a purpose."""
    if not listener.is_person:
        return Refusal.NO_PERSON
    if subject.in_case and PERSON_WORD in listener.powers:
        return None
    refused = _reach_refusal(listener, subject)
    return Refusal.RESTRICTED if refused is None and subject.restricted else refused


def _reach_refusal(listener: Listener, subject: Subject) -> Refusal | None:
    match listener.reach:
        case Reach.ALL:
            return None
        case Reach.TEAM if listener.team and listener.team in subject.agents.values():
            return None
        case Reach.OWN if listener.number and listener.number in subject.agents:
            return None if listener.number in subject.scored else Refusal.NOT_SCORED
    return Refusal.NOT_YOURS


def purposes(
    listener: Listener, subject: Subject, rules: ListeningRules, use: Use = Use.PLAY
) -> Sequence[Purpose]:
    """Return what somebody may give as a purpose for a recording, in the order of `Purpose`."""
    table = rules.listen if use is Use.PLAY else rules.download
    reached = not subject.restricted and _reach_refusal(listener, subject) is None
    return [
        purpose
        for purpose in Purpose
        if _fits(listener, table.get(purpose))
        and (subject.in_case if purpose is Purpose.PERSON_REQUEST else reached)
    ]


def _fits(listener: Listener, who: Who | None) -> bool:
    if who is None or listener.reach not in who.reaches:
        return False
    return not who.needs or who.needs in listener.powers


def link_refusal(
    playback: Playback | None,
    listener: Listener,
    recording_id: str,
    use: Use,
    now: datetime,
    rules: ListeningRules,
) -> Refusal | None:
    """Return why a link gives nothing; None: it does. `playback`: what the link is of, None: unknown."""
    if playback is None or (playback.recording_id, playback.staff_id, playback.use) != (
        recording_id,
        listener.staff_id,
        use,
    ):
        return Refusal.UNKNOWN
    if playback.session_id != listener.session_id:
        return Refusal.OTHER_SESSION
    if playback.closed_at is not None or (now - playback.issued_at).total_seconds() < -CLOCK_BACK:
        return Refusal.CLOSED
    if playback.opened_at is None:
        return Refusal.EXPIRED if now - playback.issued_at >= rules.link else None
    if use is Use.DOWNLOAD:
        return Refusal.USED
    last = playback.last_at or playback.opened_at
    if now - last >= rules.idle or now - playback.opened_at >= rules.longest:
        return Refusal.CLOSED
    return None


def may_comment(listener: Listener) -> bool:
    """Whether somebody may write comments: an agent contests with marks of the appeal instead."""
    return listener.is_person and listener.reach in (Reach.TEAM, Reach.ALL)


def audiences(listener: Listener, review_word: str) -> Sequence[Audience]:
    """Return for whom somebody may write: reviewers for each, others not for reviewers alone."""
    return [one for one in Audience if one is not Audience.REVIEWERS or review_word in listener.powers]


def sees(comment: Comment, listener: Listener, *, review_word: str, alone: bool) -> bool:
    """Whether somebody may read a comment. `alone`: they work blind, or agree with nobody yet."""
    if comment.staff_id == listener.staff_id:
        return True
    if alone:
        return False
    match comment.audience:
        case Audience.AGENT:
            return listener.reach is not None
        case Audience.LEADERS:
            return listener.reach in (Reach.TEAM, Reach.ALL)
    return listener.reach is Reach.ALL and review_word in listener.powers
