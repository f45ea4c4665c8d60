"""What is wrong with the prompts of a folder: texts, files, loudness."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from prompts import sound
from prompts.errors import PromptError
from prompts.manifest import Entry, Source, digest, file_digest
from prompts.render import Workshop
from prompts.texts import LANGUAGES, Prompt, Recording, Slot
from prompts.wav import RATE, Samples, read

LOUDEST_DBFS = -17.0  # RMS of the spoken frames
QUIETEST_DBFS = -24.0
LONGEST_LEAD = 0.1  # seconds of silence before the first sound
_FULL_SCALE = 32700
_CLIPPED_RUN = 4  # samples at full scale in a row


class Level(StrEnum):
    """How grave a problem is."""

    ERROR = "error"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or worth knowing, about a prompt or a file."""

    level: Level
    where: str
    what: str


def check(shop: Workshop, used: frozenset[str]) -> list[Problem]:
    """Find all problems; `used` are the names that flows and the dialplan use."""
    found: list[Problem] = []
    for prompt in shop.texts.prompts.values():
        found.extend(_of_text(prompt))
        if prompt.name not in used:
            found.append(Problem(Level.ERROR, prompt.name, "is used nowhere; remove it from the catalogue"))
    for recording in shop.texts.recordings():
        found.extend(_of_recording(shop, recording))
    for key in shop.texts.generated():
        if not shop.file(key).exists():
            found.append(Problem(Level.ERROR, key, "is missing; run `kring prompts render`"))
    return found


def _of_text(prompt: Prompt) -> Iterator[Problem]:
    if prompt.sound:
        return
    for language in LANGUAGES:
        if language not in prompt.texts:
            yield Problem(Level.ERROR, prompt.name, f"has no text in language {language!r}")
    slots = {frozenset(part for part in parts if isinstance(part, Slot)) for parts in prompt.parts.values()}
    if len(slots) > 1:
        yield Problem(Level.ERROR, prompt.name, "speaks other values in one language than in the other")


def _of_recording(shop: Workshop, recording: Recording) -> Iterator[Problem]:
    path, key = shop.file(recording.key), recording.key
    entry = shop.manifest.entries.get(key)
    if not path.exists():
        yield Problem(Level.ERROR, key, "is missing; run `kring prompts render`")
        return
    if entry is None or entry.file_hash != file_digest(path):
        yield Problem(
            Level.ERROR, key, "is a recording the manifest does not know; run `kring prompts adopt`"
        )
    elif _stale(shop, recording, entry):
        remedy = "record it again" if entry.source is Source.RECORDED else "run `kring prompts render`"
        yield Problem(Level.ERROR, key, f"is stale: its text or pronunciation was changed; {remedy}")
    elif entry.source is Source.TTS:
        yield Problem(Level.NOTICE, key, f"is synthetic ({entry.voice})")
    try:
        samples = read(path)
    except PromptError as error:
        yield Problem(Level.ERROR, key, str(error))
        return
    yield from (Problem(Level.ERROR, key, what) for what in of_samples(samples))


def _stale(shop: Workshop, recording: Recording, entry: Entry) -> bool:
    if entry.text_hash != digest(recording.text):
        return True
    if entry.source is not Source.TTS:
        return False
    spoken = shop.lexicon.spoken(recording)
    return entry.spoken_hash != digest(f"{entry.voice}\n{spoken}")


def of_samples(samples: Samples) -> Iterator[str]:
    """Tell what makes speech unfit for the line: loudness, leading silence, clipping."""
    wave = sound.to_wave(samples)
    first, last = sound.spoken_span(wave)
    if last == 0:
        yield "is silent"
        return
    level = sound.loudness(wave)
    if level > LOUDEST_DBFS:
        yield f"is too loud: {level:.1f} dBFS, at most {LOUDEST_DBFS:.0f}"
    if level < QUIETEST_DBFS:
        yield f"is too quiet: {level:.1f} dBFS, at least {QUIETEST_DBFS:.0f}"
    if first > LONGEST_LEAD * RATE:
        yield f"begins with {first / RATE * 1000:.0f} ms of silence, at most {LONGEST_LEAD * 1000:.0f}"
    if clipped(samples):
        yield "is clipped: record it at a lower level"


def clipped(samples: Samples) -> bool:
    """Whether several samples in a row stand at full scale."""
    full = (np.abs(samples.astype(np.int32)) >= _FULL_SCALE).astype(np.int64)
    return bool(np.convolve(full, np.ones(_CLIPPED_RUN, dtype=np.int64)).max(initial=0) >= _CLIPPED_RUN)
