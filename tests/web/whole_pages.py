"""The application as the service joins it: real areas, real storage, the real floor; only Asterisk is away.

Two agents of two teams talk to callers. OWN's caller keyed a number that the register knows, and is the
contact of a preview campaign.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

import ari
from acd.driver import FloorDriver
from acd.requests import Actor, Ready, Role, SignIn
from acd.skills import Skillbook
from acd.tables_csv import DATA, load
from ari.client import SLOW
from asterisk_conf.settings import APPLICATION, ARI_USER
from call_flows.book import load_folder
from call_flows.known import Known
from dialer.imports import Imports
from domain.calls import Call, CallEvent, EventKind
from domain.clock import Clock, SystemClock
from domain.ids import new_id
from domain.staff import Credential, Staff, StaffRole
from domain.waiting_room import WaitingCall
from ivr.hours_tables import load_office_hours
from prompts.library import Library
from service import floor_part, outbound_side, staff_part
from service.accounts import LANE, Accounts
from service.agent_telephony import LEG_LANES, AriLegControl
from service.outbound_side import OutboundGround, OutboundSide, open_outbound
from service.page_ports import OfficeCalendar
from service.quality_side import QualitySide
from service.recording_side import RecordingGround, RecordingSide
from service.secrets import asterisk_settings, make_master_key, make_secrets, read_secrets
from service.set_up import Prepared
from service.settings import Settings, load_settings
from service.softphone_part import Beneath, make_softphones
from service.staff_part import StaffPart
from service.web_part import Pages, Stands
from storage.accounts import DurableAccounts
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.directory import DatabaseDirectory
from storage.floor_log import DurableFloorLog
from storage.memory import MemoryCallLog, MemoryFlowArchive
from storage.synthetic import SyntheticTaxpayer, synthetic_taxpayers
from storage.synthetic_profiles import synthetic_record
from storage.vault import Vault
from tests.unit.call_stage import PretendedAsterisk, Stage
from tests.unit.floor_hall import Counts, Door, Legs
from tests.web.outbound_day import WillingDialer, begin_campaign
from tests.web.page_parts import CALL, COLLEAGUE, OTHER_CALL, OWN
from tests.web.service_double import ServiceDouble
from tests.web.staff_world import CHEAP
from web.assets import Assets
from web.guard import Guard
from web.sign_in_delays import Delays
from web.sign_in_passwords import Passwords
from web.visitor import Visitor

BROWSER = "contract"
TUESDAY = datetime(2025, 6, 3, 3, 0, tzinfo=UTC)
PASSWORD = "tahu isi dan tempe mendoan"
PERSON = next(
    one
    for one in synthetic_taxpayers()
    if one.taxpayer.resident_person and one.taxpayer.active and synthetic_record(one).profile.email
)
WAITING = "e" * 32  # a call that waits for an agent
ACCOUNTS = {OWN: "a" + "1" * 15, COLLEAGUE: "a" + "2" * 15}
TEAMS = {OWN: "alfa", COLLEAGUE: "beta"}
MORE = {  # people beside the one of each role: name → role, staff number, team
    "colleague": (StaffRole.AGENT, COLLEAGUE, "beta"),
    "quality_2": (StaffRole.QUALITY, "", ""),
    "quality_3": (StaffRole.QUALITY, "", ""),
}
_AGENTS = "".join(f"{number},Contoh {team},{team},id\n" for number, team in TEAMS.items())
TABLES = {
    "skills": "skill,about,levels,wider,assumed\nefin,EFIN,5,,yes\ntaxpayer_data,Data,5,,yes\n"
    "outbound,Panggilan keluar,5,,yes\n",
    "agents": f"agent,on_air_name,team,languages\n{_AGENTS}",
    "competences": "agent,skill,tier,level,expires\n"
    + "".join(f"{number},{skill},B,3,\n" for number in TEAMS for skill in ("efin", "taxpayer_data"))
    + f"{OWN},outbound,A,3,\n",
    "pause_reasons": (DATA / "pause_reasons.csv").read_text("utf-8"),
    "rings": "plan,after_s,tiers,least_level,reach,assumed\nb_first,0,B,1,0,yes\n",
    "requirements": "queue,skill,tier,plan,priority,assumed\nefin,efin,B,b_first,0,yes\n",
}


class OfficeClock(SystemClock):
    """The time goes on, from a working day at 10.00 WIB."""

    def __init__(self) -> None:
        self._began = self.monotonic()

    def now(self) -> datetime:
        return TUESDAY + timedelta(seconds=self.monotonic() - self._began)


@dataclass(slots=True)
class WholePages:
    """The application, and what a test must know of the world behind it."""

    app: FastAPI
    guard: Guard
    database: Database
    floor: FloorDriver
    people: Mapping[StaffRole, Staff]
    visitors: Mapping[str, Visitor]  # role (or a name of MORE) → visitor, each in a real session
    person: SyntheticTaxpayer  # whose number was keyed
    works: Callable[[date], bool]  # whether the office does on a day
    clock: Clock
    imports: Imports
    prepared: Prepared
    vault: Vault
    recording: RecordingSide
    quality: QualitySide


@dataclass(slots=True)
class _Records:
    """What keeps records, and the floor on it."""

    database: Database
    vault: Vault
    register: DatabaseDirectory
    accounts: DurableAccounts
    calls: DurableCallLog
    floor_log: DurableFloorLog
    floor: FloorDriver
    book: Skillbook
    legs: Legs = field(default_factory=Legs)

    async def close(self) -> None:
        await self.floor.stop()
        await self.floor_log.close()
        await self.calls.close()
        self.database.close()


@asynccontextmanager
async def whole_pages(migrated: Path | str, folder: Path) -> AsyncIterator[WholePages]:
    """Join everything on a copy of an empty SQLite file, or on an empty database; let it go at the end."""
    url = {"KRING_DATABASE_URL": migrated} if isinstance(migrated, str) else {}
    prepared, clock = _prepared(folder, url), OfficeClock()
    if isinstance(migrated, Path):
        shutil.copy(migrated, folder / "kring.db")
    records = await _records(prepared, clock)
    settings = prepared.settings
    client = ari.Client(
        f"http://127.0.0.1:{settings.ari_port}", ARI_USER, "none", APPLICATION, lanes=(SLOW, LANE, *LEG_LANES)
    )
    accounts = Accounts(records.accounts, client, prepared.asterisk, clock)
    await accounts.refresh()
    staff = _staff(records, settings, clock)
    knows = floor_part.knows_agent(records.floor)
    beneath = Beneath(records.database, accounts, client, staff, clock, CollectorRegistry(), knows)
    phones = make_softphones(beneath, settings, prepared.asterisk)
    switchboard = Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive()).switchboard
    outbound = await _outbound(prepared, records, clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbound_side, "NoDialer", WillingDialer)
        outbound.join(client, records.floor, switchboard, CollectorRegistry())
    ground = RecordingGround(prepared, records.database, records.vault, clock, CollectorRegistry())
    recording = RecordingSide(ground)
    recording.join(client, AriLegControl(client), records.floor, switchboard, outbound)
    stands = Stands(
        prepared, records.database, records.vault, records.register, records.accounts, records.floor,
        accounts, switchboard, lambda: prepared.hours, lambda: records.book, clock, Assets.load(), outbound,
        recording,
    )  # fmt: skip
    pages = Pages(stands, ServiceDouble(), staff, phones)
    app = pages.app
    for _ in pages.fill():
        await asyncio.sleep(0)
    await _talks(records, clock.now())
    await begin_campaign(records.database, records.vault, outbound.attempts, clock, CALL, OWN)
    await outbound.imports.start()
    people = {role: _person(role) for role in StaffRole}
    works = OfficeCalendar(lambda: prepared.hours).works
    visitors = await _enter(
        staff, {**{str(role): one for role, one in people.items()}, **_more_people()}, clock.now()
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(folder, url).items():  # processes of the service read it themselves
            patch.setenv(name, value)
        yield WholePages(
            app, app.state.guard, records.database, records.floor, people, visitors, PERSON, works, clock,
            outbound.imports, prepared, records.vault, recording, pages._quality,
        )  # fmt: skip
    app.state.close()
    await pages._answers.end()
    staff.passwords.close()
    await recording.capture.end()
    await outbound.agents.stop()
    await outbound.imports.stop()
    await outbound.attempts.close()
    await records.close()


def _staff(records: _Records, settings: Settings, clock: Clock) -> StaffPart:
    """Return what lets people in; passwords cost little and failures are not slept off."""

    async def no_time(seconds: float) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff_part, "Passwords", partial(Passwords, CHEAP))
        patch.setattr(staff_part, "Delays", partial(Delays, sleep=no_time))
        return staff_part.make_staff(records.database, records.vault, settings, clock)


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    return {"KRING_HOME": str(folder), "KRING_ASTERISK_MODE": "external", **more}


def _prepared(folder: Path, more: Mapping[str, str]) -> Prepared:
    settings = load_settings(_environment(folder, more))
    make_secrets(settings)
    make_master_key(settings)
    secrets = read_secrets(settings)
    library = Library.load(settings.prompts)
    known = Known.of(library)
    return Prepared(
        settings, secrets, asterisk_settings(settings, secrets), None, library, load_office_hours(), known,
        load_folder(settings.flows, known),
    )  # fmt: skip


async def _records(prepared: Prepared, clock: Clock) -> _Records:
    database, vault = Database.open(prepared.settings.database), Vault.load(prepared.secrets.master_key_file)
    register = DatabaseDirectory(database, vault)
    register.fill_if_empty(synthetic_taxpayers())
    loop, book, legs = asyncio.get_running_loop(), load(TABLES), Legs()
    floor_log = DurableFloorLog(database, loop)
    floor = await floor_part.make_driver(book, floor_log, legs, clock, Counts())
    floor.connect(Door())
    await floor.restore()
    floor.control_back([], [])
    calls = DurableCallLog(database, vault, loop)
    return _Records(
        database, vault, register, DurableAccounts(database, vault), calls, floor_log, floor, book, legs
    )


async def _outbound(prepared: Prepared, records: _Records, clock: Clock) -> OutboundSide:
    ground = OutboundGround(
        prepared, records.database, records.vault, records.register, clock,
        lambda: prepared.hours, lambda: prepared.book, lambda: records.book,
    )  # fmt: skip
    return await open_outbound(ground)


async def _talks(records: _Records, now: datetime) -> None:
    """Bring each agent together with a caller; a third call waits."""
    floor = records.floor
    number = PERSON.taxpayer
    for agent, call_id in ((OWN, CALL), (COLLEAGUE, OTHER_CALL)):
        opened = Call(call_id, f"chan-{call_id}", "1500200", "628110000123", "v1", now)
        rows: list[tuple[EventKind, dict[str, str], dict[str, str] | None]] = [
            (EventKind.STEP, {"step": "with_npwp.enter_npwp"}, None),
            (
                EventKind.COLLECTED,
                {"step": "with_npwp.enter_npwp", "digits": "16", "result": "taken"},
                {"npwp": number.npwp},
            ),
            (EventKind.ASKED, {"look_up": "taxpayer"}, None),
            (EventKind.LOOKED_UP, {"request": "r1", "answer": "found"}, {"taxpayer_id": number.taxpayer_id}),
            (EventKind.CHOSE, {"menu": "with_npwp.main_menu", "key": "1", "target": "with_npwp.efin"}, None),
            (EventKind.QUEUED, {"queue": "efin"}, None),
        ]
        events = [CallEvent(call_id, seq, now, *row) for seq, row in enumerate(rows, 1)]
        await records.calls.open(opened, events)
        account, actor = ACCOUNTS[agent], Actor(agent, Role.AGENT)
        floor.phone(agent, account, True)
        floor.request(actor, SignIn(agent))
        floor.request(actor, Ready(agent))
        floor.enter(WaitingCall(call_id, f"chan-{call_id}", "efin", "id", now - timedelta(seconds=9), {}))
        leg = records.legs.of("ring")[-1][1]
        floor.leg_up(leg)
        floor.handed_over(call_id, f"chan-{call_id}")
        floor.joined(f"talk-{call_id}", leg)
        floor.joined(f"talk-{call_id}", f"chan-{call_id}")
    floor.enter(WaitingCall(WAITING, "chan-waiting", "efin", "en", now, {}))  # nobody's language: it goes on


def _person(role: StaffRole) -> Staff:
    number = OWN if role is StaffRole.AGENT else ""
    return Staff(new_id(), f"{role}1", f"Contoh {_spoken(role)}", frozenset({role}), number, "alfa")


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _more_people() -> dict[str, Staff]:
    return {
        name: Staff(new_id(), name, f"Contoh {_spoken(name)}", frozenset({role}), number, team)
        for name, (role, number, team) in MORE.items()
    }


async def _enter(staff: StaffPart, people: Mapping[str, Staff], now: datetime) -> Mapping[str, Visitor]:
    hashed = await staff.passwords.hash(PASSWORD)
    await staff.people.add([(one, Credential(hashed, False, now)) for one in people.values()])
    visitors: dict[str, Visitor] = {}
    for name, person in people.items():
        cookie, _ = await staff.sessions.begin(person, BROWSER)
        visitor = await staff.sessions.visitor(cookie, BROWSER)
        assert visitor is not None
        visitors[str(name)] = visitor
    return visitors
