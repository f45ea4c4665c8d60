"""Announcements that are on, on a database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from ivr.announcements import Announcement, AnnouncementsUnavailable
from storage.kept import Kept
from storage.wall_tables import announcement_ends, announcements

_A, _E = announcements.c, announcement_ends.c
_WITH_END = sa.select(announcements, _E.at.label("ended_at"), _E.who.label("ended_by")).join(
    announcement_ends, _E.announcement_id == _A.announcement_id, isouter=True
)


class DurableAnnouncements(Kept):
    """An `ivr.announcements.AnnouncementStore`."""

    unavailable = AnnouncementsUnavailable

    async def coming(self, now: datetime) -> Sequence[Announcement]:
        """Return those that are on or will be, oldest switch first."""
        query = _WITH_END.where(_A.ends > now, _E.at.is_(None)).order_by(_A.at, _A.announcement_id)
        return await self._read(lambda connection: [_announcement(row) for row in connection.execute(query)])

    async def recent(self, limit: int = 20) -> Sequence[Announcement]:
        """Return the newest ones, newest first."""
        query = _WITH_END.order_by(_A.at.desc(), _A.announcement_id).limit(limit)
        return await self._read(lambda connection: [_announcement(row) for row in connection.execute(query)])

    async def begin(self, announcement: Announcement) -> None:
        """Keep one."""
        values = {
            "announcement_id": announcement.announcement_id,
            "at": announcement.at,
            "who": announcement.who,
            "prompt": announcement.prompt,
            "begins": announcement.begins,
            "ends": announcement.ends,
        }
        await self._write(lambda connection: connection.execute(sa.insert(announcements).values(values)))

    async def end(self, announcement_id: str, at: datetime, who: str) -> bool:
        """Switch one off; False: there is no such one. Idempotent: the first end stays."""
        known = sa.select(_A.announcement_id).where(_A.announcement_id == announcement_id)
        values = {"announcement_id": announcement_id, "at": at, "who": who}

        def work(connection: Connection) -> bool:
            if connection.execute(known).first() is None:
                return False
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            connection.execute(insert(announcement_ends).values(values).on_conflict_do_nothing())
            return True

        return await self._write(work)


def _announcement(row: Any) -> Announcement:
    return Announcement(
        row.announcement_id, row.at, row.who, row.prompt, row.begins, row.ends, row.ended_at,
        row.ended_by or "",
    )  # fmt: skip
