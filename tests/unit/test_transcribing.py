"""From a recording's sound to sentences with times: windows, silence, pauses, numbers."""

import io
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.whisper import Word
from recording.audio import CodingFailed, Levels
from recording.recordings import RATE, Mark, MarkKind, Mode, Recording
from recording.states import State
from recording.transcribing import WINDOW_MS, Window, sentences_of, transcribe, windows, without_numbers
from recording.transcripts import Transcript
from recording.wav import Samples
from tests.laws import asks
from tests.sealing_world import voice
from tests.transcript_double import EverywhereWords

NOW = datetime(2026, 3, 30, 3, tzinfo=UTC)


def _levels(seconds: float) -> Levels:
    return Levels(b"", np.full(round(seconds * 50), 0.01, dtype=np.float32))


def _recording(audio_ms: int, language: str = "id") -> Recording:
    whose = ("0" * 32, "call-1", 1, "leg-1", "in", "efin/B", "", "1001", language, Mode.ALWAYS)
    return Recording(*whose, State.SEALED, NOW, audio_ms=audio_ms)


def _coded(caller: Samples, agent: Samples, kind: str = "FLAC", subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    sf.write(file, np.stack([caller, agent], axis=1), RATE, subtype, format=kind)
    return file.getvalue()


def _quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype="<i2")


def _made(data: bytes, marks: list[Mark], recogniser: EverywhereWords, language: str = "id") -> Transcript:
    return transcribe(_recording(10_000, language), marks, data, recogniser, NOW)


@pytest.mark.parametrize(("kind", "subtype"), [("FLAC", "PCM_16"), ("OGG", "OPUS")])
def test_each_side_has_its_own_sentences_at_their_times(kind: str, subtype: str) -> None:
    caller = np.concatenate([voice(3.0), _quiet(7.0)])
    agent = np.concatenate([_quiet(5.0), voice(4.0, 300.0), _quiet(1.0)])
    recogniser = EverywhereWords("selamat", "siang.")
    made = _made(_coded(caller, agent, kind, subtype), [], recogniser, "en")
    assert (made.model, made.model_version, made.language, made.call_id) == ("double", "1", "en", "call-1")
    assert recogniser.languages == ["en", "en"]
    by_side = {side: [one for one in made.sentences if one.side == side] for side in ("caller", "agent")}
    assert len(by_side["caller"]) == 4 and len(by_side["agent"]) == 5  # words of half a second, in twos
    assert {one.text for one in made.sentences} <= {"selamat siang.", "selamat"}
    assert by_side["caller"][0].from_ms == 0 and 2900 <= by_side["caller"][-1].until_ms <= 3300
    assert 4700 <= by_side["agent"][0].from_ms <= 5000 and by_side["agent"][-1].until_ms <= 9300
    assert [one.from_ms for one in made.sentences] == sorted(one.from_ms for one in made.sentences)
    assert made.cpu_ms >= 0


def test_nothing_is_heard_or_written_in_silenced_parts() -> None:
    loud = voice(10.0)  # also where it should have been silenced: the recogniser must not be given it
    silenced = Mark(MarkKind.SILENCED, 3000, 6000, "proof")
    recogniser = EverywhereWords("rahasia")
    made = _made(_coded(loud, _quiet(10.0)), [silenced], recogniser)
    assert made.sentences
    for one in made.sentences:
        assert one.until_ms <= 3000 or one.from_ms >= 6000
    heard = sum(float(np.count_nonzero(wave)) for wave in recogniser.waves) / RATE
    assert heard <= 7.1


def test_an_open_silence_lasts_to_the_end_and_hold_is_not_heard() -> None:
    marks = [Mark(MarkKind.HOLD, 0, 2000), Mark(MarkKind.SILENCED, 5000)]
    made = _made(_coded(voice(10.0), voice(10.0)), marks, EverywhereWords())
    assert made.sentences
    assert all(one.from_ms >= 1800 and one.until_ms <= 5000 for one in made.sentences)


def test_silence_has_no_words_and_what_is_no_sound_is_refused() -> None:
    recogniser = EverywhereWords()
    assert _made(_coded(_quiet(5), _quiet(5)), [], recogniser).sentences == []
    assert recogniser.waves == []
    with pytest.raises(CodingFailed):
        _made(b"no sound", [], recogniser)
    one_side = io.BytesIO()
    sf.write(one_side, voice(1.0), RATE, "PCM_16", format="FLAC")
    with pytest.raises(CodingFailed, match="two sides"):
        _made(one_side.getvalue(), [], recogniser)


def test_others_may_stop_it_before_a_window() -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    recogniser = EverywhereWords()
    with pytest.raises(Enough):
        transcribe(_recording(5000), [], _coded(voice(5.0), voice(5.0)), recogniser, NOW, stop)
    assert recogniser.waves == []


_SPANS = st.lists(st.integers(1, 2000), min_size=1, max_size=40)  # of 20 ms each: pauses and parts in turn
_MARKS = st.lists(st.tuples(st.integers(0, 400_000), st.none() | st.integers(1, 60_000)), max_size=4)


@given(_SPANS, _MARKS)
@settings(max_examples=asks(200), deadline=None)
def test_windows_hold_every_part_once_short_enough_and_nothing_closed(
    lengths: list[int], closed: list[tuple[int, int | None]]
) -> None:
    ends = np.cumsum(lengths).tolist()
    spans = [(ends[n] * 20, ends[n + 1] * 20) for n in range(0, len(ends) - 1, 2)]
    level = _levels(ends[-1] / 50)
    marks = [
        Mark(MarkKind.SILENCED, start, None if length is None else start + length) for start, length in closed
    ]
    found = list(windows(spans, level, marks))
    given_ms = [span for window in found for span in window.spans]
    assert all(window.length <= WINDOW_MS for window in found)
    assert all(start < end for start, end in given_ms)
    assert all(one[1] <= other[0] for one, other in pairwise(given_ms))
    free = np.zeros(ends[-1] * 20 + 1, dtype=bool)
    for start, end in spans:
        free[start:end] = True
    for mark in marks:
        shut = slice(mark.from_ms, mark.until_ms)
        free[shut] = False
        for start, end in given_ms:
            assert end <= mark.from_ms or (mark.until_ms is not None and start >= mark.until_ms)
    for start, end in given_ms:
        free[start:end] = False
    assert not free.any()  # all that is said and open was given


def test_a_place_in_a_window_is_a_place_in_its_part() -> None:
    window = Window([(1000, 2000), (9000, 9500)])
    assert window.at(0) == (0, 1000) and window.at(500) == (0, 1500)
    assert window.at(1100) == (0, 2000)  # in the pause between
    assert window.at(1400) == (1, 9000) and window.at(1650) == (1, 9250) and window.at(99_000) == (1, 9500)


def test_sentences_end_with_signs_pauses_and_parts() -> None:
    window = Window([(0, 5000), (60_000, 65_000)])
    words = [
        Word(0.0, 0.4, "Selamat"),
        Word(0.4, 0.8, "pagi."),
        Word(0.9, 1.2, "Ada"),
        Word(3.0, 3.2, "apa?"),
    ]
    words += [Word(6.0, 6.4, "Saya"), Word(6.4, 6.6, "")]
    found = [(one.from_ms, one.until_ms, one.text) for one in sentences_of("agent", window, words)]
    assert found == [
        (0, 800, "Selamat pagi."),
        (900, 1200, "Ada"),
        (3000, 3200, "apa?"),
        (60_600, 61_200, "Saya"),
    ]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("NPWP saya 01.234.567.8-901.000 ya", "NPWP saya …1000 ya"),
        ("0 8 1 2 3 4 5 6 7 8 9", "…6789"),
        ("tahun 2026, pasal 21 dan 23", "tahun 2026, pasal 21 dan 23"),
        ("Rp1.500.000", "Rp1.500.000"),
    ],
)
def test_long_numbers_are_masked(said: str, shown: str) -> None:
    assert without_numbers(said) == shown
