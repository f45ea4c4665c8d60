"""Puts prompts that were set here in force: audio below Asterisk's folder, then the library that plays.

A playing call is not disturbed: each version has files of its own, and what plays is not written over.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from prompts.errors import MissingSound, PromptError
from prompts.install import install_own, sweep_own
from prompts.library import Library
from prompts.own import OWN_PREFIX, OwnPrompt, OwnText, own_file, usable
from storage.database import DatabaseProblem
from storage.own_prompts import DurableOwnPrompts, PromptChange

LOOK_EVERY = 1.0  # seconds between two looks for a change made by another process
_KEPT = 2 * 86_400.0  # seconds that a version no longer in force lies on: a call may be playing it

log = structlog.get_logger("kring.prompts")


@dataclass(frozen=True, slots=True)
class Laid:
    """What can be played, and what cannot: the product's own is heard instead."""

    fit: Mapping[str, OwnPrompt]
    unfit: tuple[str, ...]


class PromptsInForce:
    """Keeps what callers hear fresh."""

    def __init__(self, library: Library, store: DurableOwnPrompts, sounds: Path) -> None:
        """`sounds`: Asterisk's folder of sounds."""
        self._library, self._store, self._folder = library, store, sounds / OWN_PREFIX
        self._seen = -1
        self._lock = asyncio.Lock()

    async def look(self) -> None:
        """Take up what was changed since the last look. While the database is away, all stays as it was."""
        try:
            async with self._lock:
                newest = await self._store.newest()
                if newest != self._seen:
                    laid = lay(self._library, await self._store.in_force(), self._store, self._folder)
                    self._take(await asyncio.to_thread(laid))
                    self._seen = newest
        except DatabaseProblem as error:
            log.warning("prompts that were set here cannot be read", why=str(error))

    def _take(self, laid: Laid) -> None:
        self._library.use_own(laid.fit)
        if laid.unfit:
            log.error("prompts that were set here cannot be played", prompts=laid.unfit)


def lay_down_prompts(
    library: Library, store: DurableOwnPrompts, sounds: Path, say: Callable[[str], None]
) -> None:
    """Put in force what was set here, before the service starts; old versions go. Blocking.

    What this version of the product cannot play is left out, and the shipped one serves: callers must be
    served. `say` is told, and `kring doctor` tells. Raises DatabaseProblem, OSError.
    """
    folder = sounds / OWN_PREFIX
    laid = lay(library, store.in_force_now(), store, folder)()
    library.use_own(laid.fit)
    for name in laid.unfit:
        say(f"{name}: what was set does not fit this version or has no audio; the shipped prompt serves")
    wanted = {own_file(key, digest) for one in laid.fit.values() for key, digest in one.sounds.items()}
    sweep_own(folder, wanted, time.time() - _KEPT)


def own_texts(changes: Mapping[str, PromptChange]) -> dict[str, OwnText]:
    """Return what was set here and is in force, of the newest change of each prompt."""
    return {name: one.after for name, one in changes.items() if one.after is not None and not one.as_shipped}


def lay(
    library: Library, changes: Mapping[str, PromptChange], store: DurableOwnPrompts, folder: Path
) -> Callable[[], Laid]:
    """Return what lays the audio of these changes down. It blocks; it raises DatabaseProblem, OSError."""
    found, unfit = usable(own_texts(changes), library.catalogue)

    def work() -> Laid:
        silent: list[str] = []
        for name, one in found.items():
            wavs = {own_file(key, digest): partial(_wav, store, digest) for key, digest in one.sounds.items()}
            try:
                install_own(wavs, folder)
            except PromptError:
                silent.append(name)
        fit = {name: one for name, one in found.items() if name not in silent}
        return Laid(fit, (*unfit, *silent))

    return work


def _wav(store: DurableOwnPrompts, digest: str) -> bytes:
    found = store.wav_now(digest)
    if found is None:
        raise MissingSound(f"audio {digest[:16]} is not kept")
    return found
