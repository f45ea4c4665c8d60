"""Makes the transcript of a sealed recording: where each side speaks, window by window, to sentences.

The recogniser works on windows of 30 s whatever is in them, so the parts in which one side speaks are put
together into windows. Parts that were silenced are neither given to it nor get words: it is known to invent
some for silence (Koenecke et al., 2024).
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import soundfile as sf

from domain.masking import mask
from prompts.sound import Wave
from prompts.whisper import Word
from recording.audio import LEVEL_FRAMES, CodingFailed, Levels
from recording.measures import spoken
from recording.recordings import RATE, SIDES, Mark, MarkKind, Recording
from recording.transcripts import Recogniser, Sentence, Transcript

LANGUAGES = ("id", "en")
WINDOW_MS = 28_000  # of the recogniser's 30 s
_BETWEEN_MS = 400  # of silence between two parts in a window
_EDGE_MS = 200  # before and after a part: speech begins more quietly than it is
_PAUSE_MS = 700  # a longer one ends a sentence
_LONGEST = 240  # characters of a sentence
_SEARCH_MS = 4000  # how far before its end a long part is looked at for the quietest place
_BLOCK = RATE * 60
_LEVEL_MS = LEVEL_FRAMES * 1000 // RATE
_ENDS = (".", "?", "!")
_LONG_NUMBER = re.compile(r"\d(?:[\s.,\-/]{0,2}\d){7,}")  # an NPWP, a NIK, a telephone number
_SEPARATORS = re.compile(r"\D")

Span = tuple[int, int]


@dataclass(slots=True)
class Window:
    """Parts of one side that the recogniser is given together, in milliseconds of the recording."""

    spans: list[Span] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Its milliseconds, silence between the parts included."""
        return sum(end - start + _BETWEEN_MS for start, end in self.spans)

    def at(self, ms: float) -> tuple[int, int]:
        """Return the part and the place in the recording of a place in the window, within the part."""
        begin = 0
        for number, (start, end) in enumerate(self.spans):
            if ms < begin + end - start + _BETWEEN_MS / 2 or number == len(self.spans) - 1:
                return number, int(min(max(start + ms - begin, start), end))
            begin += end - start + _BETWEEN_MS
        raise ValueError("a window without parts")


class Coded:
    """A sealed recording's sound, coded, in memory: decoded part by part, never written anywhere."""

    def __init__(self, data: bytes) -> None:
        """Raises recording.audio.CodingFailed."""
        try:
            self._file = sf.SoundFile(io.BytesIO(data))
        except sf.SoundFileError as error:
            raise CodingFailed(f"sound: {type(error).__name__}") from error
        if self._file.channels != len(SIDES):
            raise CodingFailed("sound: not two sides")
        self._hz = int(self._file.samplerate)  # of Opus always 48 kHz

    def levels(self) -> tuple[Levels, Levels]:
        """Return how loud both sides are, for each 20 ms. Raises CodingFailed."""
        found: list[list[np.ndarray[tuple[int], np.dtype[np.float32]]]] = [[], []]
        step = self._hz // 1000 * _LEVEL_MS
        try:
            self._file.seek(0)
            for block in self._file.blocks(self._hz * 60, dtype="float32", always_2d=True):
                whole = np.concatenate([block, np.zeros((-len(block) % step, 2), dtype=np.float32)])
                square = np.square(whole).reshape(-1, step, 2).mean(axis=1)
                for side in (0, 1):
                    found[side].append(square[:, side])
        except sf.SoundFileError as error:
            raise CodingFailed(f"sound: {type(error).__name__}") from error
        sides = [np.concatenate(one) if one else np.zeros(0, dtype=np.float32) for one in found]
        return Levels(b"", sides[0]), Levels(b"", sides[1])

    def wave(self, side: int, window: Window) -> Wave:
        """Return what one side says in a window, at 8 kHz. Raises CodingFailed."""
        between = np.zeros(_BETWEEN_MS * RATE // 1000)
        parts: list[Wave] = []
        try:
            for start, end in window.spans:
                self._file.seek(min(start * self._hz // 1000, self._file.frames))
                read = self._file.read((end - start) * self._hz // 1000, dtype="float64", always_2d=True)
                parts += [_at_8k(read[:, side], self._hz), between]
        except sf.SoundFileError as error:
            raise CodingFailed(f"sound: {type(error).__name__}") from error
        return np.concatenate(parts)


def transcribe(
    recording: Recording,
    marks: Sequence[Mark],
    data: bytes,
    recogniser: Recogniser,
    now: datetime,
    between: Callable[[], None] = lambda: None,
) -> Transcript:
    """Make the transcript of a recording from its coded sound. Blocking, for long.

    `between` is called before each window and may wait; it ends the work by raising. Raises CodingFailed.
    """
    begun = time.process_time()
    sound = Coded(data)
    levels = sound.levels()
    language = recording.language if recording.language in LANGUAGES else LANGUAGES[0]
    closed = [one for one in marks if one.kind is MarkKind.SILENCED]
    sentences: list[Sentence] = []
    for side, spans in enumerate(spoken(levels, marks)):
        for window in windows(spans, levels[side], closed):
            between()
            heard = recogniser.words(sound.wave(side, window), language)
            sentences += sentences_of(SIDES[side], window, heard)
    return Transcript(
        recording.recording_id,
        recording.call_id,
        now,
        language,
        recogniser.model,
        recogniser.version,
        recording.audio_ms,
        round((time.process_time() - begun) * 1000),
        sorted(sentences, key=lambda one: (one.from_ms, one.side)),
    )


def windows(spans: Sequence[Span], level: Levels, closed: Sequence[Mark]) -> Iterator[Window]:
    """Yield the windows of one side; `closed`: marks whose parts nobody is given."""
    window = Window()
    for part in _open_parts(spans, len(level.energy) * _LEVEL_MS, closed):
        for span in _short_enough(part, level):
            if window.spans and window.length + span[1] - span[0] + _BETWEEN_MS > WINDOW_MS:
                yield window
                window = Window()
            window.spans.append(span)
    if window.spans:
        yield window


def _open_parts(spans: Sequence[Span], length: int, closed: Sequence[Mark]) -> Iterator[Span]:
    """Yield parts with their edges, joined where these touch, without what is closed."""
    wide: list[list[int]] = []
    for start, end in spans:
        begin, until = max(0, start - _EDGE_MS), min(length, end + _EDGE_MS)
        if wide and begin <= wide[-1][1]:
            wide[-1][1] = until
        else:
            wide.append([begin, until])
    for begin, until in wide:
        at = begin
        for mark in sorted(closed, key=lambda mark: mark.from_ms):
            ends = length if mark.until_ms is None else mark.until_ms
            if ends <= at or mark.from_ms >= until:
                continue
            if mark.from_ms > at:
                yield at, mark.from_ms
            at = ends
        if at < until:
            yield at, until


def _short_enough(span: Span, level: Levels) -> Iterator[Span]:
    """Yield a part in pieces that fit a window, cut where it is quietest."""
    start, end = span
    while end - start > WINDOW_MS - _BETWEEN_MS:
        last = start + WINDOW_MS - _BETWEEN_MS
        first = (last - _SEARCH_MS) // _LEVEL_MS
        near = level.energy[first : last // _LEVEL_MS]
        cut = (first + int(np.argmin(near))) * _LEVEL_MS if len(near) else last
        yield start, cut
        start = cut
    yield start, end


def sentences_of(side: str, window: Window, words: Sequence[Word]) -> Iterator[Sentence]:
    """Yield what one side said in a window, by its pauses; long numbers are masked."""
    said: list[str] = []
    part, begin, last = -1, 0, 0
    for word in words:
        number, start = window.at(word.start * 1000)
        _, end = window.at(word.end * 1000)
        over = said and (
            number != part
            or start - last > _PAUSE_MS
            or said[-1].endswith(_ENDS)
            or sum(len(one) + 1 for one in said) > _LONGEST
        )
        if over:
            yield _sentence(side, begin, last, said)
            said = []
        if not said:
            part, begin = number, start
        if word.text:
            said.append(word.text)
        last = max(start, min(end, window.spans[number][1]))
    if said:
        yield _sentence(side, begin, last, said)


def _sentence(side: str, begin: int, end: int, said: Sequence[str]) -> Sentence:
    return Sentence(side, begin, end, without_numbers(" ".join(said)))


def without_numbers(text: str) -> str:
    """Return a text in which numbers of eight digits or more show the last four at most."""
    return _LONG_NUMBER.sub(lambda found: mask(_SEPARATORS.sub("", found[0])), text)


def _at_8k(wave: Wave, rate: int) -> Wave:
    """Bring a wave of a multiple of 8 kHz down; the line carries nothing above 4 kHz."""
    step = rate // RATE
    if step == 1:
        return wave
    whole = wave[: len(wave) // step * step]
    return np.asarray(whole.reshape(-1, step).mean(axis=1), dtype=np.float64)
