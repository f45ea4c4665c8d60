"""Thresholds of the wallboard and messages to agents, on a database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from reporting.wall_messages import Audience, Receipt, SentMessage, StaffMessage
from reporting.wall_thresholds import Measure, ThresholdChange, WallUnavailable
from storage.database import Database
from storage.kept import Kept
from storage.vault import Vault
from storage.wall_tables import wall_messages, wall_receipts, wall_thresholds

_T, _M, _R = wall_thresholds.c, wall_messages.c, wall_receipts.c


class DurableThresholds(Kept):
    """A `reporting.wall_thresholds.ThresholdStore`."""

    unavailable = WallUnavailable

    async def newest(self) -> Sequence[ThresholdChange]:
        """Return the newest change of every measure and queue."""
        last = sa.select(sa.func.max(_T.number)).group_by(_T.measure, _T.queue)
        query = sa.select(wall_thresholds).where(_T.number.in_(last)).order_by(_T.number)
        return await self._read(lambda connection: [_change(row) for row in connection.execute(query)])

    async def set(self, change: ThresholdChange) -> None:
        """Keep a change."""
        values = {
            "at": change.at,
            "who": change.who,
            "measure": change.measure.value,
            "queue": change.queue,
            "warn": change.warn,
            "alarm": change.alarm,
        }
        await self._write(lambda connection: connection.execute(sa.insert(wall_thresholds).values(values)))

    async def history(self, limit: int = 50) -> Sequence[ThresholdChange]:
        """Return the newest changes, newest first."""
        query = sa.select(wall_thresholds).order_by(_T.number.desc()).limit(limit)
        return await self._read(lambda connection: [_change(row) for row in connection.execute(query)])


class DurableMessages(Kept):
    """A `reporting.wall_messages.MessageStore`."""

    unavailable = WallUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def send(self, message: StaffMessage, agents: Sequence[str]) -> None:
        """Keep a message, with a receipt for each of these agents."""
        values = {
            "message_id": message.message_id,
            "at": message.at,
            "who": message.who,
            "audience": message.audience.value,
            "whom": message.whom,
            "until": message.until,
            "sealed_text": self._vault.seal(message.text.encode(), _text_at(message.message_id)),
        }
        receipts = [
            {"message_id": message.message_id, "agent": agent, "told_at": message.at} for agent in agents
        ]

        def work(connection: Connection) -> None:
            connection.execute(sa.insert(wall_messages).values(values))
            if receipts:
                connection.execute(sa.insert(wall_receipts), receipts)

        await self._write(work)

    async def open_for(self, agent: str, team: str, now: datetime) -> Sequence[StaffMessage]:
        """Return what an agent has yet to acknowledge, oldest first; it counts as shown."""
        found = await self._read(lambda connection: self._open(connection, agent, team, now))
        if unseen := [message.message_id for message, shown in found if not shown]:

            def work(connection: Connection) -> None:
                for message_id in unseen:
                    _receive(connection, message_id, agent, now)

            await self._write(work)
        return [message for message, _ in found]

    async def acknowledge(self, message_id: str, agent: str, team: str, now: datetime) -> bool:
        """Note that an agent read it; False: it was not for them. Idempotent."""
        query = sa.select(wall_messages).where(_M.message_id == message_id)

        def work(connection: Connection) -> bool:
            row = connection.execute(query).first()
            if row is None or not self._message(row).is_for(agent, team):
                return False
            _receive(connection, message_id, agent, now)
            mine = sa.and_(_R.message_id == message_id, _R.agent == agent, _R.acknowledged_at.is_(None))
            connection.execute(sa.update(wall_receipts).where(mine).values(acknowledged_at=now))
            return True

        return await self._write(work)

    async def recent(self, since: datetime, limit: int = 50) -> Sequence[SentMessage]:
        """Return the newest messages sent since then, newest first."""
        query = sa.select(wall_messages).where(_M.at >= since).order_by(_M.at.desc()).limit(limit)

        def work(connection: Connection) -> list[SentMessage]:
            messages = [self._message(row) for row in connection.execute(query)]
            ids = [message.message_id for message in messages]
            rows = connection.execute(
                sa.select(wall_receipts).where(_R.message_id.in_(ids)).order_by(_R.agent)
            )
            receipts: dict[str, list[Receipt]] = {}
            for row in rows:
                one = Receipt(row.agent, row.told_at, row.shown_at, row.acknowledged_at)
                receipts.setdefault(row.message_id, []).append(one)
            return [SentMessage(message, receipts.get(message.message_id, ())) for message in messages]

        return await self._read(work)

    def _open(
        self, connection: Connection, agent: str, team: str, now: datetime
    ) -> list[tuple[StaffMessage, bool]]:
        mine = sa.and_(_R.message_id == _M.message_id, _R.agent == agent)
        query = (
            sa.select(wall_messages, _R.shown_at)
            .join(wall_receipts, mine, isouter=True)
            .where(_M.until > now, _R.acknowledged_at.is_(None))
            .order_by(_M.at, _M.message_id)
        )
        found = [(self._message(row), row.shown_at is not None) for row in connection.execute(query)]
        return [one for one in found if one[0].is_for(agent, team)]

    def _message(self, row: Any) -> StaffMessage:
        return StaffMessage(
            row.message_id,
            row.at,
            row.who,
            Audience(row.audience),
            row.whom,
            row.until,
            self._vault.open(row.sealed_text, _text_at(row.message_id)).decode(),
        )


def _receive(connection: Connection, message_id: str, agent: str, now: datetime) -> None:
    """Note that a message was shown, of a latecomer too."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"message_id": message_id, "agent": agent, "told_at": now, "shown_at": now}
    connection.execute(insert(wall_receipts).values(values).on_conflict_do_nothing())
    unseen = sa.and_(_R.message_id == message_id, _R.agent == agent, _R.shown_at.is_(None))
    connection.execute(sa.update(wall_receipts).where(unseen).values(shown_at=now))


def _change(row: Any) -> ThresholdChange:
    return ThresholdChange(row.at, row.who, Measure(row.measure), row.queue, row.warn, row.alarm)


def _text_at(message_id: str) -> bytes:
    return f"wall_messages.text:{message_id}".encode()
