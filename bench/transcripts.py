"""Transcripts of talks made of rendered prompts, spoken as two sides: CPU a minute, words wrong.

Needs the extra `voice`. A talk goes to and fro between caller and agent, one prompt each, as FLAC of two
channels; it is written down as the service does. The peer is the same model without looking for speech: for
the CPU it hears both sides from end to end in windows of 30 s, for the words each prompt alone.
"""

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile as sf

from bench.figures import Report, at_most, not_measured, ratio_at_most, within
from prompts.kokoro import INSTALL
from prompts.library import PREFIX, Library
from prompts.sound import Wave, to_wave
from prompts.texts import LANGUAGES, Slot, Texts, load_texts, read_yaml
from prompts.wav import read
from prompts.wer import errors, normalise
from prompts.whisper import Whisper, missing_packages
from recording.recordings import RATE, SIDES, Mode, Recording
from recording.states import State
from recording.transcribing import transcribe
from recording.transcripts import Sentence

CPU_RATIO = 0.9  # of hearing both sides from end to end
WER_MORE = 0.05  # than each prompt heard alone
LATE_MS = 500.0  # between the beginning of a turn and of its first sentence, nine times of ten
_PROMPTS = Path(__file__).resolve().parent.parent / "prompts"
_MINUTES = 3.0  # of a talk in each language
_TURN = (2.0, 12.0)  # seconds of a prompt that is taken
_PAUSE = round(0.6 * RATE)
_WINDOW = 30 * RATE
_NOW = datetime(2026, 3, 30, 3, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """One side says a prompt."""

    side: int
    start: int  # sample
    wave: Wave
    said: str


@dataclass(frozen=True, slots=True)
class Words:
    """How words are compared in a language."""

    language: str
    known: Mapping[str, str]
    heard: Mapping[str, str]

    def wrong(self, said: str, heard: str) -> tuple[int, int]:
        """Return how many words are wrong, of how many that were said."""
        sides = [normalise(text, self.language, self.known, self.heard) for text in (said, heard)]
        return errors(*sides), len(sides[0])


def run(report: Report) -> None:
    """Measure; print CPU, words wrong and how late sentences begin, in each language."""
    if missing := missing_packages():
        why = f"{', '.join(missing)} not installed; {INSTALL}"
        report.add(not_measured("transcripts.cpu", f"ratio <= {CPU_RATIO:g}", "s of CPU a minute", why))
        return
    texts, library, model = load_texts(_PROMPTS), Library.load(_PROMPTS), Whisper()
    spellings = read_yaml(_PROMPTS / "heard.yaml")
    for language in LANGUAGES:
        minutes = _MINUTES / 3 if report.short else _MINUTES
        turns = _talk(texts, library, language, minutes)
        report.progress(f"{len(turns)} turns in {language} are written down")
        _measure(report, turns, Words(language, texts.words[language], spellings.get(language, {})), model)


def _talk(texts: Texts, library: Library, language: str, minutes: float) -> Sequence[Turn]:
    turns: list[Turn] = []
    at = _PAUSE
    for name, prompt in sorted(texts.prompts.items()):
        parts = prompt.parts.get(language, ())
        if not parts or any(isinstance(part, Slot) for part in parts):
            continue
        wave = _spoken(library.sounds(name, language))
        if not _TURN[0] <= len(wave) / RATE <= _TURN[1]:
            continue
        turns.append(Turn(len(turns) % 2, at, wave, library.text(name, language)))
        at += len(wave) + _PAUSE
        if at >= minutes * 60 * RATE:
            break
    return turns


def _spoken(sounds: Sequence[str]) -> Wave:
    audio = _PROMPTS / "audio"
    return np.concatenate([to_wave(read(audio / f"{sound.removeprefix(PREFIX)}.wav")) for sound in sounds])


def _measure(report: Report, turns: Sequence[Turn], words: Words, model: Whisper) -> None:
    last = turns[-1]
    both = np.zeros((last.start + len(last.wave) + _PAUSE, len(SIDES)))
    for turn in turns:
        both[turn.start : turn.start + len(turn.wave), turn.side] = turn.wave
    file = io.BytesIO()
    sf.write(file, both, RATE, "PCM_16", format="FLAC")
    length_ms = len(both) * 1000 // RATE
    whose = ("0" * 32, "call", 1, "leg", "in", "efin/B", "", "1001", words.language, Mode.ALWAYS)
    talk = Recording(*whose, State.SEALED, _NOW, audio_ms=length_ms)
    begun = time.process_time()
    made = transcribe(talk, [], file.getvalue(), model, _NOW)
    ours = time.process_time() - begun
    begun = time.process_time()
    for side in range(len(SIDES)):
        for start in range(0, len(both), _WINDOW):
            model.words(both[start : start + _WINDOW, side], words.language)
    peer = time.process_time() - begun
    minutes, name = length_ms / 60_000, f"transcripts.{words.language}"
    note = f"{len(turns)} turns, {minutes:.1f} minutes, one thread, {model.model} ({model.version})"
    figure = ratio_at_most(
        f"{name}.cpu", ours / minutes, peer / minutes, CPU_RATIO, "s of CPU a minute", note
    )
    report.add(figure)
    _judge(report, name, turns, made.sentences, words, model)


def _judge(
    report: Report,
    name: str,
    turns: Sequence[Turn],
    sentences: Sequence[Sentence],
    words: Words,
    model: Whisper,
) -> None:
    wrong = alone = said = 0
    late: list[float] = []
    edge = np.zeros(_PAUSE // 2)
    for turn in turns:
        found = _within(turn, sentences)
        more, count = words.wrong(turn.said, " ".join(one.text for one in found))
        wrong, said = wrong + more, said + count
        heard = model.text(np.concatenate([edge, turn.wave, edge]), words.language)
        alone += words.wrong(turn.said, heard)[0]
        if found:
            late.append(abs(found[0].from_ms - turn.start * 1000 / RATE))
    note = f"{said} words; sentences counted to the turn in which they stand"
    report.add(within(f"{name}.words_wrong", wrong / said, alone / said, WER_MORE, "word error rate", note))
    told = f"{len(late)} of {len(turns)} turns have sentences"
    report.add(at_most(f"{name}.begins_p90", float(np.percentile(late, 90)), LATE_MS, "ms", told))


def _within(turn: Turn, sentences: Sequence[Sentence]) -> Sequence[Sentence]:
    """Return what was written down of a turn: by side, and by the middle of each sentence."""
    start, end = ((turn.start + at) * 1000 / RATE for at in (-_PAUSE / 2, len(turn.wave) + _PAUSE / 2))
    side = SIDES[turn.side]
    return [one for one in sentences if one.side == side and start <= (one.from_ms + one.until_ms) / 2 < end]
