"""Leads on a database: leased, put off, settled. Two engines never hold the same lead.

On SQLite the write lock lets in one engine at a time; on PostgreSQL whoever comes second passes over rows
that another one is about to take (`SKIP LOCKED`). Only lists that may be dialled are looked at, so that an
expired or withdrawn list never stands in the way of the others.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.contacts import NPWP_KEY
from dialer.leads import FollowUp, Lead, LeadState, LeadsUnavailable
from dialer.lists import ListState
from dialer.rows_seen import KEY_BYTES
from domain.zones import Zone
from storage.campaign_tables import lead_batches, leads
from storage.database import Database, DatabaseProblem
from storage.lead_queue import AT_ONCE, IN_ORDER, due_statement
from storage.leads_rows import lead_of, selected, values_of
from storage.list_rows import ListRows
from storage.list_tables import contact_keys, lists
from storage.vault import Vault, VaultProblem

T = TypeVar("T")
_L, _B = leads.c, lead_batches.c
_PROMISED, _LATER = 0, 1
_TRIES = 3  # with ever more candidates, where another engine takes the same ones
_FREE: Mapping[str, Any] = {"leased_by": "", "leased_until": None}
# Made once: a lease is asked for many times a second, and SQLAlchemy takes longer to put them together than
# the database to answer.
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_LEASE = (
    sa.update(leads)
    .where(_L.lead_id.in_(_IDS))
    .values(leased_by=sa.bindparam("engine"), leased_until=sa.bindparam("until"))
)
_LEASED = selected().where(_L.lead_id.in_(_IDS))
# Rows that another engine is about to take are passed over; those that it took are seen as they are now.
_LOCK = (
    sa.select(_L.lead_id)
    .where(_L.lead_id.in_(_IDS), _L.state == LeadState.READY.value, _L.due_at <= sa.bindparam("now"))
    .where(sa.or_(_L.leased_until.is_(None), _L.leased_until <= sa.bindparam("now")))
    .with_for_update(skip_locked=True)
)
_BATCHES = (
    sa.select(_B.batch_id)
    .join(lists, lists.c.list_id == _B.list_id)
    .where(
        _B.campaign_id == sa.bindparam("campaign_id"),
        _B.completed_at.is_not(None),
        lists.c.state == ListState.APPROVED.value,
        lists.c.expires_on >= sa.bindparam("today"),
    )
    .order_by(_B.batch_id)
)


class DurableLeads:
    """A `dialer.leads.LeadStore` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._contacts = ListRows(vault)

    async def lease(
        self,
        campaign_id: str,
        zones: Collection[Zone],
        now: datetime,
        most: int,
        engine: str,
        until: datetime,
        owner: str = "",
    ) -> Sequence[Lead]:
        """Lease due leads of these zones, the longest due first, promised ones before all others."""
        if most < 1 or not zones:
            return []

        def lease(connection: Connection) -> Sequence[Any]:
            if not self._database.is_sqlite:
                connection.execute(IN_ORDER)
            places = [(batch, zone.value) for batch in _batches(connection, campaign_id, now)
                      for zone in sorted(zones)]  # fmt: skip
            taken: list[int] = []
            for rank in (_PROMISED, _LATER):
                wanted = most - len(taken)
                if wanted and places:
                    taken += self._take(connection, places, rank, wanted, now, owner)
            if not taken:
                return []
            connection.execute(_LEASE, {"ids": taken, "engine": engine, "until": until})
            return connection.execute(_LEASED, {"ids": taken}).all()

        rows = await self._write(lease)
        return sorted(self._leads(rows), key=lambda lead: (not lead.promised, lead.due_at, lead.lead_id))

    async def get(self, lead_id: int) -> Lead:
        """Return one. Raises KeyError."""
        query = selected().where(_L.lead_id == lead_id)
        rows = await self._read(lambda connection: connection.execute(query).all())
        if not rows:
            raise KeyError(lead_id)
        return self._leads(rows)[0]

    async def lead_of(self, campaign_id: str, npwp: str) -> int | None:
        """Return a taxpayer's lead (16 digits) in a campaign, the newest; None: there is none."""
        key = self._vault.lookup_key(NPWP_KEY + npwp)[:KEY_BYTES]
        query = (
            sa.select(_L.lead_id)
            .join(lead_batches, _B.batch_id == _L.batch_id)
            .join(contact_keys, contact_keys.c.contact_id == _L.contact_id)
            .where(contact_keys.c.key == key, _B.campaign_id == campaign_id, _B.completed_at.is_not(None))
            .order_by(_L.lead_id.desc())
            .limit(1)
        )
        return await self._read(lambda connection: connection.execute(query).scalar())

    async def ready(
        self, campaign_id: str, list_ids: Collection[str], after: int, most: int
    ) -> Sequence[Lead]:
        """Return READY leads of a campaign's lists by their number, those after one: to look at only."""
        query = (
            selected()
            .where(_B.campaign_id == campaign_id, _B.list_id.in_(list(list_ids)))
            .where(_B.completed_at.is_not(None), _L.state == LeadState.READY.value, _L.lead_id > after)
            .order_by(_L.lead_id)
            .limit(most)
        )
        # Opened in the thread that reads: the loop serves calls meanwhile.
        return await self._read(lambda connection: self._leads(connection.execute(query)))

    async def ready_by_list(self, campaign_id: str) -> Mapping[str, int]:
        """Return how many leads of each of a campaign's lists are READY."""
        query = (
            sa.select(_B.list_id, sa.func.count())
            .join(leads, _L.batch_id == _B.batch_id)
            .where(_B.campaign_id == campaign_id, _B.completed_at.is_not(None))
            .where(_L.state == LeadState.READY.value)
            .group_by(_B.list_id)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def held(self, lead_ids: Collection[int], engine: str, now: datetime) -> frozenset[int]:
        """Return which of these leads this engine still holds."""
        query = sa.select(_L.lead_id).where(
            _L.lead_id.in_(list(lead_ids)), _L.leased_by == engine, _L.leased_until > now
        )
        return frozenset(await self._read(lambda connection: connection.execute(query).scalars().all()))

    async def release(self, lead_id: int, engine: str, due_at: datetime, reason: str) -> None:
        """Give a lead back that was not dialled; it is due again then, `reason` says why."""
        mine = sa.and_(_L.lead_id == lead_id, _L.leased_by == engine)
        update = sa.update(leads).where(mine).values(due_at=due_at, reason=reason, **_FREE)
        await self._write(lambda connection: connection.execute(update))

    async def put_off(self, engine: str, what: Mapping[int, FollowUp]) -> None:
        """Give leads back that the gate refused; those it holds still."""

        def put_off(connection: Connection) -> None:
            for lead_id, follow_up in what.items():
                mine = sa.and_(_L.lead_id == lead_id, _L.leased_by == engine)
                connection.execute(sa.update(leads).where(mine).values(**values_of(follow_up), **_FREE))

        if what:
            await self._write(put_off)

    async def settle(
        self, lead_id: int, what: FollowUp, *, attempted: bool = True, only_leased: bool = False
    ) -> None:
        """Keep what follows from an outcome or a disposition, and end the lease if there is one."""
        attempts = _L.attempts + (1 if attempted else 0)
        here = _L.lead_id == lead_id
        which = sa.and_(here, _L.leased_by != "") if only_leased else here

        def settle(connection: Connection) -> bool:
            update = sa.update(leads).where(which)
            if connection.execute(update.values(**values_of(what), **_FREE, attempts=attempts)).rowcount:
                return True
            counted = sa.update(leads).where(here).values(attempts=attempts)
            return only_leased and connection.execute(counted).rowcount == 1

        if not await self._write(settle):
            raise KeyError(lead_id)

    async def reasons(self, campaign_id: str) -> Mapping[tuple[LeadState, str], int]:
        """Return how many leads there are by state and reason."""
        query = (
            sa.select(_L.state, _L.reason, sa.func.count())
            .join(lead_batches, _B.batch_id == _L.batch_id)
            .where(_B.campaign_id == campaign_id, _B.completed_at.is_not(None))
            .group_by(_L.state, _L.reason)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {(LeadState(row[0]), row[1]): row[2] for row in rows}

    def _take(
        self,
        connection: Connection,
        places: Sequence[tuple[int, str]],
        rank: int,
        most: int,
        now: datetime,
        owner: str,
    ) -> list[int]:
        """Return leads to lease; on PostgreSQL they are locked."""
        asked = {"now": now, "owner": owner, "rank": rank}
        locked: list[int] = []
        for times in range(1, _TRIES + 1):
            found = self._due(connection, places, asked, most * times)
            if self._database.is_sqlite:
                return found
            mine = set(connection.execute(_LOCK, {"ids": found, "now": now}).scalars()) if found else set()
            locked = [lead_id for lead_id in found if lead_id in mine][:most]
            if len(locked) == most or len(found) < most * times:
                break
        return locked

    def _due(
        self,
        connection: Connection,
        places: Sequence[tuple[int, str]],
        asked: Mapping[str, Any],
        most: int,
    ) -> list[int]:
        found: list[tuple[datetime, int]] = []
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            pairs: dict[str, Any] = {}
            for n, (batch, zone) in enumerate(some):
                pairs |= {f"batch{n}": batch, f"zone{n}": zone}
            statement = due_statement(len(some), most, sqlite=self._database.is_sqlite)
            found += [(row.due_at, row.lead_id) for row in connection.execute(statement, {**asked, **pairs})]
        return [lead_id for _, lead_id in sorted(found)[:most]]

    def _leads(self, rows: Iterable[Any]) -> list[Lead]:
        try:
            return [lead_of(row, self._contacts.contact(row)) for row in rows]
        except VaultProblem as error:
            raise LeadsUnavailable(str(error)) from error

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise LeadsUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            raise LeadsUnavailable(str(error)) from error


def _batches(connection: Connection, campaign_id: str, now: datetime) -> Sequence[int]:
    """Return the complete batches of lists that may be dialled today."""
    asked = {"campaign_id": campaign_id, "today": office_day(now)}
    return connection.execute(_BATCHES, asked).scalars().all()
