"""Promises that the dialer makes: each becomes a contact and a lead of a campaign of the service's own.

Promise, contact, lead and who belongs to whom are written in one transaction, so that no promise is called
twice and none is lost. Contacts of these lists count down from -1: ids above 0 belong to the lists that are
loaded, also while one is being read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.matters import MattersUnavailable, Moved
from desk.matters_callbacks import Handed, Purpose
from desk.working_days import office_day
from dialer.attempts import DialOutcome
from dialer.campaigns import CampaignState
from dialer.contacts import NPWP_KEY, NUMBER_KEY
from dialer.leads import LeadState
from dialer.lists import ListState
from dialer.rows import ReadRow
from dialer.rows_seen import KEY_BYTES
from dialer.rows_sieve import Kept
from domain.zones import Zone
from storage.attempt_tables import attempts
from storage.campaign_tables import campaigns, lead_batches, lead_leases, leads
from storage.database import Database, DatabaseProblem
from storage.list_known import OWN_SOURCE
from storage.list_rows import CONTACT_COLUMNS, ListRows
from storage.list_tables import contact_keys, contacts, lists
from storage.matter_work_tables import matter_callbacks
from storage.matters import DurableMatters
from storage.outbound_tables import outbound_dispositions
from storage.vault import Vault

T = TypeVar("T")
_C, _L, _B, _D = matter_callbacks.c, leads.c, lead_batches.c, outbound_dispositions.c
_A = attempts.c
_PROMISED = 0  # `leads.rank`


def source_of(purpose: Purpose) -> str:
    """Return the source of the lists of a purpose: one that nobody can give a list that is loaded."""
    return f"{OWN_SOURCE}matters:{purpose.value}"


@dataclass(frozen=True, slots=True)
class Place:
    """The campaign and list of a purpose, as they stand; an expired list is none."""

    purpose: Purpose
    campaign_id: str
    list_id: str
    batch_id: int
    state: CampaignState


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom a promise is to. `npwp`: 16 digits; empty: nobody's in the register."""

    number: str = field(repr=False)  # E.164 digits
    name: str = field(repr=False)
    npwp: str = field(repr=False)
    zone: Zone
    due_at: datetime
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeadNow:
    """How the lead of a promise stands."""

    handed: Handed
    state: LeadState
    reason: str  # the last outcome or disposition, or why nobody is called
    since: datetime  # when it came to stand so; of a READY one: when it is due
    leased: bool  # it is being dialled, or shown to an agent
    unspoken: bool  # somebody was talked to, and the agent has not said yet what came of it
    campaign: CampaignState
    spoken_by: str = ""  # staff_id of the last disposition
    call_id: str = ""
    calls: int = 0  # that were made, or begun


class DurableMatterCallbacks:
    """A `desk.matters_callbacks.CallbackBook` on a database, and what hands promises over."""

    def __init__(self, database: Database, vault: Vault, matters: DurableMatters) -> None:
        self._database, self._vault, self._matters = database, vault, matters
        self._rows = ListRows(vault)

    async def places(self, now: datetime) -> Mapping[Purpose, Place]:
        """Return where promises of each purpose go; a purpose without a list that is good is left out."""
        purposes = {source_of(one): one for one in Purpose}
        query = (
            sa.select(lists.c.source, lists.c.list_id, _B.batch_id, _B.campaign_id, campaigns.c.state)
            .join(lead_batches, _B.list_id == lists.c.list_id)
            .join(campaigns, campaigns.c.campaign_id == _B.campaign_id)
            .where(
                lists.c.source.in_(list(purposes)),
                lists.c.state == ListState.APPROVED.value,
                lists.c.expires_on >= office_day(now),
                _B.completed_at.is_not(None),
            )
            .order_by(_B.batch_id)  # of several the newest
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {
            purpose: Place(purpose, row.campaign_id, row.list_id, row.batch_id, CampaignState(row.state))
            for row in rows
            for purpose in (purposes[row.source],)
        }

    async def hand(self, moved: Moved, callee: Callee, place: Place, round_: int) -> Handed:
        """Keep a promise's step and make its lead, all or nothing. Raises MatterChanged."""
        at = moved.event.at

        def work(connection: Connection) -> Handed:
            self._matters.write_step(connection, moved)
            contact_id = self._add_contact(connection, callee, place)
            lead = sa.insert(leads).values(_lead(place, contact_id, callee)).returning(_L.lead_id)
            lead_id = connection.execute(lead).scalar_one()
            mine = sa.update(lead_batches).where(_B.batch_id == place.batch_id)
            connection.execute(mine.values(leads=_B.leads + 1))  # a loaded list is counted when it is added
            promise_id = moved.matter.matter_id
            row = {
                "matter_id": promise_id,
                "round": round_,
                "lead_id": lead_id,
                "campaign_id": place.campaign_id,
                "purpose": place.purpose.value,
                "handed_at": at,
                "outcome": "",
            }
            connection.execute(sa.insert(matter_callbacks).values(row))
            return Handed(promise_id, round_, lead_id, place.campaign_id, place.purpose)

        return await self._write(work)

    async def settle(
        self, handed: Handed, outcome: str, at: datetime, *steps: Moved, new: Sequence[Moved] = ()
    ) -> None:
        """Note how it ended, with the steps that follow and new matters, all or nothing.

        The lead is not dialled again. Raises MatterChanged, CodeTaken.
        """
        mine = sa.and_(_C.matter_id == handed.promise_id, _C.round == handed.round)
        over = sa.update(matter_callbacks).where(mine, _C.settled_at.is_(None))
        ready = sa.and_(_L.lead_id == handed.lead_id, _L.state == LeadState.READY.value)
        done = sa.update(leads).where(ready).values(state=LeadState.DONE.value, due_at=at, reason=outcome)

        def work(connection: Connection) -> None:
            for step in steps:
                self._matters.write_step(connection, step)
            for made in new:
                self._matters.write_new(connection, made)
            connection.execute(over.values(settled_at=at, outcome=outcome))
            connection.execute(done)

        await self._write(work)

    async def standing(self, now: datetime) -> Sequence[LeadNow]:
        """Return how the leads of running ones stand."""
        running = sa.select(_C.lead_id).where(_C.settled_at.is_(None))
        last = sa.select(_D.lead_id, sa.func.max(_D.at).label("at")).where(_D.lead_id.in_(running))
        spoke = last.group_by(_D.lead_id).subquery()
        newest = sa.and_(_D.lead_id == spoke.c.lead_id, _D.at == spoke.c.at)
        spoken = sa.select(_D.lead_id, _D.done_by, _D.call_id).join(spoke, newest).subquery()
        said = sa.exists().where(_D.attempt_id == _A.attempt_id)
        unspoken = sa.exists().where(_A.lead_id == _C.lead_id, _A.outcome == DialOutcome.TALKED.value, ~said)
        query = (
            sa.select(
                matter_callbacks,
                _L.state,
                _L.reason,
                _L.due_at,
                _L.attempts,
                unspoken.label("unspoken"),
                lead_leases.c.until,
                campaigns.c.state.label("campaign"),
                spoken.c.done_by,
                spoken.c.call_id,
            )
            .join(leads, _L.lead_id == _C.lead_id)
            .join(campaigns, campaigns.c.campaign_id == _C.campaign_id)
            .outerjoin(lead_leases, lead_leases.c.lead_id == _C.lead_id)
            .outerjoin(spoken, spoken.c.lead_id == _C.lead_id)
            .where(_C.settled_at.is_(None))
            .order_by(_C.handed_at)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [
            LeadNow(
                _handed(row),
                LeadState(row.state),
                row.reason,
                row.due_at,
                row.until is not None and row.until > now,
                bool(row.unspoken),
                CampaignState(row.campaign),
                row.done_by or "",
                row.call_id or "",
                row.attempts,
            )
            for row in rows
        ]

    async def running(self) -> Sequence[Handed]:
        """Return those that the dialer has now."""
        return await self._several(_C.settled_at.is_(None))

    async def of_promise(self, promise_id: str) -> Sequence[Handed]:
        """Return every round of a promise, first to last."""
        return await self._several(_C.matter_id == promise_id)

    async def of_lead(self, lead_id: int) -> Handed | None:
        """Return the promise that a lead of the dialer is; None: it is none."""
        return next(iter(await self._several(_C.lead_id == lead_id)), None)

    async def _several(self, which: "sa.ColumnElement[bool]") -> Sequence[Handed]:
        query = sa.select(matter_callbacks).where(which).order_by(_C.handed_at, _C.round)
        return [_handed(row) for row in await self._read(lambda one: one.execute(query).all())]

    def _add_contact(self, connection: Connection, callee: Callee, place: Place) -> int:
        least = connection.execute(sa.select(sa.func.min(contacts.c.contact_id))).scalar()
        contact_id: int = min(least or 0, 0) - 1
        number_key = self._key(NUMBER_KEY + callee.number)
        # Whoever is not in the register is their number, for the caps on attempts.
        taxpayer_key = self._key(NPWP_KEY + callee.npwp) if callee.npwp else number_key
        fields = dict(callee.fields)
        read = ReadRow(-contact_id, callee.npwp, callee.name, (callee.number,), callee.zone, "", fields)
        kept = Kept(read, contact_id, taxpayer_key, (callee.number,), (number_key,))
        row = self._rows.contact_row(place.list_id, kept)
        connection.execute(sa.insert(contacts).values(dict(zip(CONTACT_COLUMNS, row, strict=True))))
        for key in {taxpayer_key, number_key}:
            connection.execute(sa.insert(contact_keys).values(key=key, contact_id=contact_id))
        return contact_id

    def _key(self, text: str) -> bytes:
        return self._vault.lookup_key(text)[:KEY_BYTES]

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error


def _lead(place: Place, contact_id: int, callee: Callee) -> dict[str, Any]:
    return {
        "batch_id": place.batch_id,
        "contact_id": contact_id,
        "zone": callee.zone.value,
        "state": LeadState.READY.value,
        "rank": _PROMISED,
        "due_at": callee.due_at,
        **dict.fromkeys(("attempts", "number", "dead_numbers"), 0),
        **dict.fromkeys(("owner", "reason"), ""),
    }


def _handed(row: Any) -> Handed:
    return Handed(row.matter_id, row.round, row.lead_id, row.campaign_id, Purpose(row.purpose))
