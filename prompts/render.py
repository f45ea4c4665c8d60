"""Making the audio of prompts and words that is missing or stale."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from prompts.generated import GENERATORS
from prompts.manifest import Entry, Manifest, Source, digest, file_digest
from prompts.pronunciation import Lexicon
from prompts.sound import normalise, to_samples, trim
from prompts.texts import Recording, Texts
from prompts.voices import Voice
from prompts.wav import RATE, Samples, read, write


@dataclass(frozen=True, slots=True)
class Workshop:
    """A prompts folder with all that rendering reads and writes."""

    audio: Path
    texts: Texts
    lexicon: Lexicon
    manifest: Manifest

    def file(self, key: str) -> Path:
        """Where a sound's audio lies."""
        return self.audio / f"{key}.wav"


def wanted_entry(recording: Recording, lexicon: Lexicon, voice: str) -> tuple[str, str]:
    """The hashes of what is written and of what a voice is told to say."""
    spoken = lexicon.spoken(recording)
    return digest(recording.text), digest(f"{voice}\n{spoken}")


def adopt(shop: Workshop) -> list[str]:
    """Enter recordings that were put in place of rendered files into the manifest.

    A file whose bytes are not those that were rendered is a recording of the text as it is now.
    Returns their keys. The manifest is not saved.
    """
    adopted: list[str] = []
    for recording in shop.texts.recordings():
        path = shop.file(recording.key)
        known = shop.manifest.entries.get(recording.key)
        if not path.exists() or (known and known.file_hash == file_digest(path)):
            continue
        shop.manifest.entries[recording.key] = Entry(
            digest(recording.text), "", "", file_digest(path), len(read(path)) / RATE, Source.RECORDED
        )
        adopted.append(recording.key)
    return adopted


def render(
    shop: Workshop,
    voice: Voice,
    only: Collection[str] = (),
    told: Callable[[str], None] = lambda _key: None,
    *,
    again: bool = False,
) -> int:
    """Render what is missing or stale, and `only` what belongs to these prompts, if any are named.

    `again` renders what is fresh, too. Recordings are never overwritten. `told` hears each key
    before its work begins. The manifest is saved after each file, so that an interrupted run
    goes on where it was. Returns the number of files made.
    """
    adopt(shop)
    made = 0
    for recording in shop.texts.recordings():
        if only and prompt_of(recording.key) not in only:
            continue
        if not (again or is_stale(shop, recording, voice)) or _is_recorded(shop, recording):
            continue
        told(recording.key)
        _speak(shop, recording, voice)
        shop.manifest.save()
        made += 1
    for key, generator in shop.texts.generated().items():
        if not only or prompt_of(key) in only:
            made += _generate(shop, key, generator)
    _forget(shop)
    shop.manifest.save()
    return made


def prompt_of(key: str) -> str:
    """The prompt (or word) to which an audio file belongs: `id/npwp_read_back-1` → `npwp_read_back`."""
    return key.rpartition("/")[2].partition("-")[0]


def is_stale(shop: Workshop, recording: Recording, voice: Voice) -> bool:
    """Whether a file is missing, or says something else than the catalogue and lexicon do now."""
    entry = shop.manifest.entries.get(recording.key)
    if entry is None or not shop.file(recording.key).exists():
        return True
    text_hash, spoken_hash = wanted_entry(recording, shop.lexicon, voice.name(word=recording.is_word))
    return (entry.text_hash, entry.spoken_hash) != (text_hash, spoken_hash)


def _is_recorded(shop: Workshop, recording: Recording) -> bool:
    entry = shop.manifest.entries.get(recording.key)
    return entry is not None and entry.source is Source.RECORDED and shop.file(recording.key).exists()


def spoken_samples(recording: Recording, lexicon: Lexicon, voice: Voice) -> Samples:
    """Let a voice speak a text. Raises SpeechUnavailable."""
    speak = voice.word if recording.is_word else voice.prompt
    return to_samples(normalise(trim(speak(lexicon.spoken(recording), recording.language))))


def _speak(shop: Workshop, recording: Recording, voice: Voice) -> None:
    samples = spoken_samples(recording, shop.lexicon, voice)
    path = shop.file(recording.key)
    write(path, samples)
    name = voice.name(word=recording.is_word)
    text_hash, spoken_hash = wanted_entry(recording, shop.lexicon, name)
    shop.manifest.entries[recording.key] = Entry(
        text_hash, spoken_hash, name, file_digest(path), len(samples) / RATE, Source.TTS
    )


def _generate(shop: Workshop, key: str, generator: str) -> int:
    path = shop.file(key)
    samples = to_samples(GENERATORS[generator]())
    text_hash = digest(samples.tobytes().hex())
    entry = shop.manifest.entries.get(key)
    if entry and path.exists() and entry.text_hash == text_hash:
        return 0
    write(path, samples)
    shop.manifest.entries[key] = Entry(
        text_hash, "", "", file_digest(path), len(samples) / RATE, Source.GENERATED
    )
    return 1


def _forget(shop: Workshop) -> None:
    """Remove audio of texts that no longer exist."""
    wanted = {*(recording.key for recording in shop.texts.recordings()), *shop.texts.generated()}
    for key in set(shop.manifest.entries) - wanted:
        del shop.manifest.entries[key]
    for path in shop.audio.rglob("*.wav"):
        if path.relative_to(shop.audio).with_suffix("").as_posix() not in wanted:
            path.unlink()
