"""The catalogue of prompts and the recorded words, read from YAML and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from prompts.errors import BadCatalogue

LANGUAGES = ("id", "en")
KINDS = ("digits", "number", "money", "date", "month", "weekday", "time", "code")
PAUSE = "pause"  # the word that is silence
PAUSE_KEY = f"id/words/{PAUSE}"  # sounds without a language lie with the Indonesian ones

_PROMPT_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"([a-z][a-z0-9_]*):([a-z]+)")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a prompt where a value is spoken: `{name:kind}`."""

    name: str
    kind: str


Part = str | Slot


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt says in each language; a generated sound says nothing (`sound` names it)."""

    name: str
    texts: Mapping[str, str]  # language → text with placeholders
    parts: Mapping[str, tuple[Part, ...]]  # language → spoken pieces and slots, in order
    sound: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One piece of speech that has an audio file: `audio/<key>.wav`."""

    key: str  # "id/welcome_morning", "id/npwp_read_back-1", "en/words/d_3"
    language: str
    text: str

    @property
    def is_word(self) -> bool:
        """Whether it is a word that values are joined from."""
        return "/words/" in self.key


@dataclass(frozen=True, slots=True)
class Texts:
    """All prompts and words."""

    prompts: Mapping[str, Prompt]
    words: Mapping[str, Mapping[str, str]]  # language → key → word

    def recordings(self) -> tuple[Recording, ...]:
        """List every piece of speech that needs an audio file."""
        found: list[Recording] = []
        for prompt in self.prompts.values():
            for language in prompt.parts:
                found.extend(
                    Recording(piece_key(prompt, language, index), language, part)
                    for index, part in enumerate(prompt.parts[language])
                    if isinstance(part, str)
                )
        for language, words in self.words.items():
            found.extend(Recording(f"{language}/words/{key}", language, word) for key, word in words.items())
        return tuple(found)

    def generated(self) -> Mapping[str, str]:
        """Sounds that are computed and not spoken: key → generator, the pause included."""
        sounds = {f"id/{prompt.name}": prompt.sound for prompt in self.prompts.values() if prompt.sound}
        return {PAUSE_KEY: PAUSE, **sounds}


def piece_key(prompt: Prompt, language: str, index: int) -> str:
    """Name the audio of one part; a hyphen, which no prompt's name has, keeps pieces apart."""
    if len(prompt.parts[language]) == 1:
        return f"{language}/{prompt.name}"
    return f"{language}/{prompt.name}-{index + 1}"


def load_texts(folder: Path) -> Texts:
    """Read `catalogue.yaml` and `words.yaml` of a folder. Raises BadCatalogue with file and remedy."""
    catalogue = read_yaml(folder / "catalogue.yaml")
    words = read_yaml(folder / "words.yaml")
    prompts = {name: make_prompt(name, entry) for name, entry in catalogue.items()}
    for language in LANGUAGES:
        if not isinstance(words.get(language), dict):
            raise BadCatalogue(f"words.yaml: no section {language!r}; it lists the words of that language")
    return Texts(prompts, {language: words[language] for language in LANGUAGES})


class _StrictLoader(yaml.CSafeLoader):
    """Reads every scalar as text and refuses a key that is written twice."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in found:
            raise BadCatalogue(
                f"{key_node.start_mark.name}, line {key_node.start_mark.line + 1}: {key!r} is written twice; "
                "remove one of them"
            )
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_StrictLoader.yaml_implicit_resolvers = {}
_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path) -> dict[str, dict[str, str]]:
    """Read a YAML file of mappings of texts. Raises BadCatalogue with file, line and remedy."""
    try:
        with path.open(encoding="utf-8") as stream:
            found = yaml.load(stream, Loader=_StrictLoader)  # noqa: S506 - derived from CSafeLoader
    except yaml.YAMLError as error:
        raise BadCatalogue(f"{path}: not readable as YAML: {error}") from error
    except OSError as error:
        raise BadCatalogue(f"{path}: {error.strerror}; the file belongs to the product") from error
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        raise BadCatalogue(f"{path}: must hold names with indented `id:` and `en:` below each")
    for name, entry in found.items():
        for key, value in entry.items():
            if not isinstance(value, str):
                raise BadCatalogue(f"{path}: {name}: {key}: must be one text; put it in quotation marks")
    return found


def make_prompt(name: str, entry: Mapping[str, str]) -> Prompt:
    """Return a prompt of its entry: a text per language, or `sound`. Raises BadCatalogue."""
    if not _PROMPT_NAME.fullmatch(name):
        raise BadCatalogue(f"catalogue.yaml: {name!r}: a prompt's name has small letters, digits and _ only")
    unknown = sorted(set(entry) - {*LANGUAGES, "sound"})
    if unknown:
        raise BadCatalogue(f"catalogue.yaml: {name}: unknown key {unknown[0]!r}; known are id, en and sound")
    sound = entry.get("sound")
    texts = {language: entry[language] for language in LANGUAGES if language in entry}
    if bool(sound) == bool(texts):
        raise BadCatalogue(f"catalogue.yaml: {name}: give either texts (id, en) or a sound")
    return Prompt(name, texts, {language: _parts(name, text) for language, text in texts.items()}, sound)


def _parts(name: str, text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for index, piece in enumerate(_PLACEHOLDER.split(text)):
        if index % 2:
            parts.append(_slot(name, piece))
            continue
        if "{" in piece or "}" in piece:
            raise BadCatalogue(f"catalogue.yaml: {name}: a brace without its partner")
        spoken = piece.strip().lstrip(",.;:!? ")
        if spoken:
            parts.append(spoken)
    if not parts:
        raise BadCatalogue(f"catalogue.yaml: {name}: the text is empty")
    return tuple(parts)


def _slot(name: str, piece: str) -> Slot:
    match = _SLOT.fullmatch(piece)
    if match is None or match[2] not in KINDS:
        raise BadCatalogue(
            f"catalogue.yaml: {name}: placeholder {{{piece}}}; write {{name:kind}}, "
            f"kind one of {', '.join(KINDS)}"
        )
    return Slot(match[1], match[2])
