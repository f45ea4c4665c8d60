"""The card and the proof over doubles: a register of made-up taxpayers, a call's story, kept acts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from desk.card import CallStory, Choice, Keyed, Talk, Tree, Wait
from desk.history import HistoryUnavailable, OpenMatter, PastNote
from desk.proof import ProofAct, ProofConflict, ProofsUnavailable
from desk.proof_desk import ProofDesk, ProvedStandings
from desk.proof_rules import load_proof_tables
from domain.answers import normal, same
from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from domain.directory import DirectoryUnavailable, Profile, ProofItem, Taxpayer
from domain.staff import Staff
from storage.synthetic import SyntheticTaxpayer, synthetic_taxpayers
from storage.synthetic_profiles import synthetic_record
from tests.web.page_parts import CALL, COLLEAGUE, OWN, AuditDouble, PageParts, page_app
from web.card_routes import CardPort, add_card_routes
from web.parts import Shared
from web.proof_routes import ProofPort, add_proof_routes

NOW = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)
TABLES = load_proof_tables()
PEOPLE = [one for one in synthetic_taxpayers() if synthetic_record(one).profile.email]
PERSON = next(one for one in PEOPLE if one.taxpayer.resident_person)
COMPANY = next(one for one in PEOPLE if not one.taxpayer.resident_person)
STORY = CallStory(
    call_id=CALL,
    dialled="1500200",
    started_at=NOW,
    language="id",
    tree=Tree.WITH_NPWP,
    path=(Choice(NOW, "with_npwp.main_menu", "1", "with_npwp.efin"),),
    keyed=Keyed(f"…{PERSON.taxpayer.npwp[-4:]}", "found"),
    taxpayer_id=PERSON.taxpayer.taxpayer_id,
    waits=(Wait("data_change", "id", NOW, NOW + timedelta(seconds=65), "answered"),),
    talks=(Talk(OWN, NOW + timedelta(seconds=65), None, 0.0, ""),),
    queue="data_change",
)


@dataclass
class Register:
    """The register of the made-up taxpayers."""

    down: bool = False
    asked: list[str] = field(default_factory=list)

    async def find(self, npwp: str) -> Taxpayer | None:
        self._check("find")
        return next((one.taxpayer for one in PEOPLE if npwp in (one.taxpayer.npwp, one.old_npwp)), None)

    async def by_id(self, taxpayer_id: str) -> Taxpayer | None:
        self._check("by_id")
        found = _by_id(taxpayer_id)
        return None if found is None else found.taxpayer

    async def profile(self, taxpayer_id: str) -> Profile | None:
        self._check("profile")
        found = _by_id(taxpayer_id)
        return None if found is None else synthetic_record(found).profile

    async def matches(self, taxpayer_id: str, item: ProofItem, answer: str) -> bool | None:
        self._check(f"matches {item}")
        normal(item, answer)
        found = _by_id(taxpayer_id)
        held = held_of(found).get(item, "") if found else ""
        return same(item, held, answer) if held else None

    def _check(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise DirectoryUnavailable("away")


def _by_id(taxpayer_id: str) -> SyntheticTaxpayer | None:
    return next((one for one in PEOPLE if one.taxpayer.taxpayer_id == taxpayer_id), None)


def held_of(person: SyntheticTaxpayer) -> dict[ProofItem, str]:
    record = synthetic_record(person)
    shown = record.profile
    return {
        **record.secrets,
        ProofItem.NAME: person.taxpayer.name,
        ProofItem.ADDRESS: shown.address,
        ProofItem.PHONE: shown.phone,
        ProofItem.EMAIL: shown.email,
        ProofItem.REPRESENTATIVE: shown.representative,
        ProofItem.BIRTH_DATE: shown.born_on.isoformat() if shown.born_on else "",
    }


@dataclass
class Proofs:
    """What was proved, in memory."""

    kept: list[ProofAct] = field(default_factory=list)
    down: bool = False
    meanwhile: list[ProofAct] = field(default_factory=list)  # kept by another tab just before the next act

    async def acts(self, call_id: str) -> Sequence[ProofAct]:
        if self.down:
            raise ProofsUnavailable("away")
        return [act for act in self.kept if act.call_id == call_id]

    async def append(self, act: ProofAct) -> None:
        if self.down:
            raise ProofsUnavailable("away")
        self.kept += self.meanwhile
        self.meanwhile = []
        if act.seq != len(await self.acts(act.call_id)) + 1:
            raise ProofConflict("too late")
        self.kept.append(act)


@dataclass
class Stories:
    stories: dict[str, CallStory] = field(default_factory=lambda: {CALL: STORY})

    async def story(self, call_id: str) -> CallStory:
        return self.stories[call_id]


@dataclass
class Past:
    """An earlier note and an open case about everybody."""

    down: bool = False
    asked: int = 0

    async def notes_about(self, taxpayer_id: str, most: int = 10) -> Sequence[PastNote]:
        self._check()
        return [PastNote("n" * 32, "e" * 32, NOW, "efin", "forgotten", "Pertanyaan lama", "s" * 32)]

    async def matters_of(self, taxpayer_id: str) -> Sequence[OpenMatter]:
        self._check()
        return [OpenMatter("m" * 32, "case", "perkara_lama", "open", NOW, date(2026, 6, 30))]

    def _check(self) -> None:
        self.asked += 1
        if self.down:
            raise HistoryUnavailable("away")


class Colleagues:
    async def by_id(self, staff_id: str) -> Staff | None:
        return Staff(staff_id, "x", "Contoh Rekan", frozenset(), COLLEAGUE) if staff_id == "t" * 32 else None


class OrderedAudit(AuditDouble):
    """A trail that fails when told to, and remembers what had happened by then."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self.down = False
        self._desk = desk

    async def record(self, row: AuditRow) -> None:
        if self.down:
            raise AuditUnavailable("away")
        assert len(self._desk.proofs.kept) == self._desk.expected_acts
        await super().record(row)


class Desk:
    """An application with the card and the proof."""

    def __init__(self) -> None:
        self.register, self.proofs, self.stories, self.past = Register(), Proofs(), Stories(), Past()
        self.expected_acts = 0
        self.trail = OrderedAudit(self)
        self.parts: PageParts = page_app([self._areas])

    def _areas(self, shared: Shared) -> None:
        shared = replace(shared, audit=self.trail)
        standings = ProvedStandings(self.stories, self.proofs, TABLES)
        desk = ProofDesk(standings, self.proofs, self.register, self.trail, SystemClock())
        topics = "{0} {1} {2}".format
        add_card_routes(shared, CardPort(standings, self.register, self.past, self.past, topics))
        add_proof_routes(shared, ProofPort(standings, desk, Colleagues()))

    async def get(
        self, what: str, role: str = "agent", call: str = CALL, *, page: bool = False
    ) -> httpx.Response:
        self.expected_acts = len(self.proofs.kept)
        async with self.parts.client(role, page=page) as client:
            return await client.get(f"/api/calls/{call}/{what}")

    async def post(
        self, what: str, body: dict[str, Any], *, page: bool = False, role: str = "agent"
    ) -> httpx.Response:
        self.expected_acts = len(self.proofs.kept)
        async with self.parts.client(role, page=page) as client:
            return await client.post(f"/api/calls/{CALL}/proof/{what}", json=body)

    async def confirm(self, person: SyntheticTaxpayer = PERSON) -> None:
        """Climb to CONFIRMED, as the person entitled."""
        name = person.taxpayer.name
        assert (await self.post("npwp", {"npwp": person.taxpayer.npwp, "name": name})).status_code == 200
        relation = "self" if person.taxpayer.resident_person else "representative"
        assert (await self.post("receiver", {"relation": relation})).status_code == 200

    async def prove(self, person: SyntheticTaxpayer = PERSON) -> None:
        """Climb to FULL by what the form asks next."""
        await self.confirm(person)
        for _ in range(len(ProofItem)):
            form = (await self.get("proof")).json()
            if form["next"]["step"] != "item":
                break
            item = form["next"]["item"]
            body = {"item": item, "answer": held_of(person)[ProofItem(item)]}
            assert (await self.post("items", body)).json()["answer"]["outcome"] == "matched"
        assert (await self.get("proof")).json()["rung"] == "full"

    async def everything_sent(self) -> str:
        """Return the card and the form, as JSON and as HTML."""
        sent = [await self.get(what, page=page) for what in ("card", "proof") for page in (False, True)]
        assert {one.status_code for one in sent} == {200}
        return "\n".join(one.text for one in sent)
