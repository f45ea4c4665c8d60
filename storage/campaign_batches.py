"""Leads out of a list's contacts: made in short transactions, seen all at once or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.campaigns import Campaign, CampaignChanged, CampaignRefused
from dialer.control import THRESHOLD_BYTES, threshold
from dialer.leads import LeadState
from dialer.lists import ListState
from storage.campaign_tables import lead_batches, leads
from storage.database import Database
from storage.list_tables import contacts, lists
from storage.tables import UtcTime

_B = lead_batches.c
# A transaction of so many leads takes about a tenth of a second: calls' records wait no longer for SQLite.
_AT_ONCE = 10_000
_LATER_RANK = 1  # 0: promised
_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """One list's leads in the making."""

    batch_id: int
    list_id: str
    control_share: float
    at: datetime


class Batches:
    """Makes them. Every method raises `storage.database.DatabaseProblem`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, campaign: Campaign, list_id: str, by: str, at: datetime) -> Batch:
        """Begin, or take up what broke off. Raises CampaignRefused: the list may not be used."""

        def begin(connection: Connection) -> Batch:
            found = connection.execute(
                sa.select(lead_batches).where(_B.campaign_id == campaign.campaign_id, _B.list_id == list_id)
            ).one_or_none()
            if found is not None and found.completed_at is not None:
                raise CampaignRefused("list", "added", list_id)
            _check_list(connection, list_id, at)
            if found is not None:
                return Batch(found.batch_id, list_id, found.control_share, found.added_at)
            share = campaign.definition.control_share
            values: dict[str, Any] = {
                "campaign_id": campaign.campaign_id,
                "list_id": list_id,
                "added_by": by,
                "added_at": at,
                "control_share": share,
                **dict.fromkeys(("made_up_to", "leads", "control"), 0),
            }
            insert = sa.insert(lead_batches).values(values).returning(_B.batch_id)
            return Batch(connection.execute(insert).scalar_one(), list_id, share, at)

        return await self._database.write(begin)

    async def make_some(self, batch: Batch, most: int = _AT_ONCE) -> bool:
        """Make the next leads; False: none was left. Raises CampaignChanged: another process makes them."""

        def make(connection: Connection) -> bool:
            done: int = connection.execute(
                sa.select(_B.made_up_to).where(_B.batch_id == batch.batch_id)
            ).scalar_one()
            upto = _end_of_chunk(connection, batch.list_id, done, most)
            if upto is None:
                return False
            mine = sa.and_(_B.batch_id == batch.batch_id, _B.made_up_to == done, _B.completed_at.is_(None))
            update = sa.update(lead_batches).where(mine).values(made_up_to=upto)
            if connection.execute(update).rowcount != 1:
                raise CampaignChanged
            connection.execute(_insert(batch, done, upto))
            return True

        return await self._database.write(make)

    async def complete(self, batch: Batch, at: datetime, record: Callable[[Connection, str], None]) -> int:
        """Let the leads be seen; return how many there are. `record` is told what was done."""

        def complete(connection: Connection) -> int:
            query = (
                sa.select(leads.c.state, sa.func.count())
                .where(leads.c.batch_id == batch.batch_id)
                .group_by(leads.c.state)
            )
            counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
            control, made = counts.get(LeadState.CONTROL.value, 0), sum(counts.values())
            mine = sa.and_(_B.batch_id == batch.batch_id, _B.completed_at.is_(None))
            update = sa.update(lead_batches).where(mine)
            if connection.execute(update.values(completed_at=at, leads=made, control=control)).rowcount != 1:
                raise CampaignChanged
            record(connection, f"list added: {batch.list_id}, {made} leads, {control} of them control")
            return made

        return await self._database.write(complete)


def _check_list(connection: Connection, list_id: str, at: datetime) -> None:
    query = sa.select(lists.c.state, lists.c.expires_on).where(lists.c.list_id == list_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise CampaignRefused("list", "unknown", list_id)
    if found.state != ListState.APPROVED.value:
        raise CampaignRefused("list", "not_approved", list_id)
    if found.expires_on < office_day(at):
        raise CampaignRefused("list", "expired", list_id)


def _end_of_chunk(connection: Connection, list_id: str, done: int, most: int) -> int | None:
    c = contacts.c
    rest = sa.select(c.contact_id).where(c.list_id == list_id, c.contact_id > done)
    chunk = rest.order_by(c.contact_id).limit(most).subquery()
    found: int | None = connection.execute(sa.select(sa.func.max(chunk.c.contact_id))).scalar()
    return found


def _insert(batch: Batch, done: int, upto: int) -> "sa.Insert":
    c = contacts.c
    least = threshold(batch.control_share)
    state: sa.ColumnElement[str] = sa.literal(LeadState.READY.value)
    if least is None:
        state = sa.literal(LeadState.CONTROL.value)
    else:
        tail = sa.func.substr(c.taxpayer_key, _KEY_BYTES - THRESHOLD_BYTES + 1, THRESHOLD_BYTES)
        below = tail < sa.literal(least, sa.LargeBinary)
        state = sa.case((below, sa.literal(LeadState.CONTROL.value)), else_=state)
    values: dict[str, sa.ColumnElement[Any]] = {
        "batch_id": sa.literal(batch.batch_id),
        "contact_id": c.contact_id,
        "zone": c.zone,
        "state": state,
        "rank": sa.literal(_LATER_RANK),
        "due_at": sa.literal(batch.at, UtcTime),
        **{name: sa.literal(0) for name in ("attempts", "number", "dead_numbers")},
        **{name: sa.literal("") for name in ("owner", "reason")},
    }
    rows = (
        sa.select(*(value.label(name) for name, value in values.items()))
        .where(c.list_id == batch.list_id, c.contact_id > done, c.contact_id <= upto)
        .order_by(c.contact_id)
    )
    return sa.insert(leads).from_select(list(values), rows)
