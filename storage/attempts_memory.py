"""The record of attempts in memory: a double that keeps every promise but durability."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dialer.attempt_rules import Past, why_not
from dialer.attempts import (
    UNFINISHED,
    Attempt,
    AttemptLimits,
    AttemptState,
    AttemptsUnavailable,
    DialOutcome,
    NotAllowed,
)
from dialer.outcomes import Outcomes

_S = AttemptState
_OPEN = frozenset({_S.DIALING, _S.UNKNOWN, _S.ANSWERED})


class MemoryAttempts:
    """`dialer.attempts.AttemptStore` and `EngineRole`. While `broken` every method refuses."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self.rows: dict[str, Attempt] = {}
        self.trail: list[tuple[str, AttemptState]] = []
        self.roles: dict[str, str] = {}
        self.broken = False

    async def intend(self, attempt: Attempt, limits: AttemptLimits, day_began: datetime) -> Attempt:
        """Put an INTENT on record."""
        self._check()
        at = attempt.intended_at
        assert at is not None  # noqa: S101 - a double for tests
        past = [row for row in self.rows.values() if row.state is not _S.NOT_SENT]
        taxpayer = [self._past(row) for row in past if row.taxpayer_key == attempt.taxpayer_key]
        number = [self._past(row) for row in past if row.number_key == attempt.number_key]
        why = why_not(taxpayer, number, attempt.campaign_id, limits, day_began, at)
        if why is not None:
            raise NotAllowed(why)
        used = {row.code for row in past}
        code = next(c for c in iter(lambda: f"{secrets.randbelow(1_000_000):06d}", "") if c not in used)
        self._keep(replace(attempt, code=code, state=_S.INTENT))
        return self.rows[attempt.attempt_id]

    async def sending(self, attempt_id: str, at: datetime, holder: str) -> bool:
        """INTENT → DIALING, if `holder` holds the role."""
        self._check()
        if self.roles.get(self.rows[attempt_id].engine) != holder:
            return False
        return self._move(attempt_id, {_S.INTENT}, state=_S.DIALING, sent_at=at)

    async def answered(self, attempt_id: str, at: datetime, amd: str = "") -> None:
        """The far end answered."""
        self._check()
        self._move(attempt_id, {_S.DIALING, _S.UNKNOWN}, state=_S.ANSWERED, answered_at=at, amd=amd)

    async def joined(self, attempt_id: str, agent: str, at: datetime) -> None:
        """An agent was joined with it."""
        self._check()
        if not self.rows[attempt_id].joined:
            self._move(attempt_id, {_S.ANSWERED}, joined=agent, joined_at=at)

    async def doubted(self, attempt_id: str, at: datetime) -> None:
        """DIALING → UNKNOWN."""
        self._check()
        self._move(attempt_id, {_S.DIALING}, state=_S.UNKNOWN)

    async def found(self, attempt_id: str, at: datetime) -> None:
        """UNKNOWN → DIALING."""
        self._check()
        self._move(attempt_id, {_S.UNKNOWN}, state=_S.DIALING)

    async def ended(
        self, attempt_id: str, outcome: DialOutcome, at: datetime, *, sip_code: int = 0, cause: int = 0
    ) -> bool:
        """It is over; False: its end is on record already."""
        self._check()
        told = {"outcome": outcome, "sip_code": sip_code, "cause": cause, "ended_at": at}
        return self._move(attempt_id, _OPEN, state=_S.ENDED, **told)

    async def not_sent(self, attempt_id: str, reason: str, at: datetime) -> bool:
        """Certainly never sent."""
        self._check()
        return self._move(attempt_id, {_S.INTENT, _S.DIALING}, state=_S.NOT_SENT, why=reason, ended_at=at)

    async def flagged(self, attempt_id: str, at: datetime) -> bool:
        """What became of it cannot be found out."""
        self._check()
        return self._move(attempt_id, _OPEN, state=_S.FLAGGED, outcome=DialOutcome.LOST, ended_at=at)

    async def disposed(self, attempt_id: str, disposition: str, at: datetime) -> bool:
        """The agent says what came of it."""
        self._check()
        if self.rows[attempt_id].disposition == disposition:
            return False
        return self._move(attempt_id, {_S.ANSWERED, _S.ENDED, _S.FLAGGED}, disposition=disposition)

    async def unfinished(
        self, engine: str | None = None, only: Collection[str] | None = None
    ) -> Sequence[Attempt]:
        """Return unfinished attempts, oldest first."""
        self._check()
        return [
            row
            for row in self.rows.values()
            if row.state in UNFINISHED
            and (engine is None or row.engine == engine)
            and (only is None or row.attempt_id in only)
        ]

    async def get(self, attempt_id: str) -> Attempt | None:
        """Return one."""
        self._check()
        return self.rows.get(attempt_id)

    async def take(self, role: str, holder: str, seconds: float) -> bool:
        """Take the role unless another holds it; it never expires here."""
        self._check()
        return self.roles.setdefault(role, holder) == holder

    async def give_up(self, role: str, holder: str) -> None:
        """Let another have it at once."""
        self._check()
        if self.roles.get(role) == holder:
            del self.roles[role]

    def _check(self) -> None:
        if self.broken:
            raise AttemptsUnavailable("it is broken")

    def _move(
        self, attempt_id: str, out_of: frozenset[AttemptState] | set[AttemptState], **what: Any
    ) -> bool:
        row = self.rows[attempt_id]
        if row.state not in out_of:
            return False
        self._keep(replace(row, **what))
        return True

    def _keep(self, row: Attempt) -> None:
        self.rows[row.attempt_id] = row
        self.trail.append((row.attempt_id, row.state))

    def _past(self, row: Attempt) -> Past:
        assert row.intended_at is not None  # noqa: S101 - a double for tests
        return Past(
            row.attempt_id,
            row.campaign_id,
            row.intended_at,
            row.ended_at,
            counts=row.outcome not in self._outcomes.uncounted,
            rests=row.outcome in self._outcomes.resting,
        )
