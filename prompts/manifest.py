"""What each audio file is: made from which text, by whom, and how long."""

import hashlib
import json
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from prompts.errors import PromptError


class Source(StrEnum):
    """Where an audio file comes from."""

    TTS = "tts"  # rendered by a voice
    RECORDED = "recorded"  # spoken by a person
    GENERATED = "generated"  # computed: music, silence


@dataclass(frozen=True, slots=True)
class Entry:
    """One audio file."""

    text_hash: str  # of the catalogue's text
    spoken_hash: str  # of what the voice was told to say, and of the voice; empty unless rendered
    voice: str  # empty unless rendered
    file_hash: str
    seconds: float
    source: Source


@dataclass(frozen=True, slots=True)
class Manifest:
    """`audio/manifest.json`: key → entry."""

    path: Path
    entries: MutableMapping[str, Entry]

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """Read a manifest; a missing one is empty. Raises PromptError for a damaged one."""
        if not path.exists():
            return cls(path, {})
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            entries = {
                key: Entry(**{**entry, "source": Source(entry["source"])}) for key, entry in content.items()
            }
        except (ValueError, TypeError, KeyError) as error:
            raise PromptError(f"{path.name}: not a manifest ({error}); run `kring prompts render`") from error
        return cls(path, entries)

    def save(self) -> None:
        """Write the manifest in a stable order."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            key: {**asdict(entry), "seconds": round(entry.seconds, 3)} for key, entry in self.entries.items()
        }
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def audio_digest(self) -> str:
        """One hash over all audio files."""
        return digest("\n".join(f"{key} {self.entries[key].file_hash}" for key in sorted(self.entries)))


def digest(text: str) -> str:
    """A short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
