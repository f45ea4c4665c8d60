"""A call's way over the floor, from the record: queues, offers, talks, supervisors' acts, line by line."""

from collections.abc import Collection, Iterator, Sequence

from acd.messages import OUTCOME, PATH, staff_messages
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, Phase, SupervisionRow
from service.aligned import clock
from service.timeline import wib

# Begun and ended with the offer or the talk, which are told themselves.
_UNTOLD = frozenset({Phase.RING, Phase.JOIN})


def path_lines(rows: Sequence[FloorRow], language: str) -> list[str]:
    """Return the way in words, in Indonesian or English, times in WIB; staff numbers are not masked."""
    offered = {row.leg for row in rows if isinstance(row, OfferRow)}
    return [f"{wib(row.at)}  {text}" for row in rows for text in _told(row, offered, language)]


def _told(row: FloorRow, offered: Collection[str], language: str) -> Iterator[str]:
    """Tell a row; `offered`: legs that rang for an offer, which is told itself."""

    def say(word: str, **values: object) -> str:
        return staff_messages().text(PATH, word, language).format(**values)

    def ended(outcome: str) -> str:
        return staff_messages().text(OUTCOME, outcome, language) if outcome else "-"

    match row:
        case EntryRow():
            values = {"queue": row.queue, "language": row.language, "outcome": ended(row.outcome)}
            yield say("left" if row.outcome else "entered", **values)
        case OfferRow(outcome=""):
            waited = clock(row.waited)
            yield say("offered", number=row.number, agent=row.agent, ring=row.ring, waited=waited)
        case OfferRow():
            yield say("offer_over", number=row.number, agent=row.agent, outcome=ended(row.outcome))
        case LegRow(seconds=float(seconds), phase=Phase.RING) if row.leg not in offered:
            yield say("rung_by_name", agent=row.agent, length=clock(seconds), outcome=ended(row.outcome))
        case LegRow(seconds=float(seconds)) if row.phase not in _UNTOLD:
            about = "≈ " if row.estimated else ""
            phase = staff_messages().text(PATH, f"phase_{row.phase.value}", language)
            length = f"{about}{clock(seconds)}"
            yield say("phase", agent=row.agent, phase=phase, length=length, outcome=ended(row.outcome))
        case SupervisionRow():
            yield say("supervised", by=row.by, act=row.act, agent=row.agent)
        case LegRow() | AgentRow():
            return
