"""Recordings as they come: what is refused with which reason, and what the line plays of the others."""

import io

import numpy as np
import pytest
import soundfile as sf

from prompts import sound
from prompts.check import of_samples
from prompts.sound import Wave
from prompts.take import LARGEST, BadRecording, take
from prompts.wav import RATE


def speech(seconds: float = 2.0, rate: int = 48_000, level: float = -18.0) -> Wave:
    """Return syllables: a voiced tone that swells and goes four times a second."""
    at = np.arange(round(seconds * rate)) / rate
    partials = np.arange(1, 12)[:, None]
    voiced: Wave = (np.sin(2 * np.pi * 140 * partials * at) / partials).sum(axis=0)
    wave: Wave = voiced * (0.15 + np.abs(np.sin(2 * np.pi * 2 * at)))
    scaled: Wave = wave * 10 ** (level / 20) / np.sqrt(np.mean(np.square(wave)))
    return scaled


def recorded(wave: Wave, rate: int = 48_000, form: str = "WAV", subtype: str = "PCM_16") -> bytes:
    made = io.BytesIO()
    sf.write(made, wave, rate, format=form, subtype=subtype)
    return made.getvalue()


def _pitch(wave: Wave) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.fft.rfftfreq(len(wave), 1 / RATE)[spectrum.argmax()])


@pytest.mark.parametrize(
    ("rate", "form", "subtype"),
    [
        (8_000, "WAV", "PCM_16"), (44_100, "FLAC", "PCM_24"), (48_000, "WAV", "FLOAT"),
        (22_050, "OGG", "VORBIS"), (11_025, "WAV", "ULAW"), (16_000, "WAV", "PCM_U8"),
    ],
)  # fmt: skip
def test_any_rate_and_format_becomes_what_the_line_plays(rate: int, form: str, subtype: str) -> None:
    quiet = np.zeros(rate)
    taken = take(recorded(np.concatenate([quiet, speech(rate=rate), quiet]), rate, form, subtype))
    assert list(of_samples(taken.samples)) == []
    assert taken.seconds == pytest.approx(2.1, abs=0.15)  # the silence around it is cut
    wave = sound.to_wave(taken.samples)
    assert _pitch(wave) == pytest.approx(140, abs=1)
    assert sound.loudness(wave) == pytest.approx(sound.TARGET_DBFS, abs=1.5)


def test_tones_keep_their_pitch_and_what_no_line_carries_is_gone() -> None:
    for rate in (44_100, 48_000, 11_025):
        at = np.arange(rate) / rate
        kept = sound.resample(np.sin(2 * np.pi * 1000 * at), rate)
        gone = sound.resample(np.sin(2 * np.pi * 5200 * at), rate)
        assert len(kept) == RATE and _pitch(kept) == pytest.approx(1000, abs=1)
        assert np.abs(kept[400:-400]).max() == pytest.approx(1.0, abs=0.02)
        assert np.abs(gone[400:-400]).max() < 0.01


def test_channels_are_joined_and_none_cancels_the_other() -> None:
    wave = speech()
    both = take(recorded(np.stack([wave, wave], axis=1)))
    against = take(recorded(np.stack([wave, -wave], axis=1)))
    assert both.notes["joined"] == against.notes["joined"] == "2"
    assert list(of_samples(against.samples)) == []


def test_what_was_done_to_it_is_told() -> None:
    assert take(recorded(speech())).notes == {}
    assert take(recorded(speech(level=-40), subtype="PCM_24")).notes["lifted"] == "20"
    gap = np.concatenate([speech(), np.zeros(4 * 48_000), speech()])
    assert float(take(recorded(gap)).notes["pause"]) == pytest.approx(4.0, abs=0.2)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "unreadable"),
        (b"%PDF-1.7 no sound at all", "unreadable"),
        (recorded(speech())[:30], "unreadable"),
        (recorded(np.full(48_000, np.nan), subtype="FLOAT"), "unreadable"),
        (recorded(speech(), form="AIFF"), "format"),
        (recorded(speech(rate=6_000), 6_000), "rate_low"),
        (recorded(np.zeros(48_000)), "silent"),
        (recorded(np.zeros(0)), "silent"),
        (recorded(speech(0.3)), "short"),
        (recorded(speech(91, 8_000), 8_000), "long"),
        (recorded(speech(level=-60), subtype="PCM_24"), "quiet"),
        (recorded(np.clip(speech(level=-3) * 3, -1, 1)), "clipped"),
        (b"RIFF" + bytes(LARGEST), "large"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(content: bytes, word: str) -> None:
    with pytest.raises(BadRecording) as refused:
        take(content)
    assert refused.value.word == word
