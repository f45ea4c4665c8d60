"""Listening to recordings as the API takes and gives it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from recording.listening import Audience
from recording.listening_rules import Purpose
from recording.recordings import Mark, MarkKind, Silence

HEX_ID = r"^[0-9a-f]{32}$"
LINK = r"^[A-Za-z0-9_-]{43}$"
LONGEST_COMMENT, LONGEST_REASON, SHORTEST_REASON = 2000, 500, 10  # characters
LONGEST_S = 86_400.0  # seconds: no recording is longer
MOST_PARTS = 200  # of what a page tells at once

RecordingId = Annotated[str, Path(pattern=HEX_ID)]
PlaybackId = Annotated[str, Path(pattern=HEX_ID)]
CommentId = Annotated[str, Path(pattern=HEX_ID)]


def _or_nothing(given: object) -> object:
    return None if given == "" else given  # an empty field of a form


_Seconds = Annotated[
    Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)] | None, BeforeValidator(_or_nothing)
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BeginPlayback(_Body):
    """What for somebody is about to listen."""

    purpose: Purpose


class HeardParts(_Body):
    """What was played since it was told last, and whether the page is left."""

    parts: list[tuple[int, int]] = Field(
        [], max_length=MOST_PARTS, description="From and until, in milliseconds of the recording"
    )
    close: bool = False


class WriteComment(_Body):
    """What somebody says of a part of a recording."""

    playback_id: str = Field(pattern=HEX_ID, description="The playback in which it is written")
    comment_id: str | None = Field(None, pattern=HEX_ID, description="Chosen before: a retry is safe")
    from_s: float = Field(ge=0, le=LONGEST_S, allow_inf_nan=False)
    until_s: _Seconds = Field(None, description="Empty: one moment")
    audience: Audience = Audience.REVIEWERS
    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)


class WithdrawComment(_Body):
    """A comment that its writer takes back."""

    playback_id: str = Field(pattern=HEX_ID)


class AskDownload(_Body):
    """What for a copy leaves the house."""

    purpose: Purpose
    reason: str = Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON)


class MarkView(BaseModel):
    """A part of a recording with its meaning, in whole milliseconds. Of TALK: another agent begins there."""

    kind: MarkKind
    from_ms: int
    until_ms: int
    why: str  # of SILENCED: a word of `Silence`; else empty. Staff numbers are not told

    @classmethod
    def of(cls, mark: Mark, length_ms: int) -> "MarkView":
        """Return it; an open mark ends with the recording."""
        until = length_ms if mark.until_ms is None else mark.until_ms
        if mark.kind is MarkKind.NOTICE and mark.until_ms is None:
            until = mark.from_ms
        silent = mark.kind is MarkKind.SILENCED and mark.detail in {one.value for one in Silence}
        return cls(
            kind=mark.kind,
            from_ms=mark.from_ms,
            until_ms=max(until, mark.from_ms),
            why=mark.detail if silent else "",
        )


class CommentView(BaseModel):
    """A comment with who wrote it."""

    comment_id: str
    from_ms: int
    until_ms: int
    by: str
    at: datetime
    audience: Audience
    text: str
    mine: bool


class CommentList(BaseModel):
    """The comments that somebody may read, by place."""

    recording_id: str
    playback_id: str
    comments: list[CommentView]
    may_write: list[Audience]  # for whom; empty: they write none
    alone: bool  # others' comments are kept from who works blind


class PlaybackView(BaseModel):
    """A link to listen, and what stands beside it."""

    playback_id: str
    recording_id: str
    purpose: Purpose
    address: str  # of the sound, by ranges of bytes
    opens_within_s: int
    length_ms: int
    marks: list[MarkView]
    comments: CommentList


class PeaksView(BaseModel):
    """Levels of both sides, 0–255, one for each 100 ms; base64 of bytes."""

    ms: int = 100
    caller: str
    agent: str


class DownloadView(BaseModel):
    """A link to a marked copy, good once."""

    download_id: str
    recording_id: str
    address: str
    opens_within_s: int


def marks_of(marks: Sequence[Mark], length_ms: int) -> list[MarkView]:
    """Return marks as they are shown, by place.

    TALK is what is left without a mark, but for the moment from which another agent talks with the caller.
    """
    shown = [MarkView.of(mark, length_ms) for mark in marks if mark.kind is not MarkKind.TALK]
    talks = sorted((mark for mark in marks if mark.kind is MarkKind.TALK), key=lambda mark: mark.from_ms)
    for before, after in pairwise(talks):
        if after.detail != before.detail:
            at = after.from_ms
            shown.append(MarkView(kind=MarkKind.TALK, from_ms=at, until_ms=at, why=""))
    return sorted(shown, key=lambda mark: mark.from_ms)
