"""Prompts of a small catalogue, a database, and pages that change them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf

from domain.clock import SystemClock
from ivr.announcements import Announcement
from prompts.library import Library
from prompts.manifest import Entry, Manifest, Source, digest, file_digest
from prompts.own import OWN_PREFIX
from prompts.take import BadRecording, take
from prompts.wav import RATE, encoded, write
from service.config_prompts import PromptFolder
from service.prompt_force import PromptsInForce
from service.prompt_looks import PromptLooks
from service.prompt_office import OwnPromptOffice, PromptGround
from service.prompt_voice import MadeSound, PromptVoice
from service.settings import load_settings
from storage.database import Database
from storage.own_prompts import DurableOwnPrompts
from storage.wall_announcements import DurableAnnouncements
from tests.web.page_parts import PageParts, page_app
from tests.web.staff_world import StaffWorld
from web.prompt_change_routes import PromptPort, add_prompt_change_routes
from web.prompt_port import SoundRefused
from web.prompt_routes import add_prompt_routes

CATALOGUE = {
    "announce_busy": {"id": "Sedang ramai.", "en": "We are busy."},
    "closed": {"id": "Buka pukul {opens:time} saja.", "en": "Open from {opens:time} only."},
    "connecting": {"id": "Menyambungkan.", "en": "Connecting."},  # Asterisk plays it by itself
}
NEW = {"id": "Sudah sepi.", "en": "It is quiet."}
BUSY = "/api/prompts/announce_busy"


def speech(seconds: float = 1.5, pitch: float = 140.0) -> bytes:
    """Return a recording as a studio brings it: 48 kHz, syllables of a voiced tone."""
    at = np.arange(round(seconds * 48_000)) / 48_000
    wave = np.sin(2 * np.pi * pitch * at) * (0.1 + 0.2 * np.abs(np.sin(2 * np.pi * 2 * at)))
    made = io.BytesIO()
    sf.write(made, wave, 48_000, format="FLAC", subtype="PCM_24")
    return made.getvalue()


class VoiceDouble(PromptVoice):
    """Does in this process what the voice has done by another, and speaks a tone."""

    async def take(self, content: bytes) -> MadeSound:
        try:
            made = take(content)
        except BadRecording as error:
            raise SoundRefused(error.word, error.values) from error
        return MadeSound(encoded(made.samples), made.seconds, made.notes)

    async def speak(self, language: str, text: str) -> MadeSound:
        return await self.take(speech(pitch=100 + len(text)))


@dataclass(slots=True)
class PromptWorld:
    """The pages, and what stands behind them."""

    folder: Path
    database: Database
    library: Library
    store: DurableOwnPrompts
    force: PromptsInForce
    office: OwnPromptOffice
    announcements: DurableAnnouncements
    parts: PageParts
    sounds: Path = field(default_factory=Path)  # Asterisk's folder

    async def bring(self, pitch: float, role: str = "supervisor") -> str:
        """Bring a recording; return its digest."""
        async with self.parts.client(role) as client:
            answer = await client.post("/api/prompt-sounds", content=speech(pitch=pitch))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["digest"])

    async def put(
        self, texts: Mapping[str, str], sounds: Sequence[str], based_on: int = 0, name: str = "announce_busy"
    ) -> int:
        """Put texts and audio in force as a supervisor; return the change's number."""
        body = {**texts, "sounds": list(sounds), "based_on": based_on, "why": "ND-7"}
        async with self.parts.client("supervisor") as client:
            answer = await client.post(f"/api/prompts/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["number"])

    def laid(self) -> set[str]:
        """Return the names of own sounds that Asterisk could play."""
        folder = self.sounds / OWN_PREFIX
        return {OWN_PREFIX + path.relative_to(folder).as_posix()[:-5] for path in folder.rglob("*.alaw")}

    async def announce(self, prompt: str, begins: datetime, ends: datetime) -> None:
        """Switch an announcement on."""
        await self.announcements.begin(Announcement("a" * 32, begins, "s" * 32, prompt, begins, ends))


def prompt_world(folder: Path, database: Database, staff: StaffWorld) -> PromptWorld:
    """Return it. `folder` is empty."""
    write_catalogue(folder, CATALOGUE)
    settings = load_settings({"KRING_HOME": str(folder), "KRING_PROMPTS": str(folder)})
    library, store, sounds = Library.load(folder), DurableOwnPrompts(database), folder / "sounds"
    force, announcements = PromptsInForce(library, store, sounds), DurableAnnouncements(database)
    office = OwnPromptOffice(
        PromptGround(
            PromptLooks(library, folder / "audio", store), PromptFolder(settings), store, announcements,
            VoiceDouble(folder), SystemClock(), force.look,
        )
    )  # fmt: skip
    port = PromptPort(office, staff.people)
    parts = page_app([partial(add_prompt_change_routes, port=port), partial(add_prompt_routes, shelf=office)])
    return PromptWorld(folder, database, library, store, force, office, announcements, parts, sounds)


def write_catalogue(folder: Path, prompts: Mapping[str, Mapping[str, str]]) -> None:
    """Write a catalogue with audio for each piece."""
    lines = [
        f"{name}:\n" + "".join(f'  {language}: "{text}"\n' for language, text in texts.items())
        for name, texts in prompts.items()
    ]
    (folder / "catalogue.yaml").write_text("".join(lines), encoding="utf-8")
    (folder / "words.yaml").write_text('id: {d_1: "satu"}\nen: {d_1: "one"}\n', encoding="utf-8")
    manifest = Manifest(folder / "audio" / "manifest.json", {})
    for number, one in enumerate(Library.load(folder).catalogue.values()):
        for key, text in ((f"{code}/{one.name}", text) for code, text in one.texts.items()):
            for piece in (key,) if "{" not in text else (f"{key}-1", f"{key}-3"):
                path = folder / "audio" / f"{piece}.wav"
                write(path, np.full(RATE // 2 + 8 * number + len(piece), 5, dtype=np.int16))
                manifest.entries[piece] = Entry(digest(text), "", "", file_digest(path), 0.5, Source.TTS)
    for key in ("id/words/d_1", "id/words/pause", "en/words/d_1"):
        write(folder / "audio" / f"{key}.wav", np.full(RATE // 4, 5, dtype=np.int16))
    manifest.save()
