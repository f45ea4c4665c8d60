"""The marks of one recording that runs: what is open, on one axis of milliseconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recording.recordings import AWAY_GAP, Mark, MarkKind, Silence

STAGES = frozenset({MarkKind.TALK, MarkKind.HOLD, MarkKind.CONSULT, MarkKind.WAITING})
"""One of these is open at a time; CONFERENCE and SILENCED lie over them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as the floor sees it at one moment."""

    call_id: str
    channel: str  # the caller's leg
    queue: str
    language: str
    agent: str  # staff number; empty while waiting
    phase: MarkKind  # TALK, HOLD, CONSULT, CONFERENCE or WAITING
    third: str = ""  # the third party's staff number

    @property
    def talking(self) -> bool:
        """Whether an agent and the caller hear each other."""
        return self.phase in (MarkKind.TALK, MarkKind.CONFERENCE)

    @property
    def marks(self) -> dict[MarkKind, str]:
        """Return which marks are open while it is so, with their details."""
        match self.phase:
            case MarkKind.CONFERENCE:
                return {MarkKind.TALK: self.agent, MarkKind.CONFERENCE: self.third}
            case MarkKind.TALK:
                return {MarkKind.TALK: self.agent}
            case MarkKind.WAITING:
                return {MarkKind.WAITING: self.queue}
            case _:
                return {self.phase: ""}


class OpenMarks:
    """What is open in a recording; its audio began at `began` (monotonic seconds)."""

    def __init__(self, began: float) -> None:
        self.began = began
        self._open: dict[MarkKind, Mark] = {}
        self._silences: dict[Silence, Mark] = {}
        self._limits: dict[Silence, float] = {}

    def ms(self, now: float) -> int:
        """Return a moment as milliseconds of the recording."""
        return max(0, round((now - self.began) * 1000))

    # -- the course of the talk -------------------------------------------------------------------

    def follow(self, seen: Seen, now: float) -> list[Mark]:
        """Return the marks that end and begin because the call is seen like this now."""
        here, wanted, changed = self.ms(now), seen.marks, []
        for kind, mark in list(self._open.items()):
            if wanted.get(kind) != mark.detail:
                changed.append(replace(mark, until_ms=max(here, mark.from_ms)))
                del self._open[kind]
        for kind, detail in wanted.items():
            if kind not in self._open:
                self._open[kind] = Mark(kind, here, None, detail)
                changed.append(self._open[kind])
        return changed

    def close(self, now: float) -> list[Mark]:
        """Return the ends of all that is open."""
        here = self.ms(now)
        marks = [*self._open.values(), *self._silences.values()]
        self._open.clear()
        self._silences.clear()
        self._limits.clear()
        return [replace(mark, until_ms=max(here, mark.from_ms)) for mark in marks]

    # -- silence ----------------------------------------------------------------------------------

    @property
    def silent(self) -> bool:
        """Whether there is any reason for silence."""
        return bool(self._silences)

    @property
    def wake_at(self) -> float:
        """When the next silence is over at the latest (monotonic seconds; infinity: none ends by itself)."""
        return min(self._limits.values(), default=math.inf)

    def hush(self, why: Silence, now: float, until: float, before_ms: int = 0) -> list[Mark]:
        """Begin silence, `before_ms` ago, or let it go on until a later time."""
        self._limits[why] = until
        if why in self._silences:
            return []
        since = max(0, self.ms(now) - before_ms)
        self._silences[why] = Mark(MarkKind.SILENCED, since, None, why.value)
        return [self._silences[why]]

    def speak(self, why: Silence, now: float) -> list[Mark]:
        """End silence for one reason; nothing where it is not on."""
        mark = self._silences.pop(why, None)
        self._limits.pop(why, None)
        return [] if mark is None else [replace(mark, until_ms=max(self.ms(now), mark.from_ms))]

    def time(self, now: float) -> list[Mark]:
        """Return the ends of silences whose time is over."""
        over = [why for why, until in self._limits.items() if until <= now]
        return [mark for why in over for mark in self.speak(why, now)]

    # -- after a restart --------------------------------------------------------------------------

    def take_up(self, marks: Sequence[Mark], now: float, limits: dict[Silence, float]) -> list[Mark]:
        """Go on where the record ends; return what is to be added to it.

        Nobody marked anything between the last mark and now, which a GAP `service_away` with its length in
        milliseconds states; it spans nothing, since the audio is there. Silences go on as `limits` says;
        those it does not name end.
        """
        here, last, added = self.ms(now), 0, []
        for mark in marks:
            last = max(last, mark.from_ms, mark.until_ms or 0)
            if mark.until_ms is not None:
                continue
            if mark.kind is not MarkKind.SILENCED:
                self._open[mark.kind] = mark
            elif (why := Silence(mark.detail)) in limits:
                self._silences[why], self._limits[why] = mark, limits[why]
            else:
                added.append(replace(mark, until_ms=max(here, mark.from_ms)))
        last = min(last, here)
        return [*added, Mark(MarkKind.GAP, last, last, f"{AWAY_GAP}{here - last}")]
