"""The card and the guided proof: what each rung shows, in JSON and in HTML, and what it leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from desk.access import Handling
from desk.card import CallStory, Choice, Keyed, Talk, Tree, Wait
from desk.history import HistoryUnavailable, OpenMatter, PastNote
from desk.proof import ActKind, Holder, Outcome, ProofAct, ProofConflict, ProofsUnavailable
from desk.proof_desk import ProofDesk, ProvedStandings
from desk.proof_rules import load_proof_tables
from domain.answers import normal, same
from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from domain.directory import DirectoryUnavailable, Profile, ProofItem, Taxpayer
from domain.staff import Staff, StaffRole
from storage.synthetic import SyntheticTaxpayer, synthetic_taxpayers
from storage.synthetic_profiles import synthetic_record
from tests.web.page_parts import CALL, COLLEAGUE, OTHER_CALL, OWN, AuditDouble, PageParts, page_app, visitor
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
        return found and found.taxpayer

    async def profile(self, taxpayer_id: str) -> Profile | None:
        self._check("profile")
        found = _by_id(taxpayer_id)
        return found and synthetic_record(found).profile

    async def matches(self, taxpayer_id: str, item: ProofItem, answer: str) -> bool | None:
        self._check(f"matches {item}")
        normal(item, answer)
        found = _by_id(taxpayer_id)
        held = _held(found).get(item, "") if found else ""
        return same(item, held, answer) if held else None

    def _check(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise DirectoryUnavailable("away")


def _by_id(taxpayer_id: str) -> SyntheticTaxpayer | None:
    return next((one for one in PEOPLE if one.taxpayer.taxpayer_id == taxpayer_id), None)


def _held(person: SyntheticTaxpayer) -> dict[ProofItem, str]:
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
            body = {"item": item, "answer": _held(person)[ProofItem(item)]}
            assert (await self.post("items", body)).json()["answer"]["outcome"] == "matched"
        assert (await self.get("proof")).json()["rung"] == "full"

    async def everything_sent(self) -> str:
        """Return the card and the form, as JSON and as HTML."""
        sent = [await self.get(what, page=page) for what in ("card", "proof") for page in (False, True)]
        assert {one.status_code for one in sent} == {200}
        return "\n".join(one.text for one in sent)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def _of_the_profile(person: SyntheticTaxpayer) -> list[str]:
    """Return every value that only FULL shows, in each spelling that a page could use."""
    profile = synthetic_record(person).profile
    values = [person.taxpayer.npwp, profile.address, profile.email, profile.phone, profile.office_name]
    for day in (profile.born_on, profile.registered_on):
        values += [day.isoformat(), f"{day:%d.%m.%Y}"] if day else []
    return [*values, *([profile.representative] if profile.representative else [])]


def _secrets(person: SyntheticTaxpayer) -> list[str]:
    return list(synthetic_record(person).secrets.values())


EARLIER = ["Pertanyaan lama", "perkara_lama", "perkara lama"]


@pytest.mark.parametrize("person", [PERSON, COMPANY], ids=["person", "company"])
async def test_nothing_of_the_taxpayer_is_sent_before_its_rung(desk: Desk, person: SyntheticTaxpayer) -> None:
    name, profile, secrets = person.taxpayer.name, _of_the_profile(person), _secrets(person)
    desk.stories.stories[CALL] = replace(STORY, taxpayer_id=person.taxpayer.taxpayer_id)
    sent = await desk.everything_sent()
    assert '"rung":"keyed"' in sent
    for value in (name, *profile, *secrets, *EARLIER, person.taxpayer.taxpayer_id):
        assert value not in sent
    assert desk.register.asked == []  # not even fetched
    assert desk.past.asked == 0
    assert desk.trail.rows == []

    await desk.confirm(person)
    sent = await desk.everything_sent()
    assert '"rung":"confirmed"' in sent
    assert name in sent
    assert EARLIER[0] in sent
    for value in (*profile, *secrets, person.taxpayer.taxpayer_id):
        assert value not in sent

    fresh = Desk()
    fresh.stories.stories[CALL] = desk.stories.stories[CALL]
    await fresh.prove(person)
    sent = await fresh.everything_sent()
    for value in (name, person.taxpayer.npwp, synthetic_record(person).profile.address):
        assert value in sent
    for value in (*secrets, person.taxpayer.taxpayer_id):
        assert value not in sent


async def test_the_card_tells_the_story_of_the_call(desk: Desk) -> None:
    card = (await desk.get("card")).json()
    assert (card["dialled"], card["tree"], card["language"]) == ("1500200", "with_npwp", "id")
    assert [one["words"] for one in card["path"]] == ["Lupa EFIN, token, layanan non-DLP"]
    assert card["keyed"] == {"masked": f"…{PERSON.taxpayer.npwp[-4:]}", "answer": "found"}
    assert [(one["queue"], one["seconds"], one["over"]) for one in card["waits"]] == [
        ("data_change", 65, True)
    ]
    assert [(one["who"], one["you"], one["over"]) for one in card["talks"]] == [("Melati", True, False)]
    page = (await desk.get("card", page=True)).text
    assert "Lupa EFIN, token, layanan non-DLP" in page
    assert "1 menit 05 detik" in page
    assert OWN not in page


async def test_each_view_of_a_taxpayers_data_is_on_the_trail_first(desk: Desk) -> None:
    await desk.confirm()
    before = len(desk.trail.rows)
    await desk.get("card")
    (row,) = desk.trail.rows[before:]
    assert (row.act, row.subject) == ("card_viewed", f"taxpayer:{PERSON.taxpayer.taxpayer_id}")
    assert (row.why, row.who, row.data) == (f"call:{CALL}", "s" * 32, {"rung": "confirmed"})
    desk.trail.down = True
    desk.register.asked.clear()
    refused = await desk.get("card")
    assert refused.status_code == 503
    assert PERSON.taxpayer.name not in refused.text
    assert desk.register.asked == []


async def test_a_check_that_cannot_be_put_on_the_trail_is_not_answered_and_not_counted(desk: Desk) -> None:
    desk.trail.down = True
    refused = await desk.post("npwp", {"name": PERSON.taxpayer.name})
    assert refused.status_code == 503
    assert desk.proofs.kept == []


async def test_a_check_that_cannot_be_kept_is_not_answered(desk: Desk) -> None:
    await desk.confirm()
    code = _held(PERSON)[ProofItem.AUTHORISATION_CODE]
    desk.proofs.down = True
    refused = await desk.post("items", {"item": "authorisation_code", "answer": code})
    assert refused.status_code == 503
    assert "matched" not in refused.text


async def test_a_register_out_of_order_has_its_own_words_and_costs_no_try(desk: Desk) -> None:
    await desk.confirm()
    kept = len(desk.proofs.kept)
    desk.register.down = True
    card = (await desk.get("card")).json()
    assert (card["taxpayer"], card["trouble"]) == (None, "directory_down")
    assert "Basis data wajib pajak tidak menjawab" in (await desk.get("card", page=True)).text
    refused = await desk.post("items", {"item": "birth_date", "answer": "01-01-1990"})
    assert refused.status_code == 503
    assert len(desk.proofs.kept) == kept


async def test_a_history_out_of_order_has_its_own_words(desk: Desk) -> None:
    await desk.confirm()
    desk.past.down = True
    card = (await desk.get("card")).json()
    assert card["history"] == {"notes": None, "matters": None}
    assert card["taxpayer"]["name"] == PERSON.taxpayer.name
    assert "Riwayat belum dapat dibaca" in (await desk.get("card", page=True)).text


async def test_only_number_and_name_together_are_valid_and_only_three_times(desk: Desk) -> None:
    name, npwp = PERSON.taxpayer.name, PERSON.taxpayer.npwp
    nobody = npwp[:-4] + "9998"
    answers = []
    for body in ({"npwp": npwp, "name": "Orang Lain"}, {"npwp": nobody, "name": name}):
        form = (await desk.post("npwp", body)).json()
        answers.append((form["answer"], form["rung"]))
    assert answers[0] == answers[1]  # which of the two was wrong is not told
    assert answers[0][0]["outcome"] == "not_matched"
    assert "Tidak valid" in (await desk.post("npwp", {"name": "Orang Lain"}, page=True)).text
    refused = await desk.post("npwp", {"name": name})
    assert (refused.status_code, len(desk.proofs.kept)) == (409, 3)
    assert [row.outcome for row in desk.trail.rows] == ["not_matched"] * 3


async def test_the_old_number_and_the_keyed_one_are_valid_too(desk: Desk) -> None:
    body = {"npwp": PERSON.old_npwp, "name": f"  {PERSON.taxpayer.name.lower()} "}
    assert (await desk.post("npwp", body)).json()["answer"]["outcome"] == "matched"
    other = Desk()
    assert (await other.post("npwp", {"name": PERSON.taxpayer.name})).json()["rung"] == "confirmed"
    last = Desk()
    last.stories.stories[CALL] = replace(STORY, keyed=None, taxpayer_id=None)
    assert (await last.post("npwp", {"name": PERSON.taxpayer.name})).status_code == 409


async def test_another_partys_number_is_answered_and_opens_nothing(desk: Desk) -> None:
    body = {"npwp": COMPANY.taxpayer.npwp, "name": COMPANY.taxpayer.name, "whose": "other"}
    form = (await desk.post("npwp", body)).json()
    assert (form["answer"]["outcome"], form["rung"]) == ("matched", "keyed")
    assert [act.taxpayer_id for act in desk.proofs.kept] == [None]
    assert COMPANY.taxpayer.name not in await desk.everything_sent()


async def test_a_call_without_npwp_never_climbs(desk: Desk) -> None:
    desk.stories.stories[CALL] = replace(STORY, tree=Tree.WITHOUT_NPWP)
    body = {"npwp": PERSON.taxpayer.npwp, "name": PERSON.taxpayer.name}
    assert (await desk.post("npwp", body)).status_code == 409
    assert (await desk.post("receiver", {"relation": "self"})).status_code == 409
    assert (await desk.post("items", {"item": "email", "answer": "a@b.invalid"})).status_code == 409
    assert desk.proofs.kept == []
    sent = await desk.everything_sent()
    assert '"rung":"anonymous"' in sent
    assert "Jalur tanpa NPWP" in sent
    assert PERSON.taxpayer.name not in sent


async def test_what_was_answered_is_nowhere_afterwards(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.confirm()
    answers = {"birth_date": "17-08-1945", "email": "salah@contoh.invalid", "phone": "bukan nomor 4711"}
    replies = ""
    for item, answer in answers.items():
        for page in (False, True):
            replies += (await desk.post("items", {"item": item, "answer": answer}, page=page)).text
    everything = replies + await desk.everything_sent() + repr(desk.proofs.kept) + repr(desk.trail.rows)
    for answer in (*answers.values(), "1945", "4711", "salah@"):
        assert answer not in everything + caplog.text
    assert _held(PERSON)[ProofItem.BIRTH_DATE] not in everything


async def test_attempts_are_limited_and_told(desk: Desk) -> None:
    await desk.confirm()
    limits = TABLES.limits(date(2026, 6, 3))
    body = {"item": "birth_date", "answer": "17-08-1945"}
    for left in range(limits.tries_per_item - 1, -1, -1):
        form = (await desk.post("items", body)).json()
        assert form["answer"] == {"kind": "item", "detail": "birth_date", "outcome": "not_matched"}
        (item,) = [one for one in form["items"] if one["item"] == "birth_date"]
        assert (item["tries_left"], item["state"]) == (left, "not_matched")
    assert (await desk.post("items", body)).status_code == 409
    unreadable = await desk.post("items", {"item": "email", "answer": "tidak tahu"})
    assert unreadable.status_code == 422
    assert (await desk.get("proof")).json()["wrong_left"] == limits.wrong_per_call - limits.tries_per_item


async def test_what_another_tab_did_meanwhile_counts(desk: Desk) -> None:
    wrong = {"npwp": PERSON.taxpayer.npwp, "name": "Orang Lain"}
    await desk.post("npwp", wrong)
    act = replace(desk.proofs.kept[0], seq=2)
    desk.proofs.meanwhile = [act, replace(act, seq=3)]
    refused = await desk.post("npwp", {"name": PERSON.taxpayer.name})
    assert (refused.status_code, len(desk.proofs.kept)) == (409, 3)
    assert (await desk.get("proof")).json()["rung"] == "keyed"


async def test_the_form_guides_with_the_sentence_to_say(desk: Desk) -> None:
    desk.stories.stories[CALL] = replace(STORY, language="en")
    form = (await desk.get("proof")).json()
    assert form["next"]["step"] == "npwp"
    assert "nama lengkap" in form["next"]["say"]["id"]
    assert "full name" in (await desk.get("proof", page=True)).text
    await desk.post("npwp", {"name": PERSON.taxpayer.name})
    assert (await desk.get("proof")).json()["next"]["step"] == "receiver"
    await desk.post("receiver", {"relation": "family"})
    assert "hanya untuk wajib pajak sendiri" in (await desk.get("proof", page=True)).text
    await desk.post("receiver", {"relation": "self"})
    assert (await desk.get("proof")).json()["next"]["item"] == "authorisation_code"
    reply = await desk.post("close", {"why": "refused"}, page=True)
    assert reply.headers["hx-trigger"] == "proofchanged"
    assert "menolak PORO" in reply.text
    assert (await desk.get("proof")).json()["closed"] == "refused"


async def test_who_and_when_stay_with_the_call_after_a_transfer(desk: Desk) -> None:
    at = datetime(2026, 6, 3, 1, 30, tzinfo=UTC)
    subject = PERSON.taxpayer.taxpayer_id
    desk.proofs.kept = [
        ProofAct(CALL, 1, at, "t" * 32, ActKind.VALIDATION, "caller", Outcome.MATCHED, subject, Holder.PERSON)
    ]
    form = (await desk.get("proof")).json()
    assert form["confirmed"] == {"who": "Contoh Rekan", "you": False, "at": "2026-06-03T01:30:00Z"}
    assert "Contoh Rekan, 08.30" in (await desk.get("proof", page=True)).text
    assert (await desk.get("card")).json()["taxpayer"]["name"] == PERSON.taxpayer.name


@pytest.mark.parametrize("what", ["card", "proof"])
async def test_only_who_has_the_call_or_leads_them_sees_it(desk: Desk, what: str) -> None:
    desk.stories.stories[OTHER_CALL] = replace(STORY, call_id=OTHER_CALL)
    assert (await desk.get(what, "agent", OTHER_CALL)).status_code == 403
    assert (await desk.get(what, "team_leader")).status_code == 200
    assert (await desk.get(what, "team_leader", OTHER_CALL)).status_code == 403
    assert (await desk.get(what, "supervisor", OTHER_CALL)).status_code == 200
    assert (await desk.get(what, "planner")).status_code == 403
    assert (await desk.get(what, "agent", "e" * 32)).status_code == 404


async def test_only_the_agent_on_the_call_proves(desk: Desk) -> None:
    body = {"name": PERSON.taxpayer.name}
    for role in ("team_leader", "supervisor", "quality", "administrator"):
        assert (await desk.post("npwp", body, role=role)).status_code == 403
    desk.parts.sessions.visitors["colleague"] = visitor(StaffRole.AGENT, COLLEAGUE, "beta")
    assert (await desk.post("npwp", body, role="colleague")).status_code == 403
    desk.parts.assignments.calls[CALL] = [Handling(OWN, "alfa", live=False)]
    assert (await desk.post("npwp", body)).status_code == 409  # the call is over
    assert desk.proofs.kept == []


async def test_bodies_with_anything_else_are_refused(desk: Desk) -> None:
    for what, body in (
        ("npwp", {"name": ""}),
        ("npwp", {"name": "Contoh", "taxpayer_id": "x"}),
        ("items", {"item": "password", "answer": "x"}),
        ("items", {"item": "email", "answer": "x" * 300}),
        ("receiver", {"relation": "neighbour"}),
        ("service", {"service": "Robert'); --"}),
        ("close", {"why": "bored"}),
    ):
        assert (await desk.post(what, body)).status_code == 422, (what, body)
    assert desk.proofs.kept == []
