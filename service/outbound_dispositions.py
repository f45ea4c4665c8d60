"""Dispositions kept, and followed: first the row, then suppressions, the lead, the attempt.

A row that was kept is followed even if the service dies in between: `sweep` takes it up again. So it does
calls whose agents said nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from dialer.attempts import AttemptsUnavailable
from dialer.contacts import Key
from dialer.disposed import (
    Disposed,
    DispositionRecord,
    DispositionsUnavailable,
    DispositionTaken,
)
from dialer.disposition_desk import Consequences, DispositionDesk, DispositionRefused, Talked, Wish
from dialer.leads import LeadStore, LeadsUnavailable
from dialer.ports import Suppressions
from dialer.reasons import WhyNot
from domain.clock import Clock
from service.outbound_calls import OutboundCalls
from web.outbound_port import Called, OutboundUnavailable

log = logging.getLogger(__name__)

_TRIES = 5  # at a place among dispositions that are kept at the same time
_LEFT_OVER = timedelta(seconds=10)  # a row that is older and was not followed has nobody who follows it
_LOOKED_BACK = timedelta(days=7)
_NOTE_TIME = timedelta(minutes=30)  # longer than any note may take: then nobody will say anything


class AttemptWriter(Protocol):
    """Notes a disposition with its attempt."""

    async def disposed(self, attempt_id: str, disposition: str, at: datetime) -> bool:
        """The agent says what came of it. Raises AttemptsUnavailable."""
        ...


class Unspoken(Protocol):
    """Knows calls without a disposition."""

    async def unspoken(self, since: datetime, until: datetime) -> Sequence[tuple[str, str]]:
        """Return calls that ended then and their agents (staff numbers). Raises LeadsUnavailable."""
        ...


class Dispositions:
    """Keeps and follows dispositions. One for the service."""

    def __init__(
        self,
        calls: OutboundCalls,
        desk: DispositionDesk,
        record: DispositionRecord,
        leads: LeadStore,
        suppressions: Suppressions,
        attempts: AttemptWriter,
        unspoken: Unspoken,
        clock: Clock,
    ) -> None:
        self._calls, self._desk, self._record = calls, desk, record
        self._leads, self._suppressions, self._attempts = leads, suppressions, attempts
        self._unspoken, self._clock = unspoken, clock

    async def of(self, call_id: str) -> Sequence[Disposed]:
        """Return a call's dispositions, oldest first. Raises OutboundUnavailable."""
        try:
            return await self._record.of(call_id)
        except DispositionsUnavailable as error:
            raise OutboundUnavailable(str(error)) from error

    async def undisposed(self, agents: Sequence[str] | None, since: datetime) -> Sequence[Disposed]:
        """Return calls without a disposition. Raises OutboundUnavailable."""
        try:
            return await self._record.undisposed(since, agents)
        except DispositionsUnavailable as error:
            raise OutboundUnavailable(str(error)) from error

    async def give(self, called: Called, agent: str, by: str, wish: Wish) -> Consequences:
        """Keep what an agent says, and follow it.

        Raises OutboundUnavailable, dialer.disposition_desk.DispositionRefused.
        """
        talked = called.talked(agent, by)
        kept = await self._keep(
            talked, lambda earlier: self._desk.give(talked, wish, earlier, self._clock.now())
        )
        assert kept is not None  # noqa: S101 (`give` always says what follows)
        return kept

    async def none_given(self, called: Called, agent: str) -> bool:
        """Keep that the time is over without one; False: there is one. Raises OutboundUnavailable."""
        talked = called.talked(agent, "")
        kept = await self._keep(
            talked, lambda earlier: self._desk.none_given(talked, earlier, self._clock.now())
        )
        return kept is not None

    async def sweep(self, busy: Callable[[], frozenset[str]]) -> None:
        """Follow what was left over, and note calls nobody spoke of. `busy`: calls that agents have now.

        Raises OutboundUnavailable.
        """
        now = self._clock.now()
        try:
            for row in await self._record.pending(now - _LEFT_OVER):
                await self._take_up(row)
            silent = await self._unspoken.unspoken(now - _LOOKED_BACK, now - _NOTE_TIME)
        except (DispositionsUnavailable, LeadsUnavailable) as error:
            raise OutboundUnavailable(str(error)) from error
        for call_id, agent in silent:
            called = None if call_id in busy() else await self._calls.called(call_id)
            if called is not None:
                await self.none_given(called, agent)

    async def _keep(
        self, talked: Talked, judge: Callable[[Sequence[Disposed]], Consequences | None]
    ) -> Consequences | None:
        for _ in range(_TRIES):
            earlier = await self.of(talked.call_id)
            found = judge(earlier)
            if found is None:
                return None
            try:
                await self._record.add(found.row)
            except DispositionTaken:
                continue
            except DispositionsUnavailable as error:
                raise OutboundUnavailable(str(error)) from error
            try:
                await self._follow(found)
            except (LeadsUnavailable, AttemptsUnavailable, DispositionsUnavailable):
                log.warning("a disposition was kept and is followed later")
            return found
        raise OutboundUnavailable("too many dispositions of this call at the same time; try again")

    async def _follow(self, found: Consequences) -> None:
        """Suppress first: whoever asked not to be called is not called, whatever comes after."""
        row = found.row
        for key, why in found.suppress.items():
            await self._suppress(key, why, row)
        for key in found.lift:
            await self._suppressions.remove(key, row.by, row.at)
        await self._leads.settle(row.lead_id, found.after, attempted=False)
        if row.attempt_id == row.call_id:
            await self._attempts.disposed(row.attempt_id, row.code, row.at)
        await self._record.applied(row.call_id, row.number, self._clock.now())

    async def _suppress(self, key: Key, why: WhyNot, row: Disposed) -> None:
        await self._suppressions.add(key, why.value, row.by, row.at, row.call_id)

    async def _take_up(self, row: Disposed) -> None:
        """Follow a row that nobody followed; one that another took the place of is over."""
        rows = await self._record.of(row.call_id)
        if rows[-1].number != row.number:
            await self._record.applied(row.call_id, row.number, self._clock.now())
            return
        called = await self._calls.called(row.call_id)
        if called is None:
            return
        try:
            found = self._desk.consequences(called.talked(row.agent, row.by), row, rows[:-1])
            await self._follow(found)
        except DispositionRefused:
            log.warning("a disposition that was kept is in no table any more", extra={"code": row.code})
        except AttemptsUnavailable as error:
            raise OutboundUnavailable(str(error)) from error
