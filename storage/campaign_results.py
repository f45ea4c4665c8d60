"""What came of a campaign's leads: counts, and one row for each, read page by page."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.attempts import AttemptState, DialOutcome
from dialer.leads import LeadState
from dialer.reasons import WhyNot
from dialer.results import ResultFigures, ResultRow
from storage.attempt_tables import attempts
from storage.campaign_counts import SENT, check_known, read_figures
from storage.campaign_tables import lead_batches, leads
from storage.database import Database
from storage.list_rows import ListRows
from storage.list_tables import contacts, lists
from storage.outbound_tables import outbound_dispositions
from storage.survey_marks import survey_marks
from storage.vault import Vault

_A, _L, _B, _D = attempts.c, leads.c, lead_batches.c, outbound_dispositions.c
_PAGE = 1000  # leads read at once
_WHYS = frozenset(why.value for why in WhyNot)


@dataclass(frozen=True, slots=True)
class _Batch:
    """One list's leads."""

    batch_id: int
    list_id: str
    order_number: str


@dataclass(slots=True)
class _Tried:
    """A lead's attempts."""

    attempts: int = 0
    last_at: datetime | None = None
    outcome: str = ""  # of the last one that is over


class CampaignResults:
    """Reads results. Every read has a thread of its own: nobody who serves calls waits for it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._rows = ListRows(vault)

    async def figures(self, campaign_id: str) -> ResultFigures:
        """Return counts. Raises KeyError, LiveUnavailable."""
        return await asyncio.to_thread(
            read_figures, self._database, lambda connection: _figures(connection, campaign_id)
        )

    async def rows(self, campaign_id: str) -> AsyncIterator[Sequence[ResultRow]]:
        """Yield every lead, batch by batch, in the order of lists and rows; control groups too.

        Raises KeyError, LiveUnavailable.
        """
        batches = await asyncio.to_thread(
            read_figures, self._database, lambda connection: _batches(connection, campaign_id)
        )
        for batch in batches:
            after = 0
            while (found := await asyncio.to_thread(self._page, campaign_id, batch, after)) is not None:
                after, rows = found
                if rows:
                    yield rows

    def _page(self, campaign_id: str, batch: _Batch, after: int) -> tuple[int, Sequence[ResultRow]] | None:
        """Return the leads of the next contacts, and the last of these; None: there are none."""
        return read_figures(
            self._database, lambda connection: self._read_page(connection, campaign_id, batch, after)
        )

    def _read_page(
        self, connection: Connection, campaign_id: str, batch: _Batch, after: int
    ) -> tuple[int, Sequence[ResultRow]] | None:
        c = contacts.c
        query = sa.select(contacts).where(c.list_id == batch.list_id, c.contact_id > after)
        people = connection.execute(query.order_by(c.contact_id).limit(_PAGE)).all()
        if not people:
            return None
        found = _leads(connection, batch, [row.contact_id for row in people])
        ids = {row.lead_id for row in found.values()}
        tried = _tried(connection, campaign_id, ids, [row.taxpayer_key for row in people])
        said = _said(connection, ids)
        rows = [
            self._row(batch, row, lead, tried.get(lead.lead_id, _Tried()), said.get(lead.lead_id))
            for row in people
            if (lead := found.get(row.contact_id)) is not None
        ]
        return people[-1].contact_id, rows

    def _row(self, batch: _Batch, row: Any, lead: Any, tried: _Tried, said: Any) -> ResultRow:
        person = self._rows.contact(row).person
        promised: date | None = None if said is None else said.promised_on
        return ResultRow(
            order_number=batch.order_number,
            row=row.row,
            npwp=person.npwp,
            name=person.name,
            outcome=tried.outcome if tried.attempts else _why_not_dialled(lead),
            disposition="" if said is None else said.code,
            attempts=tried.attempts,
            last_at=tried.last_at,
            promised_on=promised,
        )


def _why_not_dialled(lead: Any) -> str:
    if lead.state == LeadState.CONTROL:
        return WhyNot.CONTROL_GROUP.value
    return lead.reason if lead.reason in _WHYS else ""


def _batches(connection: Connection, campaign_id: str) -> Sequence[_Batch]:
    check_known(connection, campaign_id)
    query = (
        sa.select(_B.batch_id, _B.list_id, lists.c.order_number)
        .join(lists, lists.c.list_id == _B.list_id)
        .where(_B.campaign_id == campaign_id, _B.completed_at.is_not(None))
        .order_by(_B.batch_id)
    )
    return [_Batch(*row) for row in connection.execute(query)]


def _leads(connection: Connection, batch: _Batch, contact_ids: Collection[int]) -> Mapping[int, Any]:
    # What is of the campaign is picked out here: a database that is asked for both might begin with the
    # campaign's index and read all of it for each page. So below.
    query = sa.select(_L.lead_id, _L.batch_id, _L.contact_id, _L.state, _L.reason).where(
        _L.contact_id.in_(contact_ids)
    )
    return {row.contact_id: row for row in connection.execute(query) if row.batch_id == batch.batch_id}


def _tried(
    connection: Connection, campaign_id: str, lead_ids: Collection[int], keys: Iterable[bytes]
) -> Mapping[int, _Tried]:
    columns = (_A.campaign_id, _A.lead_id, _A.state, _A.outcome, _A.intended_at)
    query = sa.select(*columns).where(_A.taxpayer_key.in_(list(keys)), SENT).order_by(_A.intended_at)
    found: dict[int, _Tried] = {}
    for row in connection.execute(query):
        if row.campaign_id == campaign_id and row.lead_id in lead_ids:
            one = found.setdefault(row.lead_id, _Tried())
            one.attempts, one.last_at = one.attempts + 1, row.intended_at
            if row.state == AttemptState.FLAGGED:
                one.outcome = DialOutcome.LOST.value
            elif row.outcome:
                one.outcome = row.outcome
    return found


def _said(connection: Connection, lead_ids: Collection[int]) -> Mapping[int, Any]:
    """Return the last disposition of each lead that has any."""
    query = sa.select(_D.lead_id, _D.code, _D.promised_on).where(_D.lead_id.in_(lead_ids))
    return {row.lead_id: row for row in connection.execute(query.order_by(_D.at, _D.number))}


def _figures(connection: Connection, campaign_id: str) -> ResultFigures:
    check_known(connection, campaign_id)
    states = _leads_by_state(connection, campaign_id)
    sent = sa.select(sa.func.count()).where(_A.campaign_id == campaign_id, SENT)
    return ResultFigures(
        leads=sum(states.values()),
        ready=states.get(LeadState.READY.value, 0),
        done=states.get(LeadState.DONE.value, 0),
        control=states.get(LeadState.CONTROL.value, 0),
        attempts=connection.execute(sent).scalar_one(),
        outcomes=_last_outcomes(connection, campaign_id),
        dispositions=_last_dispositions(connection, campaign_id),
        marks=survey_marks(connection, campaign_id),
    )


def _leads_by_state(connection: Connection, campaign_id: str) -> Mapping[str, int]:
    query = (
        sa.select(_L.state, sa.func.count())
        .join(lead_batches, _B.batch_id == _L.batch_id)
        .where(_B.campaign_id == campaign_id, _B.completed_at.is_not(None))
        .group_by(_L.state)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _last_outcomes(connection: Connection, campaign_id: str) -> Mapping[str, int]:
    flagged = _A.state == AttemptState.FLAGGED.value
    outcome = sa.case((flagged, DialOutcome.LOST.value), else_=_A.outcome).label("outcome")
    last = (
        sa.func.row_number()
        .over(partition_by=_A.lead_id, order_by=(_A.intended_at.desc(), _A.attempt_id.desc()))
        .label("nth")
    )
    over = sa.select(outcome, last).where(_A.campaign_id == campaign_id, SENT, _A.ended_at.is_not(None))
    found = over.subquery()
    query = sa.select(found.c.outcome, sa.func.count()).where(found.c.nth == 1).group_by(found.c.outcome)
    return {row[0]: row[1] for row in connection.execute(query)}


def _last_dispositions(connection: Connection, campaign_id: str) -> Mapping[str, int]:
    last = (
        sa.func.row_number()
        .over(partition_by=_D.lead_id, order_by=(_D.at.desc(), _D.number.desc()))
        .label("nth")
    )
    found = sa.select(_D.code, last).where(_D.campaign_id == campaign_id).subquery()
    query = sa.select(found.c.code, sa.func.count()).where(found.c.nth == 1).group_by(found.c.code)
    return {row[0]: row[1] for row in connection.execute(query)}
