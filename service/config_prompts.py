"""The prompts as they lie in their folder, for the page of announcements."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from prompts.errors import PromptError
from prompts.manifest import Manifest, digest, file_digest
from prompts.texts import Prompt, Recording, Texts, load_texts
from service.prompt_voice import can_render
from service.settings import CHECKOUT, Settings
from web.prompt_port import Prompts, PromptState, PromptsUnavailable, Sound, SoundSource, SoundState


@dataclass(frozen=True, slots=True)
class _Lying:
    """What lies in the folder."""

    folder: Path
    texts: Texts
    manifest: Manifest

    def sounds_of(self, prompt: Prompt, recordings: list[Recording]) -> Iterator[Sound]:
        if prompt.sound:
            yield self._sound(f"id/{prompt.name}", "id", None)
        for one in recordings:
            yield self._sound(one.key, one.language, one.text)

    def file(self, key: str) -> Path:
        return self.folder / "audio" / f"{key}.wav"

    def _sound(self, key: str, language: str, text: str | None) -> Sound:
        path, entry = self.file(key), self.manifest.entries.get(key)
        if not path.is_file():
            return Sound(key, language, SoundState.MISSING, SoundSource.NONE, 0.0, None)
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if entry is None or entry.file_hash != file_digest(path):
            return Sound(key, language, SoundState.UNKNOWN, SoundSource.NONE, 0.0, since)
        stale = text is not None and entry.text_hash != digest(text)
        state = SoundState.STALE if stale else SoundState.CURRENT
        return Sound(key, language, state, SoundSource(entry.source), entry.seconds, since)


class PromptFolder:
    """A `web.prompt_port.PromptShelf`."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.prompts

    async def all(self) -> Prompts:
        """Return every prompt, by name. Raises PromptsUnavailable."""
        return await asyncio.to_thread(self._all)

    async def wav(self, key: str) -> bytes | None:
        """Return a sound as WAV; None: there is none of that key. Raises PromptsUnavailable."""
        return await asyncio.to_thread(self._wav, key)

    def _all(self) -> Prompts:
        lying = self._read()
        recordings: dict[str, list[Recording]] = {name: [] for name in lying.texts.prompts}
        for one in lying.texts.recordings():
            name = one.key.rpartition("/")[2].partition("-")[0]
            if not one.is_word and name in recordings:
                recordings[name].append(one)
        rows = [
            PromptState(
                name,
                prompt.texts,
                tuple(lying.sounds_of(prompt, recordings[name])),
                self._command(f"render --only {name}"),
            )
            for name, prompt in sorted(lying.texts.prompts.items())
        ]
        return Prompts(str(self._folder / "catalogue.yaml"), can_render(), rows)

    def _wav(self, key: str) -> bytes | None:
        lying = self._read()
        known = {one.key for one in lying.texts.recordings()} | set(lying.texts.generated())
        path = lying.file(key)
        try:
            return path.read_bytes() if key in known and path.is_file() else None
        except OSError as error:
            raise PromptsUnavailable(str(error.strerror)) from error

    def _read(self) -> _Lying:
        try:
            manifest = Manifest.load(self._folder / "audio" / "manifest.json")
            return _Lying(self._folder, load_texts(self._folder), manifest)
        except (PromptError, OSError) as error:
            raise PromptsUnavailable(str(error)) from error

    def _command(self, rest: str) -> str:
        own = "" if self._folder == CHECKOUT / "prompts" else f"--folder {self._folder} "
        return f"kring prompts {own}{rest}"
