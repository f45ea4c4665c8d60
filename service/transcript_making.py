"""Makes the transcript of one recording: read, heard, kept sealed. For the worker and for a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.clock import Clock
from recording.audio import CodingFailed
from recording.persons import Restricted
from recording.ports import RecordingBook, SealedSounds, SoundDamaged, SoundGone
from recording.recordings import Recording
from recording.transcribing import transcribe
from recording.transcripts import Recogniser, Transcripts
from service.transcript_jobs import Tried

RECENT = timedelta(days=7)  # how far back recordings are written down unasked; older ones by command
LONGEST_MS = 4 * 3_600_000  # of audio; its coded sound is held in memory
_NICE = 19


class Outcome(StrEnum):
    """What became of a try."""

    MADE = "made"
    GONE = "gone"  # the recording is not there to be heard (any more)
    RESTRICTED = "restricted"  # its person's data is processed by nobody for now
    FAILED = "failed"


class OthersNeedIt(Exception):
    """The machine is needed for something else: what was begun is thrown away, and begun anew later."""


@dataclass(frozen=True, slots=True)
class MakingGround:
    """What making transcripts stands on."""

    book: RecordingBook
    sounds: SealedSounds
    transcripts: Transcripts
    restricted: Restricted
    clock: Clock


async def make_one(
    on: MakingGround,
    recording_id: str,
    recogniser: Callable[[], Recogniser],
    between: Callable[[], None] = lambda: None,
) -> Tried:
    """Make the transcript of a recording; what cannot be made is on record.

    `recogniser` is called where there is something to hear. Blocks for long: to be used in a process of its
    own. Raises RecordingsUnavailable, TranscriptsUnavailable, PersonsUnavailable, OSError (the store),
    prompts.errors.SpeechUnavailable, and what `between` raises.
    """
    recording = await on.book.get(recording_id)
    if recording is None or not recording.audible:
        return Tried(recording_id, Outcome.GONE)
    if await on.restricted.call(recording.call_id):
        return Tried(recording_id, Outcome.RESTRICTED)
    if recording.audio_ms > LONGEST_MS:
        return await _failed(on, recording, "too_long")
    marks = await on.book.marks(recording_id)
    model = recogniser()
    try:
        sound = await on.sounds.open(recording)
        data = b"".join([part async for part in sound.read(0, sound.size)])
        found = transcribe(recording, marks, data, model, on.clock.now(), between)
    except SoundGone:
        return await _failed(on, recording, "sound_gone")
    except SoundDamaged:
        return await _failed(on, recording, "sound_damaged")
    except CodingFailed:
        return await _failed(on, recording, "not_decoded")
    if await on.restricted.call(recording.call_id):  # since meanwhile
        return Tried(recording_id, Outcome.RESTRICTED)
    if not await on.transcripts.keep(found):
        return Tried(recording_id, Outcome.GONE)
    return Tried(recording_id, Outcome.MADE, found.audio_ms, found.cpu_ms, len(found.sentences))


async def _failed(on: MakingGround, recording: Recording, cause: str) -> Tried:
    await on.transcripts.failed(recording.recording_id, recording.call_id, cause, on.clock.now())
    return Tried(recording.recording_id, Outcome.FAILED, recording.audio_ms, cause=cause)


def step_back() -> None:
    """Let this process have only what nobody else wants of the machine."""
    os.nice(_NICE)
    with suppress(OSError, AttributeError):  # not every container lets this be set; niceness stays
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
