"""What pages say, in Indonesian and English: `web/texts/*.yaml`, written SECTION.WORD."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("id", "en")
FOLDER = Path(__file__).parent / "texts"
_NAME = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


class TextsProblem(Exception):
    """The catalogue cannot be used. The message names file, text and remedy."""


class Texts:
    """The texts of all files together."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, folder: Path = FOLDER) -> "Texts":
        """Read every file of a folder, once. Raises TextsProblem."""
        texts: dict[str, Mapping[str, str]] = {}
        for path in sorted(folder.glob("*.yaml")):
            for name, text in _entries(path):
                texts[_checked(path, name, text, texts)] = text
        return cls(texts)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a text."""
        return name in self._texts

    def names(self) -> frozenset[str]:
        """Return the name of every text."""
        return frozenset(self._texts)

    def say(self, language: str, name: str, /, **values: object) -> str:
        """Return a text with its values filled in. Raises KeyError: no such text or value."""
        text = self._texts[name]
        said = text[language if language in LANGUAGES else "id"]
        return said.format(**values) if values else said


def _entries(path: Path) -> list[tuple[str, Any]]:
    """Return every entry of a file, doubled ones too: of two alike YAML would keep the last unsaid.

    By the compiled reader: a service that is started again reads them while callers wait.
    """
    loader = yaml.CSafeLoader(path.read_text(encoding="utf-8"))
    try:
        root = loader.get_single_node()
        pairs = root.value if isinstance(root, yaml.MappingNode) else []
        return [(str(name.value), loader.construct_object(text, deep=True)) for name, text in pairs]
    except yaml.YAMLError as error:
        raise TextsProblem(f"{path.name}: {error}") from error
    finally:
        loader.dispose()


def _checked(path: Path, name: str, text: object, known: Mapping[str, object]) -> str:
    if _NAME.fullmatch(name) is None:
        raise TextsProblem(f"{path.name}: {name!r} is no name; write section.word")
    if name in known:
        raise TextsProblem(f"{path.name}: {name} is there twice; remove one")
    if not isinstance(text, dict) or set(text) != set(LANGUAGES):
        raise TextsProblem(f"{path.name}: {name} needs a text for each of {', '.join(LANGUAGES)}")
    if not all(isinstance(said, str) and said for said in text.values()):
        raise TextsProblem(f"{path.name}: {name} has a text that is empty or no text; quote it")
    return name
