"""Announcements: a prompt that every caller hears before anything else, from and until a time.

Which prompts may be announced follows from their name in the catalogue: `announce_…`. The verb `broadcast`
of a flow asks for the one in force; nothing is asked of the database while a caller waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.clock import Clock
from ivr.look_ups import Answer

PREFIX = "announce_"
SHIPPED = (
    "announce_system_trouble",
    "announce_maintenance",
    "announce_busy",
    "announce_fraud",
    "announce_deadline",
)
"""In the order in which they are offered; those of an installation's own catalogue follow."""
LONGEST = timedelta(days=31)  # one that is forgotten must end by itself
NONE = Answer("none")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A prompt that is on for a while."""

    announcement_id: str
    at: datetime  # when it was switched on
    who: str  # staff_id
    prompt: str
    begins: datetime
    ends: datetime
    ended_at: datetime | None = None  # switched off before its time
    ended_by: str = ""

    def is_on(self, now: datetime) -> bool:
        """Whether callers hear it at a moment."""
        return self.ended_at is None and self.begins <= now < self.ends

    def is_over(self, now: datetime) -> bool:
        """Whether nobody hears it any more."""
        return self.ended_at is not None or self.ends <= now


class BadAnnouncement(Exception):
    """It cannot be switched on: `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str) -> None:
        super().__init__(f"{place}: {word}")
        self.word, self.place = word, place


class AnnouncementsUnavailable(Exception):
    """Announcements cannot be read or written at the moment."""


class AnnouncementStore(Protocol):
    """Keeps announcements. Raises AnnouncementsUnavailable."""

    async def coming(self, now: datetime) -> Sequence[Announcement]:
        """Return those that are on or will be, oldest switch first."""
        ...

    async def recent(self, limit: int = 20) -> Sequence[Announcement]:
        """Return the newest ones, newest first."""
        ...

    async def begin(self, announcement: Announcement) -> None:
        """Keep one."""
        ...

    async def end(self, announcement_id: str, at: datetime, who: str) -> bool:
        """Switch one off; False: there is no such one. Idempotent: the first end stays."""
        ...


def check(announcement: Announcement, prompts: Iterable[str]) -> None:
    """Refuse what cannot be switched on. Raises BadAnnouncement."""
    if announcement.prompt not in prompts:
        raise BadAnnouncement("unknown_prompt", "prompt")
    if announcement.ends <= announcement.begins:
        raise BadAnnouncement("ends_first", "ends")
    if announcement.ends <= announcement.at:
        raise BadAnnouncement("over_already", "ends")
    if announcement.ends - announcement.begins > LONGEST:
        raise BadAnnouncement("too_long", "ends")


def offered(prompts: Iterable[str]) -> tuple[str, ...]:
    """Return which of a catalogue's prompts may be announced."""
    there = {name for name in prompts if name.startswith(PREFIX)}
    return (*(name for name in SHIPPED if name in there), *sorted(there - set(SHIPPED)))


class Announcing:
    """The look-up `announcement`: the one switched on last of those that are on now."""

    def __init__(self, clock: Clock) -> None:
        self.known: Sequence[Announcement] = ()  # whoever learns of a change assigns it
        self._clock = clock

    def on_now(self) -> Announcement | None:
        """Return what callers hear now."""
        now = self._clock.now()
        on = [one for one in self.known if one.is_on(now)]
        return max(on, key=lambda one: one.at, default=None)

    def announcement(self, _arguments: Mapping[str, str]) -> Answer:
        """Answer `on` with the prompt's name, or `none`."""
        found = self.on_now()
        return NONE if found is None else Answer("on", {"announced": found.prompt})
