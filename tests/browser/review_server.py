"""The whole application on a server, with sealed recordings, notes, a transcript and alarms behind its pages.

Only Asterisk is away: everything that was recorded was sealed by the product's own code.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn

from desk.branches import load_branches
from desk.notes import NewNote, NoteContent
from domain.ids import new_id
from recording.recordings import AlarmKind, Mark, MarkKind, Recording
from recording.transcripts import Sentence, Transcript
from storage.database import Database
from storage.interactions import DurableInteractions
from storage.transcripts import DurableTranscripts
from tests.web.api_contract import RoleSessions
from tests.web.page_parts import CALL, COLLEAGUE, OWN
from tests.web.recorded_calls import RecordedCalls
from tests.web.whole_pages import WholePages, whole_pages
from web.build import build

SECONDS = 96.0
HOUR = timedelta(hours=1)
MARKS = (
    Mark(MarkKind.NOTICE, 0, 5200, "recording_notice id"),
    Mark(MarkKind.SILENCED, 14_000, 22_000, "proof"),
    Mark(MarkKind.HOLD, 38_000, 51_500),
    Mark(MarkKind.CONSULT, 62_000, 70_000),
)
SAID = (
    ("agent", 5400, 9100, "selamat pagi kring pajak dengan melati ada yang bisa dibantu"),
    ("caller", 9300, 13_500, "saya lupa efin bagaimana cara memintanya lagi"),
    ("agent", 24_000, 31_000, "baik bapak mohon ditunggu sebentar saya periksa datanya"),
)


@dataclass(frozen=True, slots=True)
class ReviewServer:
    """A running server and what stands behind it."""

    address: str  # without a slash at the end
    world: WholePages
    recordings: list[Recording]  # the first one has everything beside it


@asynccontextmanager
async def review_server(folder: Path) -> AsyncIterator[ReviewServer]:
    """Serve the built pages. A session's cookie is the name of a role (or of `whole_pages.MORE`)."""
    await asyncio.to_thread(build, lambda text: None)
    empty = folder / "empty.db"
    Database.open(f"sqlite:///{empty}").close()
    (folder / "home").mkdir()
    async with whole_pages(empty, folder / "home") as world:
        world.guard.sessions = RoleSessions(world.visitors)
        recordings = await _recorded(world)
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(world.app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield ReviewServer(f"http://127.0.0.1:{listener.getsockname()[1]}", world, recordings)
        finally:
            server.should_exit = True
            await serving
            listener.close()


async def _recorded(world: WholePages) -> list[Recording]:
    calls, part = RecordedCalls(world), world.recording.keeping.part
    made = [await calls.stopped(OWN, ago=19 * HOUR, seconds=SECONDS, marks=MARKS, call_id=CALL)]
    for n, agent in enumerate((COLLEAGUE, OWN, COLLEAGUE, OWN, OWN)):
        made.append(await calls.stopped(agent, ago=(20 + n) * HOUR, seconds=31.0 + 7 * n))
    assert await calls.seal() == len(made)
    for one in made:
        await _noted(world, one)
    await DurableTranscripts(world.database, world.vault).keep(
        Transcript(
            made[0].recording_id,
            made[0].call_id,
            world.clock.now(),
            "id",
            "contoh",
            "1",
            96_000,
            9000,
            [Sentence(*one) for one in SAID],
        )
    )
    alarms = world.recording.alarms
    await alarms.raise_alarm(AlarmKind.TOO_SHORT, made[3].recording_id)
    await alarms.raise_alarm(AlarmKind.DISK, "", "store:low")
    await part.look()
    await part.count()
    await calls.index()
    return made


async def _noted(world: WholePages, one: Recording) -> None:
    """Save the note that the agent wrote to a call."""
    branch = load_branches().branches["efin_token"]
    category = next(iter(branch.categories))
    said = ("Lupa EFIN", "Dibacakan setelah PORO lengkap")
    content = NoteContent(branch.key, category, "resolved", "id", "Ibu Kenanga", *said)
    who = world.visitors["agent" if one.agent == OWN else "colleague"].staff
    at = one.planned_at + timedelta(minutes=2)
    note = NewNote(new_id(), one.call_id, content, who.staff_id, one.agent, who.team, at, None)
    await DurableInteractions(world.database, world.vault).save(note)
