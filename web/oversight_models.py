"""What the page of alarms and states of recordings shows, and what it takes."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from recording.alarms import urgency
from recording.recordings import Alarm
from web.oversight_port import Overview, Wish
from web.texts import Texts


class AlarmView(BaseModel):
    """An alarm."""

    alarm_id: int
    kind: str
    title: str
    detail: str = Field(description="In words; never personal")
    recording_id: str
    at_once: bool = Field(description="Recordings are being lost, or were tampered with")
    raised_at: datetime
    cleared_at: datetime | None
    seen_by: str = Field(description="staff_id of who took note of it")


class StateView(BaseModel):
    """Recordings in one state."""

    state: str
    count: int
    oldest: datetime | None


class RoomView(BaseModel):
    """A place that recordings need."""

    names: list[str] = Field(description="spool, store, records: those on one file system together")
    percent: float = Field(description="Left of all")
    free: int = Field(description="Bytes")
    level: str = Field(description="Empty, low, short or critical")


class WishView(BaseModel):
    """A destruction outside the retention table that waits for a second person."""

    recording_id: str
    at: datetime
    reason: str
    by: str
    mine: bool = Field(description="Asked by the visitor: somebody else confirms it")


class OversightView(BaseModel):
    """Alarms and states of all recordings."""

    at: datetime
    open: list[AlarmView]
    over: list[AlarmView] = Field(description="The newest ones that are over")
    counted_at: datetime | None
    states: list[StateView]
    due: int = Field(description="Their time is over and nothing was done yet")
    unfinished: int = Field(description="Destroyed, and bytes may still be in the store")
    rooms: list[RoomView]
    checked_at: datetime | None = Field(description="When manifest, files and store were checked last")
    wishes: list[WishView]


class NoticeView(BaseModel):
    """How many alarms are open."""

    alarms: int
    at_once: int
    unseen: int


class HoldView(BaseModel):
    """What a recording is held for."""

    recording_id: str
    held_for: list[str]


class ReasonBody(BaseModel):
    """A reason of the retention table; for a hold also `word:what exactly`."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=64, pattern=r"^[a-z_]{1,32}(:[A-Za-z0-9 ./_-]{1,31})?$")


def alarm_view(texts: Texts, language: str, alarm: Alarm) -> AlarmView:
    """Return an alarm in words."""
    return AlarmView(
        alarm_id=alarm.alarm_id,
        kind=alarm.kind.value,
        title=texts.say(language, f"oversight_alarm.{alarm.kind}"),
        detail=detail_words(texts, language, alarm.detail),
        recording_id=alarm.recording_id,
        at_once=bool(urgency(alarm.kind, alarm.detail) > 1),
        raised_at=alarm.raised_at,
        cleared_at=alarm.cleared_at,
        seen_by=alarm.seen_by,
    )


def detail_words(texts: Texts, language: str, detail: str) -> str:
    """Return an alarm's detail, words apart by colons, in words; what has no text is shown as it is."""

    def said(word: str) -> str:
        name = f"oversight_detail.{word}"
        return texts.say(language, name) if name in texts else word.replace("_", " ")

    return ": ".join(said(word) for word in detail.split(":") if word)


def oversight_view(
    at: datetime,
    alarms: Sequence[AlarmView],
    over: Sequence[AlarmView],
    wishes: Sequence[WishView],
    overview: Overview,
) -> OversightView:
    """Return what the page shows."""
    states = [StateView(state=one.state.value, count=one.count, oldest=one.oldest) for one in overview.states]
    rooms = [
        RoomView(names=list(one.names), percent=round(one.percent, 1), free=one.free, level=one.level)
        for one in overview.rooms
    ]
    return OversightView(
        at=at,
        open=list(alarms),
        over=list(over),
        counted_at=overview.counted_at,
        states=states,
        due=overview.due,
        unfinished=overview.unfinished,
        rooms=rooms,
        checked_at=overview.checked_at,
        wishes=list(wishes),
    )


def wish_view(wish: Wish, visitor: str) -> WishView:
    """Return what waits for a second person, as a visitor (staff_id) sees it."""
    return WishView(
        recording_id=wish.recording_id, at=wish.at, reason=wish.reason, by=wish.by, mine=wish.by == visitor
    )
