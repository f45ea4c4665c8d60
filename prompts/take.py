"""Recordings taken as they come from a studio or a telephone: checked, and made what the line plays."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import soundfile as sf

from prompts import sound
from prompts.check import clipped, of_samples
from prompts.errors import PromptError
from prompts.sound import Wave
from prompts.wav import RATE, Samples

FORMATS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3")  # libsndfile's names
LARGEST = 24 * 1024 * 1024  # bytes: a minute and a half of studio quality, two channels
LONGEST = 90.0  # seconds
SHORTEST = 0.5  # seconds of speech
HIGHEST_RATE = 192_000  # Hz
QUIETEST = -45.0  # dBFS of speech: lifted from below, its noise would be heard too
LONGEST_PAUSE = 2.5  # seconds within speech, from where on a caller could hang up
_LIFTED = 12.0  # dB, from where on it is worth telling
_CANCELLED = 6.0  # dB that two channels may lose when they are joined
_FRAME = 0.01  # seconds of a level
_SILENT = 35.0  # dB below the loudest


class BadRecording(PromptError):
    """A recording cannot be used; nothing was kept. `word` names the reason (`prompts.sound_…`)."""

    def __init__(self, word: str, **values: str) -> None:
        super().__init__(f"{word} {' '.join(f'{name}={value}' for name, value in values.items())}".strip())
        self.word = word
        self.values: Mapping[str, str] = values


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording as the line plays it."""

    samples: Samples
    notes: Mapping[str, str]  # what was done to it, or is worth hearing: word (`prompts.note_…`) → value

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / RATE


def take(content: bytes) -> Taken:
    """Check a recording (WAV, FLAC, OGG, MP3; one or more channels) and convert it. Raises BadRecording."""
    if len(content) > LARGEST:
        raise BadRecording("large", most=f"{LARGEST // 1024 // 1024}")
    channels, rate = _decode(content)
    if any(clipped(np.round(np.clip(channel, -1, 1) * 32767).astype(np.int16)) for channel in channels.T):
        raise BadRecording("clipped")
    one = _joined(channels)
    wave = sound.resample(one, rate)
    first, last = sound.spoken_span(wave)
    if last == 0:
        raise BadRecording("silent")
    if (last - first) / RATE < SHORTEST:
        raise BadRecording("short", seconds=_one(SHORTEST), given=_one((last - first) / RATE))
    level = sound.loudness(wave)
    if level < QUIETEST:
        raise BadRecording("quiet", level=f"{level:.0f}", least=f"{QUIETEST:.0f}")
    samples = sound.to_samples(sound.normalise(sound.trim(wave)))
    if unfit := next(of_samples(samples), None):
        raise BadRecording("unfit", what=unfit)
    return Taken(samples, _notes(channels, wave, level))


def _decode(content: bytes) -> tuple[Wave, int]:
    """Return samples as rows of channels, −1 … 1, and their rate."""
    try:
        with sf.SoundFile(io.BytesIO(content)) as file:
            if file.format not in FORMATS:
                raise BadRecording("format", given=str(file.format), known="WAV, FLAC, OGG, MP3")
            if not RATE <= file.samplerate <= HIGHEST_RATE:
                word = "rate_low" if file.samplerate < RATE else "rate_high"
                raise BadRecording(word, given=str(file.samplerate))
            most = int(LONGEST * file.samplerate)
            channels: Wave = file.read(most + 1, dtype="float64", always_2d=True)
            rate = int(file.samplerate)
    except (sf.SoundFileError, RuntimeError, ValueError, TypeError) as error:
        raise BadRecording("unreadable") from error
    if len(channels) > most:
        raise BadRecording("long", most=f"{LONGEST:.0f}")
    if not len(channels):
        raise BadRecording("silent")
    if not np.isfinite(channels).all():
        raise BadRecording("unreadable")
    return channels, rate


def _joined(channels: Wave) -> Wave:
    """Join channels; of those that would cancel each other out, the loudest alone is taken."""
    mean: Wave = channels.mean(axis=1)
    power = np.square(channels).mean(axis=0)
    loudest: Wave = channels[:, int(power.argmax())]
    lost = float(power.max()) > float(np.square(mean).mean()) * 10 ** (_CANCELLED / 10)
    return loudest if lost else mean


def _notes(channels: Wave, wave: Wave, level: float) -> Mapping[str, str]:
    notes: dict[str, str] = {}
    if channels.shape[1] > 1:
        notes["joined"] = str(channels.shape[1])
    lifted = sound.TARGET_DBFS - level
    if abs(lifted) > _LIFTED:
        notes["lifted" if lifted > 0 else "lowered"] = f"{abs(lifted):.0f}"
    pause = _longest_pause(wave)
    if pause > LONGEST_PAUSE:
        notes["pause"] = _one(pause)
    return notes


def _longest_pause(wave: Wave) -> float:
    """The longest silence within speech, in seconds."""
    levels = sound.frame_levels(wave)
    loud = np.flatnonzero(levels > levels.max() - _SILENT)
    return float(np.diff(loud).max(initial=0)) * _FRAME


def _one(seconds: float) -> str:
    return f"{seconds:.1f}"
