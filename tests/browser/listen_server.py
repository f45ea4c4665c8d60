"""The page of one recording on a server, over real playbacks and comments; the sound is a double's FLAC."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import uvicorn
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from recording.recordings import Mark, MarkKind
from recording.transcripts import Sentence, Transcript, Transcripts
from storage.database import Database
from storage.vault import Vault
from tests.web.listen_doubles import AT, OTHERS, SEALED, recording, sound
from tests.web.listen_world import ListenWorld, listen_world
from tests.web.page_parts import OTHER_CALL
from web.assets import Assets, add_asset_routes
from web.build import build
from web.parts import Shared
from web.permissions import Permission
from web.transcript_routes import add_transcript_routes

SECONDS = 240.0  # of OTHERS, whose marks are a long call's
MARKS = (
    Mark(MarkKind.NOTICE, 0, 6000, "recording_notice id"),
    Mark(MarkKind.SILENCED, 20_000, 34_000, "proof"),
    Mark(MarkKind.HOLD, 60_000, 83_500),
    Mark(MarkKind.CONSULT, 95_000, 110_000),
    Mark(MarkKind.WAITING, 120_000, 141_000, "efin"),
    Mark(MarkKind.CONFERENCE, 150_000, 175_000, "90000003"),
    Mark(MarkKind.SILENCED, 180_000, 190_000, "keys"),
    Mark(MarkKind.GAP, 205_000, 212_000, "service_restart"),
)
CONTEXT = '<p>Cabang: Lupa EFIN</p><p><a href="#t=61">Ke penahanan</a></p>'


class WroteDown:
    """Has the transcript of every recording."""

    async def get(self, recording_id: str) -> Transcript:
        """Return it."""
        said = [
            Sentence("agent", 6500, 9000, "Selamat pagi, Kring Pajak, ada yang bisa dibantu?"),
            Sentence("caller", 9200, 14_000, "Saya lupa EFIN, mau lapor SPT tahunan."),
            *(Sentence("agent", at * 1000, at * 1000 + 800, f"Kalimat {at}.") for at in range(36, 58)),
            Sentence("caller", 112_500, 114_000, "Terima kasih banyak."),
        ]
        model = ("whisper-base", "faster-whisper 1.2.1, d01c3014881c9c6f")
        return Transcript(recording_id, OTHER_CALL, AT, "id", *model, round(SECONDS * 1000), 60_000, said)


@dataclass(frozen=True, slots=True)
class ListenServer:
    """A running server and what stands behind it."""

    address: str
    world: ListenWorld

    @property
    def page(self) -> str:
        return f"{self.address}/rekaman/{OTHERS}"


@asynccontextmanager
async def listen_server(folder: Path) -> AsyncIterator[ListenServer]:
    """Serve the built pages."""
    await asyncio.to_thread(build, lambda text: None)
    database = Database.open(f"sqlite:///{folder}/kring.db")
    world = await listen_world(database, Vault.create(folder / "key"))
    length = round(SECONDS * 1000)
    world.book._rows[OTHERS] = replace(
        recording(OTHERS, OTHER_CALL), audio_ms=length, expected_ms=length, lost_ms=7000, cause="service"
    )
    await world.book.mark(OTHERS, MARKS)
    world.sounds.content = {SEALED: world.sounds.content[SEALED], OTHERS: sound(SECONDS)}
    assets = Assets.load()
    world.parts.shared.render._environment.globals["asset"] = assets.asset
    transcript = partial(
        add_transcript_routes, listen=world.port, transcripts=cast("Transcripts", WroteDown())
    )
    for area in (partial(add_asset_routes, assets=assets), _context, transcript):
        area(world.parts.shared)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield ListenServer(f"http://127.0.0.1:{listener.getsockname()[1]}", world)
    finally:
        server.should_exit = True
        await serving
        listener.close()
        database.close()


def _context(shared: Shared) -> None:
    @shared.guard.get("/rekaman/{recording_id}/konteks", Permission.RECORDING_LISTEN)
    async def context(request: Request, recording_id: str) -> Response:
        return HTMLResponse(CONTEXT)

    @shared.guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def no_notice() -> Response:  # the navigation asks for it on every page
        return HTMLResponse("")

    @shared.guard.get("/healthz", Permission.PUBLIC)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}
