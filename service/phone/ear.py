"""The ear: says which prompt is being heard, since when, until when, and whether to its end.

Two steps. Landmarks (`landmarks.py`) propose "sound S began at sample T"; the proposal is checked
against the waveform, 20 ms at a time, and followed (`tracks.py`) until it stops matching or the
sound ends. Prompts that begin alike are all followed until one is left. What is silent in both,
short losses and the jitter buffer's slips do not end a prompt.

All positions are samples (8 kHz) since the first received sample.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.phone import landmarks
from service.phone.protocol import FRAME_SAMPLES
from service.phone.sounds import FRAME_QUIET, Sound, SoundLibrary, candidates
from service.phone.tracks import Stream, Track

__all__ = ["Changes", "Ear", "Heard", "Sound", "SoundLibrary"]

UNKNOWN = "unknown"  # the name of a sound that is none of the library's

STEP = 640  # samples; the ear thinks every 80 ms
LEAST_VOTES = 3
LEAST_MATCHED = 3  # frames, for a guess to be followed
SURE = 8  # frames matched before a prompt is named: 160 ms
SURE_WITHIN = 25  # the same for one that does not start at its beginning: 500 ms
SLACK = 800  # samples a beginning may lie before the end of what was heard last
SLIP = 2400  # samples a jitter buffer may shift a sound
LOST = 12  # frames without a match after which a prompt has ended: 240 ms
DOUBT = 3  # frames without a match after which another prompt may have begun
UNDECIDED = 8  # frames without a match after which prompts that begin alike will not part any more: 160 ms
GUESSES = 16
RESUME_WITHIN = 8000
UNKNOWN_AFTER = 50  # audible frames that nothing explains: 1 s
UNKNOWN_UNTIL = 25  # silent frames


@dataclass(slots=True)
class Heard:
    """A sound that was recognised. It is still sounding while `ended` is None."""

    name: str
    language: str
    text: str
    kind: str  # "prompt", "word", "music" or "unknown"
    began: int
    offset: int  # samples of its beginning that were not heard
    ended: int | None = None
    complete: bool = False
    alternatives: tuple[str, ...] = ()  # names of prompts it may be as well: it ended before they part


@dataclass(slots=True)
class Changes:
    """What became known by listening on. `ended` may name what an earlier `began` told."""

    began: list[Heard] = field(default_factory=list)
    ended: list[Heard] = field(default_factory=list)


class Ear:
    """Listens to one call. Not thread-safe; costs about 1 % of a core per call."""

    def __init__(self, library: SoundLibrary) -> None:
        self._library = library
        self._stream = Stream()
        self._waiting = 0  # samples received since the ear last thought
        self._scanned = 0
        self._votes: NDArray[np.int64] = np.empty((0, 3), np.int64)
        self._explained = 0  # everything before was recognised, or is given up
        self._guesses: list[Track] = []
        self._track: Track | None = None
        self._heard: Heard | None = None
        self._last: tuple[Track, Heard] | None = None
        self._language = ""
        self._stem = ""  # of the prompt heard last; words do not change it
        self._unknown = _Unknown()
        self.loud = bytearray()  # one byte per 20 ms of the call: 1 audible, 0 silent

    def listen(self, samples: NDArray[np.int16]) -> Changes:
        """Take received audio, shape (n,), any n; return what became known by it."""
        self._stream.append(samples)
        self._waiting += len(samples)
        changes = Changes()
        if self._waiting >= STEP:
            self._waiting = 0
            self._think(changes)
        return changes

    def finish(self) -> Changes:
        """The call is over: end what is sounding, decide what was open."""
        changes = Changes()
        self._stream.append(np.zeros(landmarks.MARGIN + FRAME_SAMPLES, np.int16))
        self._think(changes)
        if self._track is None:
            self._decide(changes, final=True)
        if self._track is not None:
            self._end(self._track, changes)
        self._unknown.end(self._stream.end, changes)
        return changes

    def _think(self, changes: Changes) -> None:
        self._note_loudness()
        if self._track is not None:
            self._follow(self._track, changes)
        # One stretch of audio can end a short word, contain the next and begin a third.
        while self._track is None and self._decide(changes):
            pass
        self._watch_unknown(changes)

    def _note_loudness(self) -> None:
        begin = len(self.loud) * FRAME_SAMPLES
        whole = (self._stream.end - begin) // FRAME_SAMPLES
        if whole > 0:
            frames = self._stream.part(begin, begin + whole * FRAME_SAMPLES).reshape(whole, FRAME_SAMPLES)
            self.loud += (np.linalg.norm(frames, axis=1) > FRAME_QUIET).tobytes()

    # A prompt is being heard ---------------------------------------------------------------

    def _follow(self, track: Track, changes: Changes) -> None:
        track.follow(self._stream, self._library)
        if track.misses >= DOUBT:
            self._doubt(track, changes)
        if self._track is track and (track.misses >= LOST or track.is_over(self._library)):
            self._end(track, changes)

    def _doubt(self, track: Track, changes: Changes) -> None:
        """The prompt stopped matching: it slipped, or another has begun."""
        self._scan(track.last_match)
        for guess in self._gather(track.last_match):
            if guess.index == track.index and abs(guess.start - track.start) <= SLIP:
                track.move(guess.start)
                track.follow(self._stream, self._library)
                return
            if guess.start >= track.last_match - SLACK:
                self._end(track, changes)
                return

    def _end(self, track: Track, changes: Changes) -> None:
        heard = self._heard
        if heard is None:
            return
        heard.complete = track.is_complete(self._library)
        played_out = heard.complete and track.is_over(self._library)
        length = len(self._library.waves[track.index])
        heard.ended = track.start + length if played_out else track.last_match
        self._explained = max(self._explained, heard.ended if played_out else track.last_match)
        changes.ended.append(heard)
        self._last = (track, heard)
        self._track = self._heard = None
        self._guesses = []
        self._scanned = max(self._scanned, self._explained - landmarks.MARGIN)

    # Nothing is being heard yet --------------------------------------------------------------

    def _decide(self, changes: Changes, final: bool = False) -> bool:
        """Look for what has begun; return whether a prompt began and also ended already."""
        self._scan(self._explained)
        self._refresh_guesses()
        rivals = self._rivals()
        final = final or all(one.misses >= UNDECIDED for one in rivals)
        if not rivals or (len(rivals) > 1 and not final):
            return False
        best = max(rivals, key=lambda one: (one.is_complete(self._library), one.matched))
        if not final and best.matched < self._needed(best) and not best.is_over(self._library):
            return False
        self._begin(best, changes, [one for one in rivals if one is not best])
        self._follow(best, changes)
        return self._track is None

    def _needed(self, track: Track) -> int:
        return SURE if self._from_start(track) else SURE_WITHIN

    def _scan(self, since: int) -> None:
        """Collect votes from audio that was not looked at yet, not before `since`."""
        stream = self._stream
        begin = max(self._scanned, since - landmarks.MARGIN, stream.base)
        if stream.end - begin > 2 * landmarks.MARGIN:
            marks = landmarks.find(stream.part(begin, stream.end))
            self._votes = np.concatenate((self._votes, self._library.votes(marks, begin)))
            self._scanned = stream.end - 2 * landmarks.MARGIN
        recent = (self._votes[:, 2] >= since) & (self._votes[:, 2] >= stream.base)
        self._votes = self._votes[recent]

    def _gather(self, since: int) -> list[Track]:
        """Return guesses that the waveform confirms up to now, from the votes at hand."""
        confirmed = []
        since = max(since, self._stream.base)
        for guess in candidates(self._votes, LEAST_VOTES)[:GUESSES]:
            track = Track.begin(guess, since)
            track.follow(self._stream, self._library)
            if track.matched >= LEAST_MATCHED and track.misses < DOUBT:
                confirmed.append(track)
        return confirmed

    def _refresh_guesses(self) -> None:
        for guess in self._guesses:
            guess.follow(self._stream, self._library)
        known = {(guess.index, guess.start) for guess in self._guesses}
        fresh = (one for one in self._gather(self._explained) if (one.index, one.start) not in known)
        self._guesses = [one for one in (*self._guesses, *fresh) if one.misses < LOST]

    def _from_start(self, track: Track) -> bool:
        if self._library.sounds[track.index].kind == "music":
            return True  # music goes on where it was
        return track.start >= self._explained - SLACK

    def _rivals(self) -> list[Track]:
        """Return the guesses between which the audio so far cannot tell; one: it is that."""
        whole = [one for one in self._guesses if self._from_start(one)]
        pool = whole or self._guesses
        if not pool:
            return []
        earliest = min(one.start for one in pool)
        rivals = [one for one in pool if one.start <= earliest + SLACK]
        furthest = max(one.last_match for one in rivals)
        rivals = [one for one in rivals if one.last_match > furthest - DOUBT * FRAME_SAMPLES]
        over = [one for one in rivals if one.is_over(self._library)]
        if over and all(one in over or one.misses >= DOUBT for one in rivals):
            rivals = over
        return self._without_twins(rivals)

    def _without_twins(self, rivals: list[Track]) -> list[Track]:
        """Of sounds with the very same audio keep one: it continues the prompt or language heard last."""
        kept: dict[bytes, tuple[tuple[bool, bool], Track]] = {}
        for one in rivals:
            sound = self._library.sounds[one.index]
            audio = sound.samples.tobytes()
            fits = (_stem(sound.name) == self._stem, sound.language == self._language)
            if audio not in kept or fits > kept[audio][0]:
                kept[audio] = (fits, one)
        return [one for _, one in kept.values()]

    def _begin(self, track: Track, changes: Changes, others: list[Track]) -> None:
        self._track = track
        self._guesses = []
        sound = self._library.sounds[track.index]
        self._unknown.end(track.start, changes)
        if self._last is not None and self._resumes(track, sound, *self._last):
            self._heard = self._last[1]
            self._heard.ended, self._heard.complete = None, False
            return
        aligned = self._from_start(track) and sound.kind != "music"
        began = max(0, track.start) if aligned else track.start + track.first * FRAME_SAMPLES
        self._heard = Heard(
            sound.name,
            sound.language,
            sound.text,
            sound.kind,
            began=began,
            offset=began - track.start,
            alternatives=tuple(self._library.sounds[one.index].name for one in others),
        )
        self._language = sound.language or self._language
        self._stem = _stem(sound.name) if sound.kind == "prompt" else self._stem
        changes.began.append(self._heard)

    @staticmethod
    def _resumes(track: Track, sound: Sound, before: Track, heard: Heard) -> bool:
        """Whether this is the sound that was heard last, after a loss or in its next round."""
        if track.index != before.index or heard.ended is None:
            return False
        here = track.start + track.first * FRAME_SAMPLES
        goes_on = abs(track.start - before.start) <= SLIP or sound.kind == "music"
        return goes_on and here - heard.ended <= RESUME_WITHIN

    def _watch_unknown(self, changes: Changes) -> None:
        if self._track is None and not self._guesses:
            heard = self._unknown.watch(self.loud, self._explained // FRAME_SAMPLES, changes)
            if heard is not None:
                changes.began.append(heard)

    def first_sound_after(self, sample: int) -> int | None:
        """Return where the first audible frame at or after a sample begins, or None so far."""
        frame = self.loud.find(b"\x01", -(-sample // FRAME_SAMPLES))
        return frame * FRAME_SAMPLES if frame >= 0 else None


def _stem(name: str) -> str:
    """Return the prompt that a piece belongs to: `closed_by_hour-3` is one of `closed_by_hour`."""
    return name.partition("-")[0]


class _Unknown:
    """Notices sound that nothing in the library explains."""

    def __init__(self) -> None:
        self._from = 0
        self._heard: Heard | None = None

    def watch(self, loud: bytearray, explained: int, changes: Changes) -> Heard | None:
        """Look at the frames nothing has explained; return what newly began."""
        self._from = max(self._from, explained)
        recent = loud[-UNKNOWN_UNTIL:]
        if 1 not in recent:
            self.end(len(loud) * FRAME_SAMPLES, changes)
            self._from = len(loud)
            return None
        first = loud.find(b"\x01", self._from)
        if self._heard is None and first >= 0 and loud.count(1, first) >= UNKNOWN_AFTER:
            self._heard = Heard(UNKNOWN, "", "", UNKNOWN, began=first * FRAME_SAMPLES, offset=0)
            return self._heard
        return None

    def end(self, sample: int, changes: Changes) -> None:
        """A known prompt, or silence, has taken its place."""
        if self._heard is not None:
            self._heard.ended = max(sample, self._heard.began)
            self._heard.complete = True
            changes.ended.append(self._heard)
            self._heard = None
            self._from = max(0, sample) // FRAME_SAMPLES
