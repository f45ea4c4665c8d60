"""Reads attempts for people: lists, and counts by outcome, hour and disposition. Blocking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.attempts import Attempt, AttemptState, DialOutcome
from dialer.outcomes import Outcomes, load_outcomes
from dialer.tally import HourTally, Tally
from storage.attempt_rows import attempt_of
from storage.attempt_tables import attempts, dialer_roles
from storage.database import Database
from storage.vault import Vault

_A = attempts.c
_COUNTS = (
    _A.state,
    _A.outcome,
    _A.disposition,
    sa.func.count().label("many"),
    sa.func.count(_A.answered_at).label("answered"),
    sa.func.count(_A.joined_at).label("joined"),
)
_UNSENT = (AttemptState.INTENT.value, AttemptState.NOT_SENT.value)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Who dials, or dialled last."""

    role: str
    taken_at: datetime
    expires_at: datetime
    held: bool


class AttemptReader:
    """Every method raises storage.database.DatabaseProblem or storage.vault.VaultProblem."""

    def __init__(self, database: Database, vault: Vault, outcomes: Outcomes | None = None) -> None:
        self._database, self._vault = database, vault
        self._outcomes = outcomes or load_outcomes()

    def newest(self, since: datetime, campaign_id: str | None = None, most: int = 100) -> Sequence[Attempt]:
        """Return attempts intended since a time, newest first."""
        query = sa.select(attempts).where(*_which(since, campaign_id))
        return self._attempts(query.order_by(_A.intended_at.desc()).limit(most))

    def unfinished(self, most: int = 200) -> Sequence[Attempt]:
        """Return what is under way, oldest first."""
        query = sa.select(attempts).where(_A.ended_at.is_(None)).order_by(_A.intended_at)
        return self._attempts(query.limit(most))

    def flagged(self, since: datetime, most: int = 1000) -> Sequence[Attempt]:
        """Return what could not be found out since a time, newest first."""
        of_state = _A.state == AttemptState.FLAGGED.value
        query = sa.select(attempts).where(_A.ended_at >= since, of_state).order_by(_A.ended_at.desc())
        return self._attempts(query.limit(most))

    def tally(self, since: datetime, campaign_id: str | None = None) -> Tally:
        """Count attempts intended since a time."""
        query = sa.select(*_COUNTS).where(*_which(since, campaign_id))
        query = query.group_by(_A.state, _A.outcome, _A.disposition)
        return self._count(self._database.read_now(lambda c: c.execute(query).all()))

    def by_hour(
        self, since: datetime, until: datetime, campaign_id: str | None = None
    ) -> Sequence[HourTally]:
        """Count attempts by the hour (UTC) in which they were intended; hours without any are left out."""
        hour = self._hour().label("hour")
        query = sa.select(hour, *_COUNTS).where(*_which(since, campaign_id), _A.intended_at < until)
        query = query.group_by(hour, _A.state, _A.outcome, _A.disposition).order_by(hour)
        rows = self._database.read_now(lambda c: c.execute(query).all())
        hours: dict[Any, list[Any]] = {}
        for row in rows:
            hours.setdefault(row.hour, []).append(row)
        return [HourTally(_as_hour(value), self._count(some)) for value, some in hours.items()]

    def roles(self) -> Sequence[RoleRow]:
        """Return who dials or dialled last."""
        rows = self._database.read_now(lambda c: c.execute(sa.select(dialer_roles)).all())
        now = datetime.now(UTC)
        return [RoleRow(row.role, row.taken_at, row.expires_at, row.expires_at > now) for row in rows]

    def _hour(self) -> "sa.ColumnElement[Any]":
        if self._database.is_sqlite:
            return sa.func.substr(sa.cast(_A.intended_at, sa.String), 1, 13)
        return sa.func.date_trunc("hour", _A.intended_at)

    def _attempts(self, query: "sa.Select[Any]") -> Sequence[Attempt]:
        def read(connection: Connection) -> Sequence[Any]:
            return connection.execute(query).all()

        return [attempt_of(row, self._vault) for row in self._database.read_now(read)]

    def _count(self, rows: Iterable[Any]) -> Tally:
        outcomes: dict[DialOutcome, int] = {}
        dispositions: dict[str, int] = {}
        states: dict[AttemptState, int] = {}
        answered = joined = 0
        for row in rows:
            state = AttemptState(row.state)
            states[state] = states.get(state, 0) + row.many
            answered, joined = answered + row.answered, joined + row.joined
            if row.outcome:
                outcome = DialOutcome(row.outcome)
                outcomes[outcome] = outcomes.get(outcome, 0) + row.many
            if row.disposition:
                dispositions[row.disposition] = dispositions.get(row.disposition, 0) + row.many
        finished = (AttemptState.ENDED, AttemptState.NOT_SENT, AttemptState.FLAGGED)
        return Tally(
            sent=sum(many for state, many in states.items() if state.value not in _UNSENT),
            unfinished=sum(many for state, many in states.items() if state not in finished),
            answered=answered,
            joined=joined,
            live=sum(many for outcome, many in outcomes.items() if outcome in self._outcomes.live),
            not_sent=states.get(AttemptState.NOT_SENT, 0),
            flagged=states.get(AttemptState.FLAGGED, 0),
            outcomes=outcomes,
            dispositions=dispositions,
        )


def _which(since: datetime, campaign_id: str | None) -> list["sa.ColumnElement[bool]"]:
    found = [_A.intended_at >= since]
    if campaign_id is not None:
        found.append(_A.campaign_id == campaign_id)
    return found


def _as_hour(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(f"{value}:00:00").replace(tzinfo=UTC)
