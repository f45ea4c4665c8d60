"""Speech made fit for a telephone line: rate, silence around it, loudness."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from prompts.wav import RATE, Samples

Wave = NDArray[np.float64]  # −1 … 1

TARGET_DBFS = -20.0  # RMS of the spoken parts, about −14 dBm0 on the line
PEAK_DBFS = -3.0
LEAD_SECONDS = 0.03
TAIL_SECONDS = 0.08
_FRAME = RATE // 100  # 10 ms
_SPEECH_DB = -35.0  # a frame this far below the loudest is silence
_PASS_BAND = 3600.0  # Hz
_ROWS = 20_000  # samples made at a time


def resample(wave: Wave, rate: int) -> Wave:
    """Bring a wave of 8 kHz or more down to 8 kHz behind a linear-phase low-pass. Raises ValueError."""
    if rate < RATE:
        raise ValueError(f"{rate} Hz is less than {RATE} Hz")
    if rate == RATE:
        return wave
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    half = 16 * rate // RATE  # samples of the low-pass on either side
    made = np.zeros(-(-len(wave) * up // down))
    padded = np.pad(wave, (half, half + down + 1))
    for phase in range(min(up, len(made))):  # every `up`-th sample falls equally between those given
        first, rest = divmod(phase * down, up)
        taps = _low_pass(np.arange(-half, half + 2, dtype=np.float64) - rest / up, rate, half)
        rows = sliding_window_view(padded, taps.size)[first::down]
        count = len(made[phase::up])
        for begin in range(0, count, _ROWS):  # a window of each sample at once would fill the memory
            end = min(count, begin + _ROWS)
            made[phase + begin * up : phase + (end - 1) * up + 1 : up] = rows[begin:end] @ taps
    return made


def _low_pass(at: Wave, rate: int, half: int) -> Wave:
    """A sinc under a Kaiser window, at places counted in samples of `rate`; its sum is 1."""
    inside = np.sqrt(np.maximum(0.0, 1.0 - np.square(at / half)))
    taps = np.sinc(2 * _PASS_BAND / rate * at) * np.where(np.abs(at) <= half, np.i0(8.0 * inside), 0.0)
    scaled: Wave = taps / taps.sum()
    return scaled


def frame_levels(wave: Wave) -> Wave:
    """RMS in dBFS of each 10 ms; silence is −120."""
    count = len(wave) // _FRAME
    power = np.mean(np.square(wave[: count * _FRAME].reshape(count, _FRAME)), axis=1)
    levels: Wave = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def spoken_span(wave: Wave) -> tuple[int, int]:
    """First and last sample (exclusive) of what is not silence; (0, 0) when all is."""
    levels = frame_levels(wave)
    if levels.size == 0 or levels.max() < -60.0:
        return (0, 0)
    loud = np.flatnonzero(levels > levels.max() + _SPEECH_DB)
    return (int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME)


def trim(wave: Wave) -> Wave:
    """Cut the silence around speech to a short lead and tail, faded so that joints do not click."""
    first, last = spoken_span(wave)
    lead, tail = round(LEAD_SECONDS * RATE), round(TAIL_SECONDS * RATE)
    first, last = max(0, first - lead), min(len(wave), last + tail)
    cut = wave[first:last].copy()
    fade = min(lead, len(cut) // 2)
    ramp = np.linspace(0.0, 1.0, fade)
    cut[:fade] *= ramp
    cut[len(cut) - fade :] *= ramp[::-1]
    return cut


def loudness(wave: Wave) -> float:
    """RMS in dBFS over the spoken frames, so that pauses within a prompt do not count."""
    levels = frame_levels(wave)
    if levels.size == 0:
        return -120.0
    spoken = levels[levels > levels.max() - 25.0]
    return float(10 * np.log10(np.mean(10 ** (spoken / 10))))


def peak(wave: Wave) -> float:
    """The highest sample in dBFS."""
    return float(20 * np.log10(max(1e-6, float(np.abs(wave).max(initial=0.0)))))


def normalise(wave: Wave, target: float = TARGET_DBFS) -> Wave:
    """Bring speech to the target loudness; peaks above the limit are bent, not cut."""
    scaled = wave * 10 ** ((target - loudness(wave)) / 20)
    limit = 10 ** (PEAK_DBFS / 20)
    knee = limit / 2
    size = np.abs(scaled)
    bent = knee + (limit - knee) * np.tanh((size - knee) / (limit - knee))
    limited: Wave = np.where(size > knee, np.sign(scaled) * bent, scaled)
    return limited


def to_samples(wave: Wave) -> Samples:
    """A wave as 16-bit samples."""
    return np.round(np.clip(wave, -1.0, 1.0) * 32767).astype(np.int16)


def to_wave(samples: Samples) -> Wave:
    """16-bit samples as a wave."""
    return samples.astype(np.float64) / 32768
