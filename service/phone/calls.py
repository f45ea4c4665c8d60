"""One call as its caller lives it: keys, what is heard and when, and the end."""

from __future__ import annotations

import asyncio
import time
import wave
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from service.phone import tone
from service.phone.ear import Changes, Ear, Heard, SoundLibrary
from service.phone.protocol import SAMPLE_RATE

KEY_SECONDS = 0.1  # how long a key is held; ITU-T Q.24 asks receivers to take 40 ms
PAUSE_SECONDS = 0.06  # between keys
KEY_LIMIT_SECONDS = 5.0
KEYS = frozenset("0123456789*#")


class NotHeard(AssertionError):
    """The caller did not hear what was expected in time."""


class Sender(Protocol):
    """Sends a command about this call to the telephone's process."""

    def __call__(self, do: str, **fields: object) -> None:
        """Send `do` with its fields."""
        ...


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key: when it went down and came up, monotonic seconds."""

    key: str
    down: float
    up: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: SIP status and reason, who hung up, seconds from dialling and from answering."""

    status: int
    reason: str
    by: str  # "phone", "far_end" or "lost" (the telephone's process ended)
    at: float  # monotonic
    duration: float  # seconds since it was answered, 0 if it never was


Happening = Heard | Pressed | Ended
Watch = Callable[["PhoneCall", Happening], None]


def _unwatched(_call: PhoneCall, _happening: Happening) -> None:
    """Nobody watches."""


class PhoneCall:
    """A call that was placed. Times are monotonic seconds unless they say samples.

    `watch` is called with every prompt when it has been recognised, again when it has ended, with
    every key when it goes down, and with the end of the call.
    """

    def __init__(
        self,
        number: str,
        send: Sender,
        library: SoundLibrary | None,
        keep_audio: bool = False,
        watch: Watch | None = None,
    ) -> None:
        self.number = number
        self.dialled_at = time.monotonic()
        self.answered_at: float | None = None
        self.ended: Ended | None = None
        self.pressed: list[Pressed] = []
        self.heard: list[Heard] = []  # in order; the last may still be sounding
        self.problem: str | None = None
        self.quick = False  # rang here with the wish that the phone answers by itself
        self._send = send
        self._watch = watch or _unwatched
        self._ear = Ear(library) if library is not None else None
        self._audio: bytearray | None = bytearray() if keep_audio else None
        self._received = 0  # samples
        self._lately = b""  # the last 100 ms
        self._marks: list[tuple[int, float]] = []  # sample position → arrival
        self._changed = asyncio.Event()
        self._awaits_tone = False
        self._expected = 0  # how many of `heard` the caller has reacted to

    # What the telephone's process reports -------------------------------------------------

    def was_answered(self, at: float) -> None:
        """The far end answered."""
        self.answered_at = at
        self._wake()

    def key_sent(self, at: float) -> None:
        """A key began to be sent."""
        last = self.pressed[-1]
        self.pressed[-1] = Pressed(last.key, at, at + KEY_SECONDS)
        self._watch(self, self.pressed[-1])
        self._wake()

    def received(self, pcm: bytes, at: float) -> None:
        """Audio came in; `at` is the arrival of its first frame."""
        self._marks.append((self._received, at))
        self._received += len(pcm) // 2
        self._lately = (self._lately + pcm)[-2 * tone.WINDOW :]
        if self._audio is not None:
            self._audio += pcm
        if self._ear is not None:
            self._hear(self._ear.listen(np.frombuffer(pcm, dtype="<i2")))
        if self._awaits_tone:
            self._wake()

    def has_ended(self, at: float, status: int, reason: str, by: str) -> None:
        """The call is over."""
        if self.ended is None:
            since = self.answered_at
            self.ended = Ended(status, reason, by, at, at - since if since is not None else 0.0)
            if self._ear is not None:
                self._hear(self._ear.finish())
            self._watch(self, self.ended)
        self._wake()

    def _hear(self, changes: Changes) -> None:
        self.heard.extend(changes.began)
        for heard in (*changes.began, *changes.ended):
            self._watch(self, heard)
        if changes.began or changes.ended:
            self._wake()

    def failed(self, doing: str, why: str) -> None:
        """A command could not be carried out."""
        self.problem = f"{doing}: {why}"
        if doing == "call":
            self.has_ended(time.monotonic(), 0, why, "phone")
        self._wake()

    def lost(self) -> None:
        """The telephone's process is gone."""
        self.has_ended(time.monotonic(), 0, "the telephone's process ended", "lost")

    def _wake(self) -> None:
        self._changed.set()

    # What the caller does ------------------------------------------------------------------

    async def press(self, keys: str) -> None:
        """Press keys one after the other by RFC 4733; return when the last one is up again.

        Raises ValueError for anything but 0–9, `*` and `#`.
        """
        if bad := set(keys) - KEYS:
            raise ValueError(f"not a telephone key: {sorted(bad)[0]!r}; keys are 0-9 * #")
        for key in keys:
            if self.ended is not None:
                return
            self.pressed.append(Pressed(key, 0.0, 0.0))
            self._send("press", key=key, milliseconds=int(KEY_SECONDS * 1000))
            await self.until(lambda: self.pressed[-1].down > 0 or self.ended is not None, KEY_LIMIT_SECONDS)
            await asyncio.sleep(max(0.0, self.pressed[-1].up + PAUSE_SECONDS - time.monotonic()))

    def answer(self, status: int = 200) -> None:
        """Answer a call that rings, or refuse it with a SIP status such as 486."""
        self._send("answer", status=status)

    def speaks(self, hertz: float) -> None:
        """Send a tone from now on, instead of silence; 0 is silence again."""
        self._send("tone", hertz=hertz)

    async def hears_tone(self, hertz: float, within: float = 5.0, least: float = 0.6) -> None:
        """Wait for 100 ms, all of them from now on, of which `least` is this tone. Raises NotHeard."""
        since, deadline = self._received, time.monotonic() + within
        self._awaits_tone = True
        try:
            while self._received - since < tone.WINDOW or self._tone_share(hertz) < least:
                left = deadline - time.monotonic()
                if self.ended is not None or left <= 0:
                    raise NotHeard(
                        f"expected {hertz:g} Hz; at the end its share is {self._tone_share(hertz):.2f}, "
                        f"{self._received - since} samples came, ended: {self.ended}"
                    )
                await self._pause(left)
        finally:
            self._awaits_tone = False

    def _tone_share(self, hertz: float) -> float:
        return tone.share(np.frombuffer(self._lately, dtype="<i2"), hertz)

    async def hang_up(self, within: float = 5.0) -> Ended:
        """Hang up; return how the call ended. On a call that is over it only returns."""
        self._send("hang_up")
        return await self.until_ended(within)

    async def hears(
        self, *names: str, language: str | None = None, within: float = 5.0, next_only: bool = False
    ) -> Heard:
        """Wait until one of these prompts begins, and return it.

        Looks on from the prompt that was last waited for. With `next_only` nothing else may be
        heard before it. Raises NotHeard.
        """
        deadline = time.monotonic() + within
        skipped: list[Heard] = []
        while True:
            while self._expected < len(self.heard):
                heard = self.heard[self._expected]
                self._expected += 1
                if {heard.name, *heard.alternatives} & set(names) and language in (None, heard.language):
                    return heard
                skipped.append(heard)
                if next_only:
                    raise NotHeard(self._complaint(names, skipped))
            left = deadline - time.monotonic()
            if self.ended is not None or left <= 0:
                raise NotHeard(self._complaint(names, skipped))
            await self._pause(left)

    def _complaint(self, names: Sequence[str], instead: Sequence[Heard]) -> str:
        heard = ", ".join(heard.name for heard in instead) or "nothing"
        end = f"; the call ended: {self.ended.status} {self.ended.reason}" if self.ended else ""
        return f"expected to hear {' or '.join(names)}, heard {heard}{end}"

    async def hears_out(self, within: float = 60.0) -> None:
        """Wait until the prompt being heard, or if there is none the next one, has ended.

        Music has no end: while it plays this returns at once. Raises TimeoutError.
        """
        count = len(self.heard)
        if not self.heard or self.heard[-1].ended is not None:
            await self.until(lambda: len(self.heard) > count or self.ended is not None, within)
            count += 1
        await self.until(
            lambda: self.ended is not None or len(self.heard) > count or self._is_over(self.heard[-1]), within
        )

    @staticmethod
    def _is_over(heard: Heard) -> bool:
        return heard.ended is not None or heard.kind == "music"

    async def until_answered(self, within: float) -> None:
        """Wait until the call is answered or over. Raises TimeoutError."""
        await self.until(lambda: self.answered_at is not None or self.ended is not None, within)

    async def until_ended(self, within: float) -> Ended:
        """Wait until the call is over and return how it ended. Raises TimeoutError."""
        await self.until(lambda: self.ended is not None, within)
        assert self.ended is not None  # noqa: S101 - the line above waited for it
        return self.ended

    async def until(self, condition: Callable[[], bool], within: float) -> None:
        """Wait until something about this call is so. Raises TimeoutError."""
        deadline = time.monotonic() + within
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the call to {self.number} did not get there within {within:g} s")
            await self._pause(left)

    async def _pause(self, seconds: float) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    # What was measured -----------------------------------------------------------------------

    def clock(self, at: float) -> float:
        """Return seconds since the call was answered, or dialled if it never was."""
        return at - (self.answered_at if self.answered_at is not None else self.dialled_at)

    def time_of(self, sample: int) -> float:
        """Return when a sample of the received audio arrived, monotonic seconds (to 20 ms)."""
        if not self._marks:
            raise ValueError("no audio was received yet")
        position, at = self._marks[max(0, bisect_right(self._marks, (sample, float("inf"))) - 1)]
        return at + (sample - position) / SAMPLE_RATE

    def key_to_prompt(self, key_index: int = -1) -> float | None:
        """Return seconds from a key's release to the first audio of the next prompt, or None."""
        pressed = self.pressed[key_index]
        for heard in self.heard:
            if (begun := self.time_of(heard.began)) > pressed.up - KEY_SECONDS and heard.offset == 0:
                return begun - pressed.up
        return None

    def gaps(self) -> list[float]:
        """Return the silence in seconds between each prompt's end and the next one's beginning."""
        pairs = zip(self.heard, self.heard[1:], strict=False)
        return [
            max(0.0, (after.began - before.ended) / SAMPLE_RATE)
            for before, after in pairs
            if before.ended is not None
        ]

    def tone_windows(self, hertz: float) -> list[bool]:
        """Return for every 100 ms received so far whether the tone was there. Needs `keep_audio`."""
        return tone.windows(np.frombuffer(self.audio, dtype="<i2"), hertz)

    def save(self, path: Path) -> None:
        """Write the received audio as 8 kHz 16-bit WAV. Needs `keep_audio`."""
        audio = self.audio
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", "not compressed"))
            file.writeframes(audio)

    @property
    def audio(self) -> bytes:
        """All audio received so far: 16-bit little-endian at 8 kHz. Needs `keep_audio`."""
        if self._audio is None:
            raise ValueError("place the call with keep_audio=True to keep its audio")
        return bytes(self._audio)
