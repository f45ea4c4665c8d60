"""The one audio format of the prompts: WAV, 8 kHz, 16-bit, mono."""

import io
import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from prompts.errors import PromptError

RATE = 8000  # samples a second
Samples = NDArray[np.int16]


def read(path: Path) -> Samples:
    """Read a file's samples. Raises PromptError naming the file and what is wrong with it."""
    try:
        with path.open("rb") as file:
            return decoded(file, path.name)
    except OSError as error:
        raise PromptError(f"{path.name}: not readable as WAV ({error})") from error


def decoded(file: BinaryIO, name: str) -> Samples:
    """Read the samples of an open file. `name` is for the message. Raises PromptError."""
    try:
        with wave.open(file, "rb") as audio:
            form = (audio.getframerate(), audio.getsampwidth() * 8, audio.getnchannels())
            content = audio.readframes(audio.getnframes())
    except (wave.Error, EOFError) as error:
        raise PromptError(f"{name}: not readable as WAV ({error})") from error
    if form != (RATE, 16, 1):
        raise PromptError(
            f"{name}: {form[0]} Hz, {form[1]} bits, {form[2]} channels; "
            f"convert it: sox {name} -r 8000 -b 16 -c 1 new.wav"
        )
    return np.frombuffer(content, dtype="<i2").astype(np.int16)


def write(path: Path, samples: Samples) -> None:
    """Write samples, creating the folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(samples))


def encoded(samples: Samples) -> bytes:
    """Return samples as the bytes of a file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as audio:
        audio.setframerate(RATE)
        audio.setsampwidth(2)
        audio.setnchannels(1)
        audio.writeframes(samples.astype("<i2").tobytes())
    return made.getvalue()
