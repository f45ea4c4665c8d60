"""What a call plays: one playback at a time, each of one language, the rest behind it in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from call_flows.commands import Command, Phrase, Play, Record, StopPlaying
from domain.calls import EventKind

if TYPE_CHECKING:
    from call_flows.book import FlowBook
    from call_flows.step_text import Spoken


class Playing:
    """The playbacks of one call. What returns commands returns them in order; none: nothing to do."""

    def __init__(self, book: FlowBook, call_id: str) -> None:
        self._book = book
        self._call_id = call_id
        self._behind: deque[tuple[Play, bool]] = deque()  # with whether they go on record
        self.count = 0  # playbacks so far; the last one's id ends in this number
        self.current: Play | None = None

    def add(
        self, spoken: Iterable[Spoken], language: str, known: Mapping[str, str], *, recorded: bool
    ) -> None:
        """Put prompts behind what is there, each run of one language as one playback.

        `language` is that of prompts that name none; `known` are the values that can be spoken.
        """
        for code, names in _runs(spoken, language):
            phrases = tuple([self._phrase(name, known) for name in names])
            self.count += 1
            self._behind.append((Play(f"{self._call_id}-p{self.count}", phrases, code), recorded))

    def next(self) -> Sequence[Command]:
        """Begin the next playback."""
        if not self._behind:
            return ()
        play, recorded = self._behind.popleft()
        self.current = play
        if not recorded:
            return (play,)
        names = " ".join(phrase.name for phrase in play.phrases)
        data = {"prompt": names, "language": play.language, "playback": play.playback}
        return Record(EventKind.PROMPT, data), play

    def ended(self, playback: str) -> Play | None:
        """Return the playback that came to its end; None: it is not what is playing."""
        ended = self.current
        if ended is None or ended.playback != playback:
            return None
        self.current = None
        return ended

    def stop(self) -> Sequence[Command]:
        """Stop what is playing, and drop what is behind it."""
        stopped = self.forget()
        return () if stopped is None else (StopPlaying(stopped.playback),)

    def forget(self) -> Play | None:
        """Drop everything unsaid: the leg is gone. Return what was playing."""
        self._behind.clear()
        dropped, self.current = self.current, None
        return dropped

    def _phrase(self, name: str, known: Mapping[str, str]) -> Phrase:
        wanted = self._book.values_of(name)
        if not wanted:
            return Phrase(name)
        return Phrase(name, {value: known[value] for value in wanted if value in known})


def _runs(spoken: Iterable[Spoken], language: str) -> Iterable[tuple[str, list[str]]]:
    runs: list[tuple[str, list[str]]] = []
    for part in spoken:
        code = part.language or language
        if runs and runs[-1][0] == code:
            runs[-1][1].extend(part.names)
        else:
            runs.append((code, list(part.names)))
    return runs
