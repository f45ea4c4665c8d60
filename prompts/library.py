"""Prompts by name: what to play, what it says, how long it lasts, and the files that Asterisk plays."""

import wave
from collections.abc import Callable, Mapping
from pathlib import Path

from prompts.errors import MissingSound, MissingValue, UnknownPrompt
from prompts.install import install
from prompts.own import OwnPrompt
from prompts.speaking import speak
from prompts.texts import PAUSE, PAUSE_KEY, Prompt, Slot, Texts, load_texts, piece_key

PREFIX = "kring/"  # the folder below Asterisk's sounds folder
_NOTHING: Mapping[str, str] = {}


def _shipped_sound(key: str) -> str:
    return PREFIX + key


class Library:
    """All prompts of an installation: the catalogue, read once, and over it what was set here."""

    def __init__(self, folder: Path, texts: Texts) -> None:
        self._audio = folder / "audio"
        self._texts = texts
        self._durations: dict[str, float] = {}
        self._plain: dict[tuple[str, str], tuple[str, ...]] = {}
        self._own: Mapping[str, OwnPrompt] = {}
        for prompt in texts.prompts.values():
            if prompt.sound is not None:
                for language in texts.words:
                    self._plain[prompt.name, language] = (f"{PREFIX}id/{prompt.name}",)
            for language, parts in prompt.parts.items():
                if all(isinstance(part, str) for part in parts):
                    self._plain[prompt.name, language] = self._join(prompt, language, _NOTHING)

    @classmethod
    def load(cls, folder: Path) -> "Library":
        """Read a prompts folder (catalogue.yaml, words.yaml, audio/). Raises BadCatalogue."""
        return cls(folder, load_texts(folder))

    @property
    def catalogue(self) -> Mapping[str, Prompt]:
        """The prompts that come with the product, by name."""
        return self._texts.prompts

    @property
    def own(self) -> Mapping[str, OwnPrompt]:
        """What this installation set itself and callers hear, by name."""
        return self._own

    def use_own(self, own: Mapping[str, OwnPrompt]) -> None:
        """Play these over the catalogue's from now on. Their sounds must lie below Asterisk's folder."""
        self._own = dict(own)

    def names(self) -> frozenset[str]:
        """Name every prompt of the catalogue."""
        return frozenset(self._texts.prompts)

    def said(self) -> Mapping[str, Prompt]:
        """Return every prompt as callers hear it now, announcements beside the catalogue included."""
        return {**self._texts.prompts, **{name: one.prompt for name, one in self._own.items()}}

    def languages(self, name: str) -> frozenset[str]:
        """The languages in which a prompt can be played."""
        prompt = self._prompt(name)
        return frozenset(self._texts.words) if prompt.sound else frozenset(prompt.parts)

    def slots(self, name: str) -> frozenset[str]:
        """The names of the values that a prompt needs, in any language."""
        parts = self._prompt(name).parts.values()
        return frozenset(part.name for spoken in parts for part in spoken if isinstance(part, Slot))

    def sounds(self, name: str, language: str, values: Mapping[str, str] = _NOTHING) -> tuple[str, ...]:
        """Name the sounds that make up a prompt, as Asterisk knows them: `kring/id/welcome_morning`.

        Raises UnknownPrompt, MissingValue, BadValue.
        """
        own = self._own.get(name)
        plain = self._plain.get((name, language))
        if plain is not None and own is None:
            return plain
        prompt = self._prompt(name)
        if language not in prompt.parts:
            raise UnknownPrompt(f"prompt {name!r} has no text in language {language!r}")
        return self._join(prompt, language, values, _shipped_sound if own is None else own.sound)

    def text(self, name: str, language: str, values: Mapping[str, str] = _NOTHING) -> str:
        """Write out what a prompt says. Raises as `sounds`. A generated sound says nothing."""
        prompt = self._prompt(name)
        if prompt.sound is not None:
            return ""
        self.sounds(name, language, values)
        words = self._texts.words[language]
        said: list[str] = []
        for part in prompt.parts[language]:
            if isinstance(part, str):
                said.append(part)
                continue
            keys = speak(language, part.kind, values[part.name])
            said.append(" ".join(words[key] for key in keys if key != PAUSE))
        return " ".join(said)

    def duration(self, sound: str) -> float:
        """Tell a sound's length in seconds. Raises MissingSound."""
        known = self._durations.get(sound)
        if known is None:
            known = self._durations[sound] = self._measure(sound)
        return known

    def missing(self) -> tuple[str, ...]:
        """Name the sounds that have no audio file."""
        return tuple(f"{PREFIX}{key}" for key in self._keys() if not self._file(key).exists())

    def install(self, target: Path) -> int:
        """Lay all sounds below Asterisk's sounds folder as A-law and µ-law, if they changed.

        Returns the number of sounds written, 0 when all were in place. Raises MissingSound.
        """
        missing = self.missing()
        if missing:
            raise MissingSound(
                f"{len(missing)} sounds have no audio, first {missing[0]}; run `kring prompts render`"
            )
        return install({key: self._file(key) for key in self._keys()}, target / PREFIX.rstrip("/"))

    def _keys(self) -> tuple[str, ...]:
        return (*(recording.key for recording in self._texts.recordings()), *self._texts.generated())

    def _file(self, key: str) -> Path:
        return self._audio / f"{key}.wav"

    def _measure(self, sound: str) -> float:
        try:
            with wave.open(str(self._file(sound.removeprefix(PREFIX))), "rb") as audio:
                return audio.getnframes() / audio.getframerate()
        except (OSError, wave.Error, EOFError) as error:
            raise MissingSound(f"{sound}: no readable audio; run `kring prompts render`") from error

    def _prompt(self, name: str) -> Prompt:
        own = self._own.get(name)
        if own is not None:
            return own.prompt
        try:
            return self._texts.prompts[name]
        except KeyError:
            raise UnknownPrompt(f"the catalogue has no prompt {name!r}") from None

    def _join(
        self,
        prompt: Prompt,
        language: str,
        values: Mapping[str, str],
        named: Callable[[str], str] = _shipped_sound,
    ) -> tuple[str, ...]:
        sounds: list[str] = []
        for index, part in enumerate(prompt.parts[language]):
            if isinstance(part, str):
                sounds.append(named(piece_key(prompt, language, index)))
                continue
            value = values.get(part.name)
            if value is None:
                raise MissingValue(f"prompt {prompt.name!r} speaks {part.name!r}, which was not given")
            for key in speak(language, part.kind, value):
                sounds.append(PREFIX + (PAUSE_KEY if key == PAUSE else f"{language}/words/{key}"))
        return tuple(sounds)
