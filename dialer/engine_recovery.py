"""What became of attempts of which nothing was heard: out of the record, Asterisk and its ledger. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from dialer.attempts import Attempt, AttemptState, DialOutcome
from dialer.engine_lines import Line, Stage
from dialer.ports import ORDER_LIVES, LineEnd, LineLife

SETTLED = ORDER_LIVES + 2.0
"""Seconds after which an order that Asterisk does not know will not be carried out any more."""


class Fate(StrEnum):
    """What the look-up found."""

    LEAVE = "leave"  # it is being prepared this moment
    NOT_SENT = "not_sent"  # an intent without a dial: the process that had it died
    ALIVE = "alive"
    ENDED = "ended"
    FLAG = "flag"
    WAIT = "wait"  # it may still begin: it is looked up again


@dataclass(frozen=True, slots=True)
class Found:
    """One unfinished attempt, and what is known of it."""

    row: Attempt
    life: LineLife
    end: LineEnd | None  # of the ledger
    line: Line | None  # the engine's own knowledge
    age: float  # seconds since it was sent, or since this engine knows of it


def fate(found: Found) -> Fate:
    """Say what became of an attempt."""
    row = found.row
    if row.state is AttemptState.INTENT:
        return Fate.NOT_SENT if found.line is None else Fate.LEAVE
    if found.line is not None and found.line.stage is Stage.PREPARING:
        return Fate.LEAVE
    if found.life is not LineLife.GONE:
        return Fate.ALIVE
    if found.end is not None:
        return Fate.ENDED
    if found.age < SETTLED:
        return Fate.WAIT
    # Somebody answered, on record: how it ended is not known, that it is over is.
    return Fate.ENDED if row.state is AttemptState.ANSWERED else Fate.FLAG


def end_of(found: Found) -> LineEnd:
    """Return the end of an attempt whose fate is ENDED."""
    return found.end or LineEnd(found.row.attempt_id, 0, 0, answered=True)


def adopted(found: Found, ring: float, now: float) -> Line:
    """Return the line of an attempt that another process began. `now`: monotonic seconds.

    Who was answered and joined with nobody when that process died counts as abandoned, whatever their
    flow would have said.
    """
    row = found.row
    line = Line(row.attempt_id, row.campaign_id, row.lead_id, now, ring, row.agent, Stage.RINGING, sent=now)
    line.heard = now
    if row.state is AttemptState.ANSWERED:
        line.answered, line.joined = now, row.joined
        line.stage = Stage.JOINED if row.joined else Stage.WAITING
        if found.life is LineLife.GONE and not row.joined:
            line.how = DialOutcome.ABANDONED
    return line
