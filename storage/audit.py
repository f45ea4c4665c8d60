"""The trail of acts on a database. Append-only: triggers of the database refuse anything else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.audit import AuditQuery, AuditRow, AuditUnavailable
from storage.kept import Kept
from storage.staff_tables import audit_trail

_A = audit_trail.c
_words = msgspec.json.Decoder(dict[str, str])
_LIMITS = {"who": 64, "act": 64, "subject": 128, "why": 128, "outcome": 64}


class DurableAudit(Kept):
    """A `domain.audit.AuditTrail` and `AuditReader` on a database."""

    unavailable = AuditUnavailable

    async def record(self, row: AuditRow) -> None:
        """Make a row durable. Raises AuditUnavailable; ValueError for what is no row."""
        values = _values(row)
        await self._write(lambda connection: connection.execute(sa.insert(audit_trail).values(values)))

    async def rows(self, query: AuditQuery) -> Sequence[tuple[int, AuditRow]]:
        """Return rows with their numbers, newest first. Raises AuditUnavailable."""
        wanted = sa.select(audit_trail).where(*_conditions(query)).order_by(_A.n.desc()).limit(query.most)
        found: Sequence[Any] = await self._read(lambda connection: connection.execute(wanted).all())
        return [(row.n, _row(row)) for row in found]

    async def acts(self) -> Sequence[str]:
        """Return every act on record. Raises AuditUnavailable."""
        query = sa.select(_A.act).distinct().order_by(_A.act)
        return list(await self._read(lambda connection: connection.execute(query).scalars().all()))


def _values(row: AuditRow) -> dict[str, Any]:
    for name, most in _LIMITS.items():
        if len(getattr(row, name)) > most:
            raise ValueError(f"{name} of an audit row has more than {most} characters")
    return {
        "at": _aware(row.at),
        "who": row.who,
        "act": row.act,
        "subject": row.subject,
        "why": row.why,
        "outcome": row.outcome,
        "data": msgspec.json.encode(dict(row.data)).decode(),
    }


def _conditions(query: AuditQuery) -> list["sa.ColumnElement[bool]"]:
    found: list[sa.ColumnElement[bool]] = []
    if query.who:
        found.append(_A.who == query.who)
    if query.act:
        found.append(_A.act == query.act)
    if query.subject.endswith(":"):
        found.append(_A.subject.startswith(query.subject, autoescape=True))
    elif query.subject:
        found.append(_A.subject == query.subject)
    if query.since is not None:
        found.append(_A.at >= query.since)
    if query.until is not None:
        found.append(_A.at < query.until)
    if query.before is not None:
        found.append(_A.n < query.before)
    return found


def _row(row: Any) -> AuditRow:
    return AuditRow(row.at, row.who, row.act, row.subject, row.why, row.outcome, _words.decode(row.data))


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without zone cannot be stored")
    return at
