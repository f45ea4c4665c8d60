"""What callers hear now: a prompt as it comes with the product, or as it was set here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from prompts.errors import PromptError
from prompts.library import Library
from prompts.manifest import Manifest, Source, file_digest
from prompts.own import OwnText, pieces, texts_digest, usable
from prompts.texts import Prompt, make_prompt
from prompts.wav import RATE, read
from service.prompt_fixed import fixed_prompts
from service.prompt_force import own_texts
from storage.own_prompts import DurableOwnPrompts, KeptSound, PromptChange
from web.prompt_port import Piece, PromptChangeRow, PromptState, Sound, SoundSource, SoundState, Worded


@dataclass(frozen=True, slots=True)
class ShippedSound:
    """Audio of the product."""

    sound: KeptSound
    path: Path


class PromptLooks:
    """Reads the catalogue and what was set here. Methods raise PromptError, OSError: files are damaged."""

    def __init__(self, library: Library, audio: Path, store: DurableOwnPrompts) -> None:
        """`audio`: the folder of the product's audio."""
        self._catalogue, self._audio, self._store = library.catalogue, audio, store
        self._fixed = fixed_prompts()

    def base(self, name: str) -> Prompt | None:
        """Return the product's own prompt; None: it has none that is spoken."""
        found = self._catalogue.get(name)
        return None if found is None or found.sound is not None else found

    def why_fixed(self, name: str) -> str:
        """Tell why a prompt cannot be changed (`prompts.fixed_…`); empty: it can."""
        if name in self._fixed:
            return "asterisk"
        return "computed" if self.base(name) is None and name in self._catalogue else ""

    def fits(self, name: str, own: OwnText) -> bool:
        """Whether a text that was set can be played by this version of the product."""
        return name in usable({name: own}, self._catalogue)[0]

    def own(self, name: str, change: PromptChange | None) -> OwnText | None:
        """Return what was set here and is heard; None: the product's own is, or nothing."""
        found = None if change is None else own_texts({name: change}).get(name)
        return found if found is not None and self.fits(name, found) else None

    def now(self, name: str, change: PromptChange | None) -> OwnText | None:
        """Return what is heard; None: nothing is."""
        return self.own(name, change) or self.shipped(name)

    def shipped(self, name: str) -> OwnText | None:
        """Return the product's own; None: it has none."""
        base = self.base(name)
        if base is None:
            return None
        sounds = {key: one.sound.digest for key, one in self.shipped_sounds(name).items()}
        return OwnText(base.texts, sounds)

    def shipped_sounds(self, name: str) -> Mapping[str, ShippedSound]:
        """Return the product's own audio of a prompt, by its pieces' keys."""
        base = self.base(name)
        entries = Manifest.load(self._audio / "manifest.json").entries
        found: dict[str, ShippedSound] = {}
        for key in () if base is None else (one.key for one in pieces(base)):
            path, entry = self._audio / f"{key}.wav", entries.get(key)
            if path.is_file():
                source = Source.RECORDED if entry is None else entry.source
                at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                found[key] = ShippedSound(
                    KeptSound(file_digest(path), at, len(read(path)) / RATE, source), path
                )
        return found

    async def worded(self, name: str, own: OwnText | None) -> Worded | None:
        """Return a text with its audio."""
        if own is None:
            return None
        shipped = self.shipped_sounds(name)
        kept = await self._store.sounds(list(own.sounds.values()))
        known = {**{one.sound.digest: one.sound for one in shipped.values()}, **kept}
        keys = {one.sound.digest: key for key, one in shipped.items() if one.sound.digest not in kept}
        found = _worded(name, own, known)
        pieces = [replace(one, shipped_as=keys.get(one.digest, "")) for one in found.pieces]
        return Worded(found.texts, pieces)

    async def known(self, changes: Iterable[PromptChange]) -> Mapping[str, KeptSound]:
        """Return the audio that these changes name, by its digest."""
        sides = [side for one in changes for side in (one.before, one.after) if side is not None]
        return await self._store.sounds([digest for side in sides for digest in side.sounds.values()])

    def state(
        self, name: str, row: PromptState | None, change: PromptChange | None, known: Mapping[str, KeptSound]
    ) -> PromptState:
        """Return how a prompt stands. `row`: the product's own, where it has one."""
        command = f"kring prompts announce show {name}"
        own = self.own(name, change)
        if change is None or own is None:
            unfit = change is not None and not change.as_shipped and change.after is not None
            return replace(row or PromptState(name, {}, (), command), unfit=unfit)
        sounds = [
            Sound(one.key, one.language, SoundState.CURRENT, one.source, one.seconds, change.at, one.digest)
            for one in _worded(name, own, known).pieces
        ]
        base = self.base(name)
        overtaken = base is not None and change.shipped_digest != texts_digest(base.texts)
        return PromptState(name, own.texts, sounds, command, own=True, overtaken=overtaken)


def change_row(one: PromptChange, known: Mapping[str, KeptSound]) -> PromptChangeRow:
    """Return a change as the pages have it. `known`: audio by its digest."""
    return PromptChangeRow(
        one.number, one.at, one.who, one.prompt, one.why, one.undoes, one.as_shipped,
        None if one.before is None else _worded(one.prompt, one.before, known),
        None if one.after is None else _worded(one.prompt, one.after, known),
    )  # fmt: skip


def _worded(name: str, own: OwnText, known: Mapping[str, KeptSound]) -> Worded:
    try:
        wanted = pieces(make_prompt(name, own.texts))
    except PromptError:  # set under an older version of the product
        wanted = ()
    found: list[Piece] = []
    for one in wanted:
        digest = own.sounds.get(one.key, "")
        sound = known.get(digest)
        source = SoundSource.NONE if sound is None else SoundSource(sound.source.value)
        found.append(Piece(one.key, one.language, one.text, digest, sound.seconds if sound else 0.0, source))
    return Worded(own.texts, found)
