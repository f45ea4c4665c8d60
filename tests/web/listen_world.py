"""An application with the routes of listening, people of every role, and a clock that a test moves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import httpx

from domain.clock import SystemClock
from domain.staff import Staff, StaffRole
from recording.listening_rules import load_listening_rules
from recording.persons import NobodyRestricted, PersonCases
from recording.ports import Alarms, SealedSounds
from recording.quality.blind import BlindWork
from recording.quality.scores import Scores
from storage.database import Database
from storage.listening import DurableComments, DurablePlaybacks
from storage.recordings_memory import MemoryRecordings
from storage.vault import Vault
from tests.web.listen_doubles import (
    AT,
    SEALED,
    AlarmsDouble,
    BlindDouble,
    PeopleDouble,
    ScoresDouble,
    SoundsDouble,
    book,
)
from tests.web.page_parts import COLLEAGUE, CSRF, OWN, PageParts, page_app
from web.errors import add_error_handlers
from web.listen_port import ListenPort
from web.listen_routes import add_listen_routes
from web.shell import Shell
from web.visitor import Visitor


class MovedClock(SystemClock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = AT + timedelta(hours=1)

    def now(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class ListenWorld:
    """The application and what stands behind it. Every client's bytes of sound are counted."""

    parts: PageParts
    clock: MovedClock
    book: MemoryRecordings
    sounds: SoundsDouble
    scores: ScoresDouble
    blind: BlindDouble
    alarms: AlarmsDouble
    playbacks: DurablePlaybacks
    comments: DurableComments
    database: Database
    port: ListenPort
    given: Counter[str] = field(default_factory=Counter)

    def client(self, who: str, *, page: bool = False) -> httpx.AsyncClient:
        return self.parts.client(who, page=page)

    async def link(
        self, client: httpx.AsyncClient, purpose: str = "review", recording: str = SEALED
    ) -> dict[str, Any]:
        answer = await client.post(f"/api/recordings/{recording}/playbacks", json={"purpose": purpose})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def heard(
        self, client: httpx.AsyncClient, address: str, span: str = "bytes=0-", case: str = "allowed"
    ) -> httpx.Response:
        """Ask for sound, and count the bytes of it under a case."""
        answer = await client.get(address, headers={"range": span} if span else {})
        self.given[case] += sound_bytes(answer, self.sounds)
        return answer

    def acts(self, *outcomes: str) -> list[tuple[str, str, str]]:
        wanted = outcomes or ("done",)
        return [(row.act, row.subject, row.why) for row in self.parts.audit.rows if row.outcome in wanted]


def sound_bytes(answer: httpx.Response, sounds: SoundsDouble) -> int:
    """Return how many bytes of sound an answer has, whatever it says of itself."""
    kind = answer.headers.get("content-type", "")
    body = answer.content
    if kind.startswith(("audio/", "application/octet-stream")):
        return len(body)
    pieces = (content[at : at + 64] for content in sounds.content.values() for at in (0, 4096, -64))
    return len(body) if any(piece and piece in body for piece in pieces) else 0


async def listen_world(
    database: Database,
    vault: Vault,
    stored: SealedSounds | None = None,
    persons: PersonCases | None = None,
) -> ListenWorld:
    """Join it; `stored`: real sounds instead of the double's; `persons`: what their requests are about."""
    clock, kept, sounds = MovedClock(), await book(), SoundsDouble()
    scores, blind, alarms = ScoresDouble(), BlindDouble(), AlarmsDouble()
    playbacks, comments = DurablePlaybacks(database, vault), DurableComments(database, vault)
    port = ListenPort(
        kept,
        stored or sounds,
        cast("Scores", scores),
        cast("BlindWork", blind),
        playbacks,
        comments,
        PeopleDouble(),
        cast("Alarms", alarms),
        load_listening_rules().at,
        persons or NobodyRestricted(),
    )
    parts = page_app([])
    parts.shared = replace(parts.shared, clock=clock)
    add_error_handlers(parts.app, parts.shared.render)
    parts.app.add_middleware(Shell)
    partial(add_listen_routes, port=port)(parts.shared)
    parts.sessions.visitors = people()
    return ListenWorld(parts, clock, kept, sounds, scores, blind, alarms, playbacks, comments, database, port)


def people() -> dict[str, Visitor]:
    """Return everybody who tries: a person per role, and some more where it matters."""
    found = {role.value: _visitor(role.value, role) for role in StaffRole if role is not StaffRole.AGENT}
    found["agent"] = _visitor("agent", StaffRole.AGENT, OWN)
    found["colleague"] = _visitor("colleague", StaffRole.AGENT, COLLEAGUE, "beta")
    found["other_leader"] = _visitor("other_leader", StaffRole.TEAM_LEADER, "", "beta")
    found["other_reviewer"] = _visitor("other_reviewer", StaffRole.QUALITY)
    for who in ("quality", "quality_lead"):  # the same person, signed in a second time
        found[f"{who}_again"] = replace(found[who], session_id=f"session-{who}-2")
    return found


def _visitor(name: str, role: StaffRole, number: str = "", team: str = "alfa") -> Visitor:
    staff = Staff(f"{name:_<32}"[:32], name, f"Contoh {name}", frozenset({role}), number, team)
    return Visitor(staff, f"session-{name}", CSRF)
