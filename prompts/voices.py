"""The voices that can render a prompt: Kokoro, and espeak-ng as the last resort."""

import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Protocol

import numpy as np

from prompts import kokoro
from prompts.errors import SpeechUnavailable
from prompts.pronunciation import phonemes, sentences
from prompts.sound import Wave, resample

VERSION = 1  # raise it when the same text comes to sound different: everything goes stale
_PROMPT_SPEED = 0.95
_WORD_SPEED = 0.9


class Voice(Protocol):
    """Something that speaks at 8 kHz."""

    def name(self, *, word: bool) -> str:
        """Name the voice and its settings, as the manifest tells them."""
        ...

    def prompt(self, spoken: str, language: str) -> Wave:
        """Speak a text."""
        ...

    def word(self, spoken: str, language: str) -> Wave:
        """Speak one word that will be joined with others."""
        ...


class KokoroVoice:
    """Kokoro-82M; loaded at the first use."""

    def __init__(self, style: str = kokoro.STYLE) -> None:
        self._style = style
        self._model: kokoro.Kokoro | None = None

    def name(self, *, word: bool) -> str:
        """As the protocol says."""
        return f"kokoro-82m/{self._style}@{_WORD_SPEED if word else _PROMPT_SPEED}/v{VERSION}"

    def prompt(self, spoken: str, language: str) -> Wave:
        """As the protocol says."""
        return resample(self._loaded().speak(spoken, language, self._style, _PROMPT_SPEED), kokoro.RATE)

    def word(self, spoken: str, language: str) -> Wave:
        """As the protocol says."""
        said = kokoro.to_vocabulary(phonemes(spoken, language), language)
        return resample(self._loaded().infer(said, self._style, _WORD_SPEED), kokoro.RATE)

    def _loaded(self) -> kokoro.Kokoro:
        if self._model is None:
            self._model = kokoro.Kokoro()
        return self._model


class EspeakVoice:
    """espeak-ng: always available on Debian, understood about half."""

    def name(self, *, word: bool) -> str:
        """As the protocol says."""
        return f"espeak-ng/v{VERSION}"

    def prompt(self, spoken: str, language: str) -> Wave:
        """As the protocol says."""
        voice = {"id": "id", "en": "en-us"}[language]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "speech.wav"
            text = " ".join(sentences(spoken)).replace("/", " ")
            try:
                subprocess.run(
                    ["espeak-ng", "-v", voice, "-w", str(file), "--", text], check=True, timeout=20
                )
            except FileNotFoundError as error:
                raise SpeechUnavailable("espeak-ng is not installed: apt-get install espeak-ng") from error
            with wave.open(str(file), "rb") as audio:
                rate = audio.getframerate()
                samples = np.frombuffer(audio.readframes(audio.getnframes()), dtype="<i2")
        return resample(samples.astype(np.float64) / 32768, rate)

    def word(self, spoken: str, language: str) -> Wave:
        """As the protocol says."""
        return self.prompt(spoken, language)
