"""Calls that we placed: what comes with them, what their end means to the dialer, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from call_flows.called import CALLED, CAMPAIGN_QUEUE
from call_flows.events import CallStarted
from domain.calls import Call, EndReason

CAMPAIGN_AGENT = "campaign_agent"
"""The fact that names the one agent (staff number) who may take a call of ours."""

PROVEN = "proven"
"""The fact that the person we called has proven by keypad to be the taxpayer (look-up `owner`)."""

PRIORITY = 100
"""Steps that a person we called is ahead of inbound calls (`acd.floor_rules`): 2 s are soon over."""


class DialedEnd(StrEnum):
    """What became of a call of ours that was answered; the words of `dialer.attempts.DialOutcome`."""

    TALKED = "talked"  # joined with an agent, or served by the flow to its end
    ABANDONED = "abandoned"  # no agent in time
    HUNG_UP_EARLY = "hung_up_early"  # by the callee, before an agent was due
    LOST = "lost"  # it ended while nobody was watching, and nobody had talked


class DialedCalls(Protocol):
    """Who is told of calls of ours. `call_id` is the attempt's id. Returns at once."""

    def answered(self, call_id: str, amd: str) -> None:
        """It is in the application; told again when control was regained."""
        ...

    def joined(self, call_id: str, agent: str) -> None:
        """An agent (staff number) was joined with it."""
        ...

    def over(self, call_id: str, how: DialedEnd) -> None:
        """Its flow came to an end."""
        ...


class Unheard:
    """Nobody wants to know."""

    def answered(self, call_id: str, amd: str) -> None:
        """Nothing."""

    def joined(self, call_id: str, agent: str) -> None:
        """Nothing."""

    def over(self, call_id: str, how: DialedEnd) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Why we called: what stays with the leg in Asterisk, besides its name."""

    call_id: str
    flow: str
    queue: str  # of the campaign, e.g. `outbound/A`
    agent: str = ""  # staff number of the one who may take it
    language: str = "id"
    amd: str = ""  # what Asterisk took the far end for

    @classmethod
    def read(cls, call_id: str, args: Sequence[str]) -> Errand:
        """Return it from the application's arguments after the first: flow, queue, agent, language, amd."""
        flow, queue, agent, language, amd = (*args, "", "", "", "", "")[:5]
        return cls(call_id, flow, queue, agent, language or "id", amd)

    @property
    def dialled(self) -> str:
        """Return what stands in the place of a dialled number."""
        return f"{CALLED}{self.flow}"

    def started(self) -> CallStarted:
        """Return the call's first event."""
        facts = {CAMPAIGN_QUEUE: self.queue}
        if self.agent:
            facts[CAMPAIGN_AGENT] = self.agent
        return CallStarted(self.dialled, self.language, facts)


def is_ours(call: Call) -> bool:
    """Return whether we placed a call."""
    return call.dialled.startswith(CALLED)


def campaigns_own(call: Call, queue: str, facts: Mapping[str, str]) -> bool:
    """Return whether a call of ours waits for its campaign's agents."""
    return is_ours(call) and queue == facts.get(CAMPAIGN_QUEUE)


@dataclass(slots=True)
class Course:
    """How far a call of ours came."""

    served: bool = False  # an agent answered for it
    joined: bool = False  # and was joined with it
    gave_up: bool = False  # no agent came within the flow's limit

    def end(self, reason: EndReason, *, proven: bool = False) -> DialedEnd:
        """Return what its end means. `proven`: the right person was there; they hang up when it is enough."""
        if self.joined or (proven and reason is EndReason.CALLER_HUNG_UP and not self.gave_up):
            return DialedEnd.TALKED
        if reason is EndReason.LOST:
            return DialedEnd.LOST
        if self.gave_up:
            return DialedEnd.ABANDONED
        if reason is EndReason.CALLER_HUNG_UP or (reason is EndReason.COMPLETED and self.served):
            return DialedEnd.HUNG_UP_EARLY
        return DialedEnd.TALKED if reason is EndReason.COMPLETED else DialedEnd.ABANDONED
