"""Dials that agents asked for: how far each has come, as their pages show it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import replace

from dialer.attempts import Attempt, AttemptState, DialOutcome
from dialer.ports import LineEnd, OutboundEar
from domain.background import Background
from domain.clock import Clock
from service.outbound_calls import OutboundCalls
from web.outbound_port import DialNews, DialStep, OutboundUnavailable

log = logging.getLogger(__name__)

_OVER: Collection[AttemptState] = (AttemptState.ENDED, AttemptState.NOT_SENT, AttemptState.FLAGGED)
_ASKED_AFTER = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0)  # seconds until the record is asked again how it ended


class AgentDials:
    """The last dial of every agent, by staff number. One for the service, on its event loop."""

    def __init__(self, calls: OutboundCalls, clock: Clock) -> None:
        self._calls, self._clock = calls, clock
        self._news: dict[str, DialNews] = {}
        self._early: dict[str, DialStep] = {}  # told of an attempt before its id was known here
        self._asking = 0
        self._ears: list[Callable[[str], None]] = []
        self._background = Background()

    async def stop(self) -> None:
        """Let go of what runs."""
        await self._background.stop()

    def on_news(self, ear: Callable[[str], None]) -> None:
        """Call `ear(staff number)` at every step."""
        self._ears.append(ear)

    def of(self, agent: str) -> DialNews | None:
        """Return an agent's last dial."""
        return self._news.get(agent)

    def is_on(self, agent: str) -> bool:
        """Whether a dial of an agent's is under way."""
        news = self._news.get(agent)
        return news is not None and news.step is not DialStep.ENDED

    def forget(self, agent: str) -> None:
        """An agent's last dial is of no interest any more."""
        self._news.pop(agent, None)

    # ---- Asking

    def asks(self, agent: str, lead_id: int) -> None:
        """An agent asks for a dial."""
        self._asking += 1
        self._tell(agent, DialNews("", lead_id, DialStep.DIALLING, self._clock.now()))

    def granted(self, agent: str, attempt_id: str) -> None:
        """It is being placed, as this attempt."""
        early = self._early.get(attempt_id)
        self._asked()
        if (news := self._news.get(agent)) is None:
            return
        self._news[agent] = replace(news, attempt_id=attempt_id)
        if early is DialStep.ENDED:
            self._background.begin(self._over(agent, attempt_id))
        elif early is not None:
            self._step(attempt_id, early)

    def refused(self, agent: str, why: str) -> None:
        """It is not placed; `why` is a `dialer.reasons.WhyNot`, or empty: it can be asked again."""
        self._asked()
        news = self._news.pop(agent, None)
        if news is not None and why:
            self._tell(agent, replace(news, step=DialStep.ENDED, outcome=why))

    def _asked(self) -> None:
        self._asking -= 1
        if self._asking == 0:
            self._early.clear()

    # ---- What the network and the floor tell

    def rings(self, attempt_id: str) -> None:
        """The far end rings."""
        self._step(attempt_id, DialStep.RINGING)

    def answered(self, attempt_id: str) -> None:
        """Somebody answered; the agent's phone is rung."""
        self._step(attempt_id, DialStep.ANSWERED)

    def ended(self, attempt_id: str) -> None:
        """It is over; what became of it is asked of the record."""
        agent = self._agent_of(attempt_id)
        if agent is not None:
            self._background.begin(self._over(agent, attempt_id))
        elif self._asking:
            self._early[attempt_id] = DialStep.ENDED

    def _step(self, attempt_id: str, step: DialStep) -> None:
        agent = self._agent_of(attempt_id)
        if agent is None:
            if self._asking:
                self._early[attempt_id] = step
            return
        news = self._news[agent]
        if news.step is not DialStep.ENDED:
            self._tell(agent, replace(news, step=step, since=self._clock.now()))

    async def _over(self, agent: str, attempt_id: str) -> None:
        """Tell how a dial ended. The engine puts that on record within moments."""
        attempt: Attempt | None = None
        try:
            for wait in _ASKED_AFTER:
                await asyncio.sleep(wait)
                attempt = await self._calls.attempt(attempt_id)
                if attempt is None or attempt.state in _OVER:
                    break
        except OutboundUnavailable:
            log.warning("how a dial ended cannot be read")
        news = self._news.get(agent)
        if news is None or news.attempt_id != attempt_id:
            return
        now = self._clock.now()
        self._tell(agent, replace(news, step=DialStep.ENDED, since=now, outcome=_outcome(attempt)))

    def _agent_of(self, attempt_id: str) -> str | None:
        return next((agent for agent, news in self._news.items() if news.attempt_id == attempt_id), None)

    def _tell(self, agent: str, news: DialNews) -> None:
        self._news[agent] = news
        for ear in self._ears:
            ear(agent)


def _outcome(attempt: Attempt | None) -> str:
    if attempt is None:
        return ""
    return attempt.why if attempt.outcome is None else attempt.outcome.value


class EarOfAgents:
    """Lets agents' pages hear what the engine is told (`dialer.ports.OutboundEar`)."""

    def __init__(self, engine: OutboundEar, dials: AgentDials) -> None:
        self._engine, self._dials = engine, dials

    def rings(self, attempt_id: str) -> None:
        """The far end rings."""
        self._engine.rings(attempt_id)
        self._dials.rings(attempt_id)

    def answered(self, attempt_id: str, amd: str = "") -> None:
        """The far end answered."""
        self._engine.answered(attempt_id, amd)
        self._dials.answered(attempt_id)

    def joined(self, attempt_id: str, agent: str) -> None:
        """An agent was joined with it."""
        self._engine.joined(attempt_id, agent)

    def over(self, attempt_id: str, how: DialOutcome) -> None:
        """Its flow came to an end."""
        self._engine.over(attempt_id, how)

    def ended(self, end: LineEnd) -> None:
        """The channel is gone."""
        self._engine.ended(end)
        self._dials.ended(end.attempt_id)

    def lost(self) -> None:
        """Asterisk cannot be commanded."""
        self._engine.lost()

    def back(self) -> None:
        """It can again."""
        self._engine.back()
