"""Looks unfinished attempts up in Asterisk and its ledger, and tells the rules what became of them."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from dialer.attempts import Attempt, AttemptState, AttemptsUnavailable, DialOutcome
from dialer.engine_dial import Doing
from dialer.engine_lines import KeepEnd, Line
from dialer.engine_ports import EnginePorts
from dialer.engine_recovery import Fate, Found, adopted, end_of, fate
from dialer.engine_rules import EngineRules
from dialer.ports import LineLife
from dialer.reasons import WhyNot

log = logging.getLogger(__name__)

AGAIN = 0.5  # seconds until a look-up that failed is tried again
GATHER = 0.1  # seconds
WRITTEN_WITHIN = 2.5  # seconds after its channel is gone, in which the ledger has the end of a call
RING = 30.0  # seconds that an attempt of an unknown campaign is taken to ring
_NEVER = datetime.min.replace(tzinfo=UTC)


class LookingUp:
    """The look-up of an engine."""

    def __init__(self, ports: EnginePorts, rules: EngineRules, role: str, engine: Doing) -> None:
        self._ports, self._rules, self._role, self._engine = ports, rules, role, engine
        self._asked: set[str] = set()  # attempts to be looked up together

    async def look_up(self, only: frozenset[str]) -> None:
        """Look up all unfinished attempts until it is done once, or some of them now."""
        if only:
            await self._look_at_some(only)
            return
        while self._rules.state == "looking_up":
            try:
                await self._look(await self._ports.attempts.unfinished(self._role))
            except (AttemptsUnavailable, OSError):
                await self._ports.sleep(AGAIN)
                continue
            self._engine.do(self._rules.looked_up(self._now()))

    async def last_word(self, end: KeepEnd) -> KeepEnd:
        """Return an end with what the far end said of it, where nobody but the ledger heard it.

        When our cancelling crosses a refusal or an answer, Asterisk tells the application no SIP code.
        """
        if end.outcome is not DialOutcome.CANCELLED or end.sip_code:
            return end
        until = self._now() + WRITTEN_WITHIN
        try:
            while True:
                told = (await self._ports.ledger.ends([end.attempt_id])).get(end.attempt_id)
                if told is not None:
                    return self._rules.crossed(end, told)
                if self._now() >= until:
                    return end
                await self._ports.sleep(GATHER)
        except OSError:
            log.warning("the ledger cannot be read; a cancelled call stays cancelled")
            return end

    async def _look_at_some(self, only: frozenset[str]) -> None:
        """Look up what gathers within a moment, in which the ledger also hears of what has just ended."""
        gathering = bool(self._asked)
        self._asked |= only
        if gathering:
            return
        await self._ports.sleep(GATHER)
        some, self._asked = self._asked, set()
        try:
            await self._look(await self._ports.attempts.unfinished(self._role, some))
        except (AttemptsUnavailable, OSError):
            log.warning("attempts could not be looked up; they are looked up again")

    async def _look(self, rows: Sequence[Attempt]) -> None:
        ports = self._ports
        sent = [row.attempt_id for row in rows if row.state is not AttemptState.INTENT]
        lives = await ports.lines.look(sent) if sent else {}
        gone = [one for one in sent if lives[one] is LineLife.GONE]
        ends = await ports.ledger.ends(gone) if gone else {}
        for row in rows:
            life = lives.get(row.attempt_id, LineLife.GONE)
            line, end = self._rules.lines.get(row.attempt_id), ends.get(row.attempt_id)
            self._follow(Found(row, life, end, line, self._age(row, line)))

    def _age(self, row: Attempt, line: Line | None) -> float:
        if line is not None:  # the wall clock may have been put wrong since; this one cannot be
            return self._now() - line.began
        return (self._ports.clock.now() - (row.sent_at or row.intended_at or _NEVER)).total_seconds()

    def _follow(self, found: Found) -> None:
        ports, rules, row = self._ports, self._rules, found.row
        now, at = self._now(), ports.clock.now()
        what = fate(found)
        if what is Fate.LEAVE:
            return
        if what is Fate.NOT_SENT:
            why = WhyNot.ENGINE_NOT_READY
            self._engine.write(row.attempt_id, lambda: ports.attempts.not_sent(row.attempt_id, why, at))
            return
        desk = rules.desks.get(row.campaign_id)
        line = adopted(found, desk.campaign.definition.ring_seconds if desk else RING, now)
        if what is Fate.ALIVE and row.state is AttemptState.UNKNOWN:
            self._engine.write(row.attempt_id, lambda: ports.attempts.found(row.attempt_id, at))
        line.doubtful = what is Fate.WAIT
        if what is Fate.WAIT and row.state is AttemptState.DIALING and found.line is None:
            self._engine.write(row.attempt_id, lambda: ports.attempts.doubted(row.attempt_id, at))
        self._engine.do(rules.found(line))
        if what is Fate.ENDED:
            self._engine.do(rules.ended(end_of(found), now))
        elif what is Fate.FLAG:
            self._engine.do(rules.flagged(row.attempt_id, now))

    def _now(self) -> float:
        return self._ports.clock.monotonic()
