"""A house whose calls are recorded and reviewed: an installation, its people at the API, agents at phones."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from domain.clock import SystemClock
from recording.recordings import RATE, Alarm, Mark, Recording
from recording.states import State
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.handset import Login
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recordings import DurableRecordings
from tests.sip.installation import Installation
from tests.sip.office import Clerk

FIRST, SECOND = "70000021", "70000022"  # made-up staff numbers
NAMES = {FIRST: "Melati", SECOND: "Kenanga"}
CALLER_HERTZ, FIRST_HERTZ, SECOND_HERTZ = 700, 1100, 1500
CLERKS = (f"agen{FIRST}", f"agen{SECOND}", "ketua", "penilai", "penilai2", "pkl", "supervisor")
TABLES = {
    "agents": (
        f"agent,on_air_name,team,languages\n{FIRST},{NAMES[FIRST]},kup_1,id en\n"
        f"{SECOND},{NAMES[SECOND]},kup_1,id en\n"
    ),
    "competences": f"agent,skill,tier,level,expires\n{FIRST},general,A,3,\n{SECOND},general,A,1,\n",
    "rules": (
        "rule,value,about,assumed\nring_seconds,15,How long an agent's phone rings for an offer,yes\n"
        "wrap_up_seconds,0,The time for the note after a talk (ACW),yes\n"
    ),
}
WITHIN = 60.0  # seconds, on however busy a machine
Sound = NDArray[np.int16]


def share(sound: Sound, hertz: float) -> float:
    """Return the share of the energy at a tone, 0 for silence."""
    spectrum = np.abs(np.fft.rfft(sound.astype(float) * np.hanning(len(sound)))) ** 2
    at = np.fft.rfftfreq(len(sound), 1 / RATE)
    whole = float(spectrum.sum())
    return float(spectrum[np.abs(at - hertz) < 30].sum()) / whole if whole >= 1.0 else 0.0


@dataclass(frozen=True, slots=True)
class Played:
    """What a reviewer was given: both sides."""

    caller: Sound
    agent: Sound

    def under(self, side: Sound, mark: Mark, margin_ms: int = 400) -> Sound:
        """Return a side's samples under a mark, without its edges."""
        until = len(side) * 1000 // RATE if mark.until_ms is None else mark.until_ms
        found = side[(mark.from_ms + margin_ms) * RATE // 1000 : (until - margin_ms) * RATE // 1000]
        assert len(found) >= RATE // 5, f"{mark} is too short to be judged"
        return found


class AtWork:
    """An agent at a phone and at the page."""

    def __init__(self, number: str, phone: AgentPhone, page: Clerk) -> None:
        self.number, self.phone, self.page = number, phone, page

    async def asks(self, request: str, **fields: str) -> None:
        """Press a button of the page."""
        await self.page.posts("/api/desk/requests", {"request": request, **fields})

    async def until(self, **wanted: str) -> dict[str, Any]:
        """Wait for the state that the page shows."""
        seen: dict[str, Any] = {}
        deadline = time.monotonic() + WITHIN
        while not wanted.items() <= seen.items():
            assert time.monotonic() < deadline, f"wanted {wanted}, the page shows {seen}"
            await asyncio.sleep(0.1)
            seen = (await self.page.gets("/api/desk"))["state"]
        return seen

    async def answers(self, hertz: float) -> PhoneCall:
        """Answer the next call and speak."""
        call = await self.phone.rings(within=WITHIN)
        call.answer()
        call.speaks(hertz)
        return call


class House:
    """The installation and who works with it."""

    def __init__(
        self, installation: Installation, library: SoundLibrary, tables: dict[str, str] = TABLES
    ) -> None:
        self.installation, self._library, self._tables = installation, library, tables
        self._passwords: dict[str, str] = {}
        self._logins: dict[str, Login] = {}

    def opens(self) -> None:
        """Start it, and give everybody a way in."""
        self.installation.start()
        self.installation.staff(self._tables, FIRST)
        made = [json.loads(line) for line in self.installation.kring("staff", "demo", "--json").splitlines()]
        self._passwords = {one["user_name"]: one["password"] for one in made}
        for agent in NAMES:
            told = json.loads(self.installation.kring("agent", "account", "create", agent, "--json"))
            self._logins[agent] = Login(self.installation.sip, told["account"], told["secret"])

    @asynccontextmanager
    async def office(self, *names: str) -> AsyncIterator[dict[str, Clerk]]:
        """Sign people in, by default everybody, each with a session of their own."""
        async with AsyncExitStack() as stack:
            clerks = {}
            for name in names or CLERKS:
                clerks[name] = await Clerk.signs_in(self.installation, name, self._passwords[name])
                stack.push_async_callback(clerks[name].leaves)
            yield clerks

    @asynccontextmanager
    async def at_work(self, number: str, page: Clerk) -> AsyncIterator[AtWork]:
        """Register an agent's phone, sign in at the page, be ready."""
        async with AgentPhone(self._logins[number]) as phone:
            agent = AtWork(number, phone, page)
            await agent.until(observed="idle")
            await page.changes("/api/desk/sign-in", {})
            await agent.asks("ready")
            yield agent

    def outside(self) -> Telephone:
        """Return a telephone of the public."""
        return Telephone(self.installation.sip, self._library)

    async def recording(
        self, known: Sequence[str], fits: Callable[[Recording], bool], within: float = WITHIN
    ) -> Recording:
        """Wait until the one recording beyond those known is as wanted."""
        found: list[Recording] = []
        deadline = time.monotonic() + within
        while True:
            rows = await asyncio.to_thread(self.recordings)
            found = [one for one in rows if one.recording_id not in known]
            assert len(found) <= 1, "a call has one recording"
            if found and fits(found[0]):
                return found[0]
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.2)

    def recordings(self) -> list[Recording]:
        """Return every recording, oldest first."""
        return self._read(lambda database: DurableRecordings(database).in_state(*State))

    def marks(self, recording_id: str) -> list[Mark]:
        """Return a recording's marks."""
        return self._read(lambda database: DurableRecordings(database).marks(recording_id))

    def alarms(self) -> list[Alarm]:
        """Return the open alarms."""
        return self._read(lambda database: DurableAlarms(database, SystemClock()).open())

    def plain(self) -> list[Path]:
        """Return the plain audio that there is, of whatever name, in Asterisk's whole folder."""
        spool = self.installation.home / "asterisk" / "spool"
        return [
            path for path in spool.rglob("*") if path.is_file() and path.suffix in (".wav", ".raw", ".flac")
        ]

    def _read(self, ask: Callable[[Database], Any]) -> list[Any]:
        async def read() -> list[Any]:
            database = Database.open(self.installation.settings.database)
            try:
                return list(await ask(database))
            finally:
                database.close()

        return asyncio.run(read())


async def plays(clerk: Clerk, recording_id: str, purpose: str) -> tuple[dict[str, Any], Played]:
    """Ask for a link with a purpose, and take the sound by ranges, as a player does."""
    link = await clerk.posts(f"/api/recordings/{recording_id}/playbacks", {"purpose": purpose})
    whole, size = b"", 1
    while len(whole) < size:
        answer = await clerk.asks(link["address"], Range=f"bytes={len(whole)}-")
        assert answer.status_code == 206, answer.text
        assert answer.headers["content-type"] == "audio/flac"
        size = int(answer.headers["content-range"].split("/")[1])
        whole += answer.content
    sound, rate = soundfile.read(io.BytesIO(whole), dtype="int16", always_2d=True)
    assert (rate, sound.shape[1]) == (RATE, 2)
    return link, Played(sound[:, 0], sound[:, 1])


async def scores(clerk: Clerk, recording_id: str, kind: str, no: Sequence[str] = ()) -> dict[str, Any]:
    """Fill the form in, all `yes` but some, make the score final, and return it."""
    piece = await clerk.gets(f"/api/recordings/{recording_id}/scores")
    form = piece["scoring"]
    assert form is not None, piece["why_not"]
    assert (form["kind"], piece["blind"], piece["finals"]) == (kind, kind != "review", [])
    questions = [
        question
        for criterion in form["form"]["criteria"]
        for item in criterion["items"]
        for question in item["questions"]
    ]
    assert {question["code"] for question in questions} >= set(no)
    body = {
        "recording_id": recording_id,
        "person": form["person"],
        "kind": form["kind"],
        "form": form["form"]["name"],
        "form_version": form["form"]["version"],
        "answers": {one["code"]: {"answer": "no" if one["code"] in no else "yes"} for one in questions},
        "facts": {
            fact["code"]: fact["value"] or fact["choices"][0]["code"] for fact in form["form"]["facts"]
        },
        "summary": "Contoh ringkasan",
        "count": form["count"],
    }
    final: dict[str, Any] = await clerk.posts(f"/api/scores/{form['score_id']}/finish", body)
    return final
