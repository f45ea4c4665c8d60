"""Leads on a database: leased, put off, settled. Two engines never hold the same lead.

A lease is a row of its own, unique by its lead: whoever writes it first has it, on SQLite under the write
lock, on PostgreSQL by the unique key. Only lists that may be dialled are looked at, so that an expired or
withdrawn list never stands in the way of the others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.contacts import NPWP_KEY
from dialer.leads import FollowUp, Lead, LeadState, LeadsUnavailable
from dialer.lists import ListState
from dialer.rows_seen import KEY_BYTES
from domain.zones import Zone
from storage.campaign_tables import lead_batches, lead_leases, leads
from storage.database import Database
from storage.kept import Kept
from storage.lead_queue import AT_ONCE, IN_ORDER, due_statement
from storage.leads_rows import PUT_OFF, lead_of, selected, to_values, values_of
from storage.list_rows import ListRows
from storage.list_tables import contact_keys, lists
from storage.tables import UtcTime
from storage.vault import Vault, VaultProblem

_L, _B, _E = leads.c, lead_batches.c, lead_leases.c
_PROMISED, _LATER = 0, 1
_TRIES = 3  # where another engine takes the same ones
# Made once: a lease is asked for many times a second, and SQLAlchemy takes longer to put them together than
# the database to answer.
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
# One that was settled at the same moment is left out: it is not due any more.
_LEASED = selected().where(
    _L.lead_id.in_(_IDS), _L.state == LeadState.READY.value, _L.due_at <= sa.bindparam("now")
)
# In the order of the leads, so that two engines do not wait for each other crosswise. A lease that ran out is
# taken over, one that holds is not returned.
_LEASE = sa.text(
    "INSERT INTO lead_leases (lead_id, engine, until) SELECT lead_id, :engine, :until FROM leads "
    "WHERE lead_id IN :ids AND state = 'ready' AND due_at <= :now ORDER BY lead_id "
    "ON CONFLICT (lead_id) DO UPDATE SET engine = excluded.engine, until = excluded.until "
    "WHERE lead_leases.until <= :now RETURNING lead_id"
).bindparams(_IDS, sa.bindparam("now", type_=UtcTime), sa.bindparam("until", type_=UtcTime))
_RELEASE = (
    sa.update(leads)
    .where(_L.lead_id == sa.bindparam("this_lead"))
    .values(due_at=sa.bindparam("to_due_at"), reason=sa.bindparam("to_reason"))
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


class DurableLeads(Kept):
    """A `dialer.leads.LeadStore` on a database."""

    unavailable = LeadsUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
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
            asked = {"now": now, "owner": owner, "engine": engine, "until": until}
            taken: list[int] = []
            for rank in (_PROMISED, _LATER):
                wanted = most - len(taken)
                if wanted and places:
                    taken += self._take(connection, places, wanted, {**asked, "rank": rank})
            return connection.execute(_LEASED, {"ids": taken, "now": now}).all() if taken else []

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
        query = _mine(lead_ids, engine).where(_E.until > now)
        return frozenset(await self._read(lambda connection: connection.execute(query).scalars().all()))

    async def release(self, lead_id: int, engine: str, due_at: datetime, reason: str) -> None:
        """Give a lead back that was not dialled; it is due again then, `reason` says why."""
        await self._give_back(engine, {lead_id: {"to_due_at": due_at, "to_reason": reason}}, _RELEASE)

    async def put_off(self, engine: str, what: Mapping[int, FollowUp]) -> None:
        """Give leads back that the gate refused; those it holds still."""
        values = {lead_id: to_values(one) for lead_id, one in what.items()}
        await self._give_back(engine, values, PUT_OFF)

    async def settle(
        self, lead_id: int, what: FollowUp, *, attempted: bool = True, only_leased: bool = False
    ) -> None:
        """Keep what follows from an outcome or a disposition, and end the lease if there is one."""
        counted: dict[str, Any] = {"attempts": _L.attempts + (1 if attempted else 0)}

        def settle(connection: Connection) -> int:
            lease = sa.delete(lead_leases).where(_E.lead_id == lead_id)
            leased = connection.execute(lease).rowcount > 0
            values = counted if only_leased and not leased else {**values_of(what), **counted}
            return connection.execute(sa.update(leads).where(_L.lead_id == lead_id).values(values)).rowcount

        if await self._write(settle) != 1:
            raise KeyError(lead_id)

    async def _give_back(self, engine: str, what: Mapping[int, Mapping[str, Any]], how: sa.Update) -> None:
        def give_back(connection: Connection) -> None:
            # Locked on PostgreSQL: another engine could take over a lease that ran out.
            mine = connection.execute(_mine(what, engine).with_for_update()).scalars().all()
            if mine:  # in the order of their ids: two transactions never wait for each other's rows
                rows = [{"this_lead": lead_id, **what[lead_id]} for lead_id in sorted(mine)]
                connection.execute(how, rows)
                connection.execute(sa.delete(lead_leases).where(_E.lead_id.in_(mine)))

        if what:
            await self._write(give_back)

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
        most: int,
        asked: Mapping[str, Any],
    ) -> list[int]:
        """Lease leads of one rank; return which. What another engine takes meanwhile is made up for."""
        taken: list[int] = []
        for _ in range(_TRIES):
            wanted = most - len(taken)
            found = self._due(connection, places, asked, wanted)
            if found:
                taken += connection.execute(_LEASE, {**asked, "ids": found}).scalars().all()
            if len(taken) == most or len(found) < wanted:
                break
        return taken

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


def _mine(lead_ids: Collection[int], engine: str) -> "sa.Select[Any]":
    return sa.select(_E.lead_id).where(_E.lead_id.in_(list(lead_ids)), _E.engine == engine)


def _batches(connection: Connection, campaign_id: str, now: datetime) -> Sequence[int]:
    """Return the complete batches of lists that may be dialled today."""
    asked = {"campaign_id": campaign_id, "today": office_day(now)}
    return connection.execute(_BATCHES, asked).scalars().all()
