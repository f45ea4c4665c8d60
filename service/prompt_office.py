"""Changing what callers hear: checked whole, in force within a second, on record, undone."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.clock import Clock
from ivr.announcements import AnnouncementStore, AnnouncementsUnavailable
from prompts.errors import PromptError
from prompts.manifest import Source
from prompts.own import NEW_PREFIX, OwnText, TextsRefused, own_prompt, pace, pieces, plain, texts_digest
from service.config_prompts import PromptFolder
from service.prompt_force import own_texts
from service.prompt_looks import PromptLooks, change_row
from service.prompt_voice import MadeSound, PromptVoice, can_render
from storage.database import DatabaseProblem
from storage.own_prompts import DurableOwnPrompts, KeptSound, OtherPromptChange, PromptChange
from web.prompt_port import (
    Piece,
    PromptBlocked,
    PromptChangeRow,
    PromptDetail,
    PromptPreview,
    PromptRefused,
    Prompts,
    PromptsUnavailable,
    SoundRefused,
    SoundSource,
    TakenSound,
    Trouble,
    WantedPrompt,
    Worded,
)

DRAFT_KEPT = timedelta(days=1)  # how long audio is kept that no change names
MOST_DRAFTS = 100  # of them at the same time
_NEW_NAME = re.compile(rf"{NEW_PREFIX}[a-z0-9_]{{1,50}}")


@dataclass(frozen=True, slots=True)
class PromptGround:
    """What changing prompts stands on."""

    looks: PromptLooks
    folder: PromptFolder
    store: DurableOwnPrompts
    announcements: AnnouncementStore
    voice: PromptVoice
    clock: Clock
    take_up: Callable[[], Awaitable[None]]  # puts in force at once what was kept


class OwnPromptOffice:
    """A `web.prompt_port.PromptOffice` and `PromptShelf`."""

    def __init__(self, on: PromptGround) -> None:
        self._on, self._looks, self._store = on, on.looks, on.store

    async def all(self) -> Prompts:
        """Return every prompt as callers hear it, by name."""
        with _told():
            found, changes = await self._on.folder.all(), await self._store.in_force()
            shipped = {row.name: row for row in found.rows}
            known = await self._looks.known(changes.values())
            rows = [
                self._looks.state(name, shipped.get(name), changes.get(name), known)
                for name in sorted({*shipped, *own_texts(changes)})
            ]
            return Prompts(found.file, found.can_render, rows)

    async def wav(self, key: str) -> bytes | None:
        """Return a sound that comes with the product as WAV; None: there is none of that key."""
        return await self._on.folder.wav(key)

    async def sound(self, digest: str) -> bytes | None:
        """Return audio that was set here, or is to be, as WAV; None: there is none."""
        with _told():
            return await self._store.wav(digest)

    async def detail(self, name: str) -> PromptDetail:
        """Return a prompt. Raises KeyError."""
        with _told():
            change = (await self._store.in_force()).get(name)
            row = next((row for row in (await self._on.folder.all()).rows if row.name == name), None)
            if row is None and change is None:
                raise KeyError(name)
            known = await self._looks.known([] if change is None else [change])
            base = self._looks.base(name)
            return PromptDetail(
                state=self._looks.state(name, row, change, known),
                now=await self._looks.worded(name, self._looks.now(name, change)),
                shipped=None if base is None else base.texts,
                based_on=0 if change is None else change.number,
                fixed=self._looks.why_fixed(name),
                can_render=can_render(),
            )

    async def changes(self, name: str = "", before: int = 0, most: int = 50) -> Sequence[PromptChangeRow]:
        """Return changes, newest first. `before`: older than this number."""
        with _told():
            found = await self._store.changes(name, before, most)
            known = await self._looks.known(found)
            return [change_row(one, known) for one in found]

    async def take(self, content: bytes, characters: int) -> TakenSound:
        """Check, convert and keep a recording. `characters`: how long its text is. Raises SoundRefused."""
        with _told():
            await self._room()
            made = await self._on.voice.take(content)
            odd = pace(characters, made.seconds)
            notes = {**made.notes, odd: ""} if odd else made.notes
            return await self._keep(made, Source.RECORDED, notes)

    async def speak(self, language: str, text: str) -> TakenSound:
        """Let the voice speak a text. Raises SoundRefused: there is no voice here."""
        with _told():
            await self._room()
            made = await self._on.voice.speak(language, plain(text))
            return await self._keep(made, Source.TTS, made.notes)

    async def preview(self, name: str, texts: Mapping[str, str]) -> PromptPreview:
        """Return what texts would change. Raises PromptRefused, PromptBlocked; KeyError: no prompt's name."""
        with _told():
            return await self._preview(name, texts)

    async def put(self, wanted: WantedPrompt) -> PromptChangeRow:
        """Put texts and audio in force. Raises PromptRefused, PromptBlocked, KeyError."""
        with _told():
            preview = await self._preview(wanted.name, wanted.texts)
            before = self._looks.now(wanted.name, (await self._store.in_force()).get(wanted.name))
            sounds = await self._all_there(preview, wanted.sounds, before)
            after = OwnText(dict(preview.after.texts), sounds)
            if before is not None and (before.texts, before.sounds) == (after.texts, after.sounds):
                raise PromptBlocked("nothing")
            return await self._add(wanted, before, after)

    async def restore(self, name: str, based_on: int, who: str, why: str) -> PromptChangeRow:
        """Follow the product's own again, or take an announcement of ours away. Raises KeyError."""
        with _told():
            change = (await self._store.in_force()).get(name)
            if change is None and self._looks.base(name) is None:
                raise KeyError(name)
            if change is None or change.as_shipped:
                raise PromptBlocked("nothing")
            await self._not_on(name)
            wanted = WantedPrompt(name, {}, (), based_on, who, why)
            return await self._add(wanted, change.after, self._looks.shipped(name), as_shipped=True)

    async def undo(self, number: int, who: str, why: str) -> PromptChangeRow:
        """Put in force what a change, the newest of its prompt, replaced. Raises KeyError, PromptBlocked."""
        with _told():
            change = await self._store.change(number)
            name = change.prompt
            if (await self._store.in_force())[name].number != number:
                raise PromptBlocked("later")
            earlier = await self._store.changes(name, before=number, most=1)
            as_shipped = not earlier or earlier[0].as_shipped
            after = self._looks.shipped(name) if as_shipped else change.before
            if after is None:
                await self._not_on(name)
            elif not as_shipped and not self._looks.fits(name, after):
                raise PromptBlocked("unfit")
            wanted = WantedPrompt(name, {}, (), number, who, why)
            return await self._add(wanted, change.after, after, as_shipped, undoes=number)

    async def _preview(self, name: str, texts: Mapping[str, str]) -> PromptPreview:
        base, change = self._looks.base(name), (await self._store.in_force()).get(name)
        if why := self._looks.why_fixed(name):
            raise PromptBlocked(f"fixed_{why}")
        if base is None and not _NEW_NAME.fullmatch(name):
            raise KeyError(name)
        try:
            made = own_prompt(name, {language: plain(text) for language, text in texts.items()}, base)
        except TextsRefused as error:
            troubles = [Trouble(one.language, f"bad_{one.word}", one.values) for one in error.problems]
            raise PromptRefused(troubles) from error
        before = await self._looks.worded(name, self._looks.now(name, change))
        spoken = {(one.language, one.text): one for one in ([] if before is None else before.pieces)}
        after = [
            replace(spoken[one.language, one.text], key=one.key)
            if (one.language, one.text) in spoken
            else Piece(one.key, one.language, one.text, "", 0.0, SoundSource.NONE)
            for one in pieces(made)
        ]
        number = 0 if change is None else change.number
        return PromptPreview(name, before, Worded(made.texts, after), number, can_render())

    async def _all_there(
        self, preview: PromptPreview, sounds: Sequence[str], before: OwnText | None
    ) -> dict[str, str]:
        """Return the audio of every piece, by its key. Raises PromptRefused."""
        wanted = preview.after.pieces
        given = [*sounds, *[""] * len(wanted)]
        chosen = {one.key: digest or one.digest for one, digest in zip(wanted, given, strict=False)}
        kept = await self._store.sounds(list(chosen.values()))
        there = {*kept, *({} if before is None else before.sounds).values()} - {""}
        troubles = [
            Trouble(f"sounds.{place}", "bad_sound_gone" if digest else "bad_no_sound", {})
            for place, digest in enumerate(chosen.values())
            if digest not in there
        ]
        if len(sounds) > len(wanted):
            troubles.append(Trouble("sounds", "bad_sounds", {}))
        if troubles:
            raise PromptRefused(troubles)
        return chosen

    async def _add(
        self,
        wanted: WantedPrompt,
        before: OwnText | None,
        after: OwnText | None,
        as_shipped: bool = False,
        undoes: int = 0,
    ) -> PromptChangeRow:
        name, now = wanted.name, self._on.clock.now()
        base = self._looks.base(name)
        for one in self._looks.shipped_sounds(name).values():  # a later version may say it otherwise
            await self._store.keep_sound(replace(one.sound, at=now), one.path.read_bytes())
        digest = "" if base is None else texts_digest(base.texts)
        change = PromptChange(0, now, wanted.who, name, wanted.why, undoes, as_shipped, digest, before, after)
        try:
            kept = await self._store.add(change, wanted.based_on)
        except OtherPromptChange:
            raise PromptBlocked("meanwhile") from None
        await self._on.take_up()
        return change_row(kept, await self._looks.known([kept]))

    async def _keep(self, made: MadeSound, source: Source, notes: Mapping[str, str]) -> TakenSound:
        digest = hashlib.sha256(made.wav).hexdigest()
        sound = KeptSound(digest, self._on.clock.now(), made.seconds, source)
        await self._store.keep_sound(sound, made.wav)
        return TakenSound(digest, made.seconds, SoundSource(source.value), notes)

    async def _room(self) -> None:
        if await self._store.drafts(self._on.clock.now() - DRAFT_KEPT) >= MOST_DRAFTS:
            raise SoundRefused("many", {"most": str(MOST_DRAFTS)})

    async def _not_on(self, name: str) -> None:
        """Raise PromptBlocked if an announcement that would be gone is on, or will be."""
        if self._looks.base(name) is None:
            coming = await self._on.announcements.coming(self._on.clock.now())
            if any(one.prompt == name for one in coming):
                raise PromptBlocked("on")


@contextmanager
def _told() -> Iterator[None]:
    """Let troubles of the database and of files be told as the port's."""
    try:
        yield
    except (DatabaseProblem, AnnouncementsUnavailable, PromptError, OSError) as error:
        raise PromptsUnavailable(str(error)) from error
