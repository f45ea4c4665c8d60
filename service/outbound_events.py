"""What becomes of the calls that the dialer placed, told to it in an order that it can rely on."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.attempts import CHANNEL_PREFIX, DialOutcome
from dialer.ports import LineEnd, OutboundEar
from ivr.outbound import DialedEnd, Errand

OUTBOUND = "outbound"
"""The application's first argument of a call that we placed."""


def attempt_of(leg: str) -> str:
    """Return the attempt that a leg belongs to; empty: it is none of the dialer's."""
    return leg.removeprefix(CHANNEL_PREFIX) if leg.startswith(CHANNEL_PREFIX) else ""


def errand_of(leg: str, args: Sequence[str]) -> Errand | None:
    """Return what a leg was placed for, by the application's arguments; None: we did not place it.

    They are `outbound`, flow, queue, agent, language, and what Asterisk took the far end for. Whoever calls
    us cannot choose the name of the leg, and so cannot pass for somebody we called.
    """
    attempt = attempt_of(leg)
    if not attempt:
        return None
    return Errand.read(attempt, args[1:] if args[:1] == (OUTBOUND,) else ())


class OutboundEvents:
    """Passes on to the dialer what switchboard and Asterisk tell of its calls (`ivr.outbound.DialedCalls`).

    Before `connect` nobody is told. Of a call that reached the application the end of its flow is told
    before the end of its channel, whichever came first.
    """

    def __init__(self) -> None:
        self._ear: OutboundEar | None = None
        self._answered: set[str] = set()  # attempts that were answered and whose channel may live
        self._inside: set[str] = set()  # of these, those whose flow has yet to end
        self._ends: dict[str, LineEnd] = {}  # of these, those whose channel is gone
        self._lost = True

    def connect(self, ear: OutboundEar) -> None:
        """Tell this one from now on."""
        self._ear = ear

    # ---- From the switchboard

    def answered(self, call_id: str, amd: str) -> None:
        """It is in the application; told again when control was regained."""
        self._answered.add(call_id)
        self._inside.add(call_id)
        if self._ear is not None:
            self._ear.answered(call_id, amd)

    def joined(self, call_id: str, agent: str) -> None:
        """An agent was joined with it."""
        if self._ear is not None:
            self._ear.joined(call_id, agent)

    def over(self, call_id: str, how: DialedEnd) -> None:
        """Its flow came to an end."""
        self._inside.discard(call_id)
        if self._ear is not None:
            self._ear.over(call_id, DialOutcome(how.value))
        if (end := self._ends.pop(call_id, None)) is not None:
            self._ended(end)

    # ---- From Asterisk

    def rings(self, leg: str) -> None:
        """The far end of a leg rings."""
        if (attempt := attempt_of(leg)) and self._ear is not None:
            self._ear.rings(attempt)

    def gone(self, leg: str, cause: int, sip_code: int, *, up: bool = False) -> None:
        """A leg is gone (Q.850 cause; SIP code, 0: none). `up`: it had been answered, as Asterisk has it.

        Who is answered while the service is away hears the dialplan, and may hang up on it.
        """
        if not (attempt := attempt_of(leg)):
            return
        end = LineEnd(attempt, cause, sip_code, up or attempt in self._answered)
        self._answered.discard(attempt)
        if attempt in self._inside:
            self._ends[attempt] = end
        else:
            self._ended(end)

    def lost(self) -> None:
        """Asterisk cannot be commanded."""
        if not self._lost and self._ear is not None:
            self._ear.lost()
        self._lost = True

    def back(self) -> None:
        """It can again, and every call was compared with it."""
        self._answered &= self._inside  # the end of the others may have gone unheard
        if self._lost and self._ear is not None:
            self._ear.back()
        self._lost = False

    def _ended(self, end: LineEnd) -> None:
        if self._ear is not None:
            self._ear.ended(end)
