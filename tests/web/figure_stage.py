"""Figures with doubles behind them: one small day, written out, and who may see it.

Monday 2 June 2025 (WIB), queue efin, branch efin_token. Seconds:

| call | at | agent (team) | wait | ring | ACD | talk | hold | ACW | note |
|---|---|---|---|---|---|---|---|---|---|
| a | 08.10 | Melati (alfa) | 12 | 5 | 240 | 216 | 30 | 60 | yes |
| b | 08.40 | Melati (alfa) | 45 | 7 | 180 | 180 | 0 | 30 | no |
| c | 09.05 | hung up | 90 | | | | | | |
| d | 09.20 | Kenanga (beta) | 3 | 3 | 120 | 96 | 0 | 24 | yes |

Calls a and d were answered in time. Melati was signed in for 4 h (10 min of pauses), Kenanga for 2 h. On the
Monday before, 26 May, there was call f alone: Melati, wait 10, ring 10, ACD = talk 100, ACW 20, a note; 1 h.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import httpx
import msgspec

from desk.branches import load_branches
from domain.staff import Staff, StaffRole
from recording.recordings import Mode, Recording
from recording.states import State
from reporting.channels import ChannelImport, ChannelRow, ChannelTaken
from reporting.counts import Counts
from reporting.rollup import Key
from service.figure_file_process import make
from storage.figures_memory import MemoryFigures
from storage.recordings_memory import MemoryRecordings
from tests.web.floor_double import agent_view
from tests.web.page_parts import COLLEAGUE, CSRF, OWN, PageParts, page_app
from web.errors import add_error_handlers
from web.figure_file import FigureFile, FileNotMade
from web.figure_port import FigurePort
from web.figure_routes import add_figure_routes
from web.visitor import Visitor

DAY = "since=2025-06-02&until=2025-06-02"
SESSIONS = {
    "agent": (StaffRole.AGENT, OWN, "alfa"),
    "colleague": (StaffRole.AGENT, COLLEAGUE, "beta"),
    "leader": (StaffRole.TEAM_LEADER, "", "alfa"),
    "english_leader": (StaffRole.TEAM_LEADER, "", "alfa"),
    "beta_leader": (StaffRole.TEAM_LEADER, "", "beta"),
    "chief": (StaffRole.SUPERVISOR, "", ""),
    "planner": (StaffRole.PLANNER, "", ""),
    "auditor": (StaffRole.AUDITOR, "", ""),
}
CAMPAIGN = "e" * 32
RECORDED = "1" * 32  # the recording of call a


def staff_id(who: str) -> str:
    """Return the id of somebody of SESSIONS."""
    return who.encode().hex().ljust(32, "0")[:32]


class PeopleDouble:
    """The staff of SESSIONS."""

    async def all(self) -> list[Staff]:
        return [
            Staff(staff_id(who), who, f"Contoh {who}", frozenset({role}), number, team)
            for who, (role, number, team) in SESSIONS.items()
        ]


@dataclass(slots=True)
class ChannelsDouble:
    """Counts of other channels in memory."""

    kept: dict[tuple[date, str, str], ChannelRow] = field(default_factory=dict)
    taken: list[ChannelImport] = field(default_factory=list)

    async def take_in(self, rows: Sequence[ChannelRow], by: str, at: datetime) -> ChannelTaken:
        places = [(one.day, one.agent, one.team) for one in rows]
        new = sum(place not in self.kept for place in places)
        same = sum(self.kept.get(place) == row for place, row in zip(places, rows, strict=True))
        self.kept |= dict(zip(places, rows, strict=True))
        found = ChannelTaken(new, len(rows) - new - same, same)
        days = [one.day for one in rows]
        self.taken.insert(0, ChannelImport(at, by, min(days), max(days), found))
        return found

    async def rows(self, first: date, last: date) -> list[ChannelRow]:
        return [one for place, one in sorted(self.kept.items()) if first <= place[0] <= last]

    async def imports(self, most: int = 20) -> list[ChannelImport]:
        return self.taken[:most]


@dataclass(slots=True)
class FilesHere:
    """Makes files in this process."""

    figures: MemoryFigures
    folder: Path
    trouble: FileNotMade | None = None

    async def made(self, job: FigureFile) -> BinaryIO:
        if self.trouble is not None:
            raise self.trouble
        path = self.folder / f"file.{job.form}"
        await make(msgspec.json.decode(msgspec.json.encode(job), type=FigureFile), self.figures, path)
        return path.open("rb")


@dataclass(slots=True)
class FigureStage:
    """The application and what stands behind it."""

    parts: PageParts
    figures: MemoryFigures
    recordings: MemoryRecordings
    channels: ChannelsDouble
    files: FilesHere

    async def begin_anew(self) -> None:
        """Let nothing have happened but the small day."""
        self.figures.happened.clear()
        self.figures.broken, self.files.trouble = False, None
        fill(self.figures)
        await self.recordings.plan(_recording())
        self.channels.kept.clear()
        self.channels.taken.clear()
        self.parts.audit.rows.clear()

    async def get(self, who: str, path: str, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            return await client.get(path)

    async def send(self, who: str, content: bytes, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            headers = {"content-type": "text/csv"}
            return await client.post("/api/figures/channels", content=content, headers=headers)

    @property
    def acts(self) -> list[str]:
        return [row.act for row in self.parts.audit.rows]


def figure_stage(work: Path) -> FigureStage:
    """Return the pages of figures; `begin_anew` puts the small day in."""
    figures, recordings, channels = MemoryFigures(), MemoryRecordings(), ChannelsDouble()
    files = FilesHere(figures, work)

    async def campaigns() -> dict[str, str]:
        return {CAMPAIGN: "Pengingat SPT"}

    port = FigurePort(
        figures,
        channels,
        PeopleDouble(),  # type: ignore[arg-type] # what is used of it
        recordings,
        load_branches(),
        lambda: ["efin", "kup"],
        campaigns,
        files,
    )
    parts = page_app([partial(add_figure_routes, port=port)])
    add_error_handlers(parts.app, parts.shared.render)
    for who, (role, number, team) in SESSIONS.items():
        language = "en" if who.startswith("english") else "id"
        staff = Staff(staff_id(who), who, f"Contoh {who}", frozenset({role}), number, team, language=language)
        parts.sessions.visitors[who] = Visitor(staff, f"session-{who}", CSRF)
    parts.floor.view = {
        OWN: agent_view(OWN, on_air_name="Melati", team="alfa"),
        COLLEAGUE: agent_view(COLLEAGUE, on_air_name="Kenanga", team="beta"),
    }
    return FigureStage(parts, figures, recordings, channels, files)


def fill(figures: MemoryFigures) -> None:
    """Let the small day happen, and the Monday before."""
    _call(figures, "a", _at(8, 10), OWN, (12, 5, 240, 216, 30, 60), in_time=1, documented=1)
    _call(figures, "b", _at(8, 40), OWN, (45, 7, 180, 180, 0, 30))
    gone = Counts(incoming=1, abandoned=1, waited_ms=90_000)
    figures.add(_at(9, 5), gone, _waiting(), "c" * 32, "caller_hung_up")
    _call(figures, "d", _at(9, 20), COLLEAGUE, (3, 3, 120, 96, 0, 24), in_time=1, documented=1)
    figures.add(_at(8, 0), Counts(staffed_ms=4 * 3_600_000, paused_ms=600_000), _key(OWN))
    figures.add(_at(8, 0), Counts(staffed_ms=2 * 3_600_000), _key(COLLEAGUE))
    before = datetime(2025, 5, 26, 1, 30, tzinfo=UTC)  # 08.30 WIB
    _call(figures, "f", before, OWN, (10, 10, 100, 100, 0, 20), in_time=1, documented=1)
    figures.add(before, Counts(staffed_ms=3_600_000), _key(OWN))


def _call(
    figures: MemoryFigures, letter: str, at: datetime, agent: str, seconds: tuple[int, ...], **more: int
) -> None:
    """Let a call be answered: (wait, ring, ACD, talk, hold, ACW)."""
    wait, ring, acd, talk, hold, wrap = (1000 * one for one in seconds)
    entered = Counts(incoming=1, answered=1, in_time=more.get("in_time", 0), waited_ms=wait)
    figures.add(at, entered, _waiting(), letter * 32, "answered")
    worked = Counts(
        acd_calls=1, ring_ms=ring, acd_ms=acd, talk_ms=talk, hold_ms=hold, wrap_up_ms=wrap,
        interactions=1, documented=more.get("documented", 0),
    )  # fmt: skip
    key = _key(agent)._replace(queue="efin", branch="efin_token", direction="in")
    figures.add(at, worked, key, letter * 32, "answered")


def _key(agent: str) -> Key:
    return Key(agent, {OWN: "alfa", COLLEAGUE: "beta"}[agent], "B")


def _waiting() -> Key:
    return Key(queue="efin", branch="efin_token", direction="in")


def _at(hour: int, minute: int) -> datetime:
    """Return a moment of 2 June 2025 by the office's clock."""
    return datetime(2025, 6, 2, hour - 7, minute, tzinfo=UTC)


def _recording() -> Recording:
    return Recording(
        RECORDED, "a" * 32, 1, "chan-a", "in", "efin", "", OWN, "id", Mode.ALWAYS, State.SEALED, _at(8, 10)
    )
