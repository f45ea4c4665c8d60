"""A copy's number is heard again, wherever its sound was cut into blocks and whatever was said over it."""

import io
import struct

import numpy as np
import pytest
import soundfile

from recording.listening_copy import EVERY, LEVEL, header, marked, read_sign, sign
from recording.recordings import RATE

NUMBER = "0f9a17c4"
SECONDS = 100


def speech(loud: float, seed: int = 3) -> np.ndarray:
    """Return two sides of noise in the band of a telephone, in bursts of syllables."""
    frames = SECONDS * RATE
    noise = np.random.default_rng(seed).normal(0, 1, (frames, 2))
    noise = np.apply_along_axis(lambda side: np.convolve(side, np.hanning(6) / 3, "same"), 0, noise)
    bursts = np.sin(2 * np.pi * 2 * np.arange(frames) / RATE)[:, None] > 0
    made: np.ndarray = np.clip(loud * noise * bursts, -1, 1)
    return made


@pytest.mark.parametrize("block", [SECONDS * RATE, 65_536, 1000, 237])
def test_it_is_the_same_in_any_blocks(block: int) -> None:
    quiet, tones = np.zeros((SECONDS * RATE, 2)), sign(NUMBER, RATE)
    out = np.concatenate(
        [marked(quiet[at : at + block], at, tones, RATE) for at in range(0, len(quiet), block)]
    )
    assert np.abs(out).max() == pytest.approx(LEVEL, rel=0.05)
    assert np.count_nonzero(np.abs(out[round(RATE) : round((EVERY - 1) * RATE)])) == 0
    for begin in range(0, len(out), round(EVERY * RATE)):
        np.testing.assert_array_equal(out[begin : begin + len(tones), 0], tones)
        np.testing.assert_array_equal(out[begin : begin + len(tones), 1], tones)
    assert read_sign(out, RATE) == NUMBER


@pytest.mark.parametrize("loud", [0.02, 0.08])
def test_it_is_heard_under_speech(loud: float) -> None:
    said = speech(loud)
    assert read_sign(marked(said, 0, sign(NUMBER, RATE), RATE), RATE) == NUMBER
    assert read_sign(said, RATE) == ""


def test_only_eight_hex_digits_are_a_number() -> None:
    for wrong in ("", "0f9a17c", "0f9a17c45", "0f9a17cx"):
        with pytest.raises(ValueError):
            sign(wrong, RATE)


def test_the_header_says_how_long_it_is_and_whose() -> None:
    frames = np.arange(-500, 500, dtype="<i2").reshape(-1, 2)
    file = header(len(frames), 2, RATE, "Recording 1, odd") + frames.tobytes()
    assert struct.unpack_from("<I", file, 4) == (len(file) - 8,)
    data, rate = soundfile.read(io.BytesIO(file), dtype="int16")
    assert rate == RATE
    np.testing.assert_array_equal(data, frames)
    assert soundfile.SoundFile(io.BytesIO(file)).comment == "Recording 1, odd"
