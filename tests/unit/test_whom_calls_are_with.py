"""Whom calls are with: what fills the script, what the proof begins with, and those who ring back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.card import CallStory, LiveCall, StoryUnavailable, Tree
from desk.placed import with_placed
from desk.proof import Direction, Holder
from desk.proof_ladder import Ladder
from desk.proof_rules import load_proof_tables
from desk.script import Facts, Tick, show
from desk.script_book import load_scripts
from desk.standing import Rung
from desk.tax_dates import load_tax_dates
from dialer.attempts import AttemptState, DialOutcome
from dialer.dispositions import load_dispositions
from domain.directory import DirectoryUnavailable, Taxpayer
from service.outbound_calls import CalledTaxpayers, OutboundCalls, OutboundPurposes, holder_of
from tests.unit.outbound_stage import Stage
from tests.unit.outbound_world import DEFINITION, LEAD, NPWP, SECOND_KEY, TEN, Weekdays
from tests.web.page_parts import OWN
from web.outbound_port import OutboundUnavailable
from web.script_port import CallPurpose

CALL, BACK = f"{1:032x}", "b" * 32
SCRIPTS = load_scripts()


class Register:
    """Knows one person."""

    down = False
    found: Taxpayer | None = Taxpayer("t-1", NPWP, "Contoh", resident_person=True, active=True)
    asked = 0

    async def find(self, npwp: str) -> Taxpayer | None:
        self.asked += 1
        if self.down:
            raise DirectoryUnavailable("away")
        return self.found if npwp == NPWP else None


class Live:
    """A call of somebody who rang back is inside."""

    def live(self, call_id: str) -> LiveCall | None:
        facts = {"attempt_id": CALL, "campaign_queue": "outbound/A"}
        return LiveCall(BACK, "1500200", TEN, "id", "x.y", "", facts) if call_id == BACK else None


@pytest.fixture
def stage() -> Stage:
    found = Stage()
    found.attempt(state=AttemptState.ANSWERED, joined=OWN)
    return found


def calls_of(stage: Stage) -> OutboundCalls:
    return OutboundCalls(
        stage.attempts,
        stage.leads,  # type: ignore[arg-type]
        stage.campaigns,  # type: ignore[arg-type]
        stage.leads,
        Live(),
        stage.clock,
    )


def taxpayers(stage: Stage, register: Register) -> CalledTaxpayers:
    return CalledTaxpayers(calls_of(stage), register)  # type: ignore[arg-type]


def purposes(stage: Stage) -> OutboundPurposes:
    tax = load_tax_dates()
    return OutboundPurposes(calls_of(stage), SCRIPTS, load_dispositions(), tax, Weekdays(), stage.clock)


async def test_a_call_of_ours_is_with_its_lead_on_the_number_that_was_dialled(stage: Stage) -> None:
    stage.attempt(number_key=SECOND_KEY, state=AttemptState.ANSWERED)
    earlier = stage.attempt(2, sent_at=TEN - timedelta(days=1))
    stage.ends(earlier.attempt_id, DialOutcome.NO_ANSWER)
    stage.attempt(3, lead_id=9)  # of another campaign
    found = await calls_of(stage).called(CALL)
    assert found is not None
    assert (found.placed, found.number, found.code, found.counted) == (True, 1, "483920", False)
    assert [(one.at, one.outcome) for one in found.past] == [(TEN - timedelta(days=1), "no_answer")]
    stage.ends(CALL, DialOutcome.TALKED)
    assert (again := await calls_of(stage).called(CALL)) is not None
    assert again.counted


async def test_whoever_rings_back_is_known_by_the_call_that_they_answer(stage: Stage) -> None:
    found = await calls_of(stage).called(BACK)
    assert found is not None
    assert (found.call_id, found.attempt_id, found.placed) == (BACK, CALL, False)
    assert len(found.past) == 1  # our call in vain
    assert await calls_of(stage).called("c" * 32) is None


async def test_what_cannot_be_read_is_told_as_such(stage: Stage) -> None:
    stage.leads.down = True
    with pytest.raises(OutboundUnavailable):
        await calls_of(stage).called(CALL)
    with pytest.raises(StoryUnavailable):
        await taxpayers(stage, Register()).placed_to(CALL)


async def test_the_proof_knows_whom_the_call_was_placed_to(stage: Stage) -> None:
    register = Register()
    placed = taxpayers(stage, register)
    found = await placed.placed_to(CALL)
    assert found is not None
    assert (found.taxpayer_id, found.holder, found.number) == ("t-1", Holder.PERSON, "…0111")
    assert await placed.placed_to(CALL) == found
    assert register.asked == 1
    assert await placed.placed_to(BACK) is None
    story = CallStory(CALL, "flow:outbound_agent", TEN, "id", Tree.WITHOUT_NPWP, taxpayer_id="other")
    case = with_placed(story, found).case
    assert (case.direction, case.taxpayer_id, case.may_climb) == (Direction.OUTBOUND, "t-1", True)
    ladder = Ladder(case, (), load_proof_tables())
    assert ladder.service == "outbound"
    assert ladder.rung is Rung.KEYED
    ladder.check_receiver()


async def test_without_the_register_the_kind_of_taxpayer_is_known_by_the_number(stage: Stage) -> None:
    register = Register()
    register.down = True
    placed = taxpayers(stage, register)
    assert (found := await placed.placed_to(CALL)) is not None
    assert (found.taxpayer_id, found.holder) == (None, Holder.PERSON)
    register.down = False
    assert (found := await placed.placed_to(CALL)) is not None
    assert found.taxpayer_id == "t-1"  # asked again
    assert holder_of("0012345678901000") is Holder.COMPANY


async def test_the_script_is_the_campaigns_and_filled_with_what_it_shows(stage: Stage) -> None:
    found = await purposes(stage).purpose(CALL)
    assert found.script == "non_filer"
    assert found.fields == {
        "jenis_spt": "1770",
        "tahun_pajak": "2025",
        "isi_campaign": "SPT Tahunan belum kami terima.",
        "kode_verifikasi": "483 920",
    }
    assert found.said["batas_lapor"]["id"] == "31 Maret 2027"
    assert found.said["denda_lapor"]["en"] == "Rp100,000"
    assert found.needs_poro
    assert found.about == "lead:7"
    facts = Facts("Melati", "morning", "Contoh", fields=found.fields, said=found.said)
    for rung, told in ((Rung.CONFIRMED, False), (Rung.FULL, True)):
        shown = show(SCRIPTS["non_filer"], _at_the_content(), facts, rung, "id")
        words = "".join(part.text for step in shown.steps for phrase in step.phrases for part in phrase["id"])
        assert "483 920" in words
        assert ("belum kami terima" in words) is told
        assert ("Rp100.000" in words) is told
        assert ("31 Maret 2027" in words) is told


def _at_the_content() -> list[Tick]:
    return [Tick("non_filer", "who_answers", True, "taxpayer")]


async def test_a_promised_call_has_the_script_of_callbacks(stage: Stage) -> None:
    stage.attempt(2, sent_at=TEN - timedelta(hours=2), disposition="callback")
    assert (await purposes(stage).purpose(CALL)).script == "outbound_callback"


async def test_a_script_that_is_not_there_gives_way_to_the_general_one(stage: Stage) -> None:
    definition = replace(DEFINITION, script="gone")
    stage.campaigns.rows = [replace(stage.campaigns.rows[0], definition=definition)]
    assert (await purposes(stage).purpose(CALL)).script == "outbound"


async def test_whoever_rings_back_has_the_inbound_script_and_nothing_of_the_contact(stage: Stage) -> None:
    found = await purposes(stage).purpose(BACK)
    assert found.script == "inbound"
    assert set(found.fields) == {"isi_campaign", "kode_verifikasi"}
    assert found.about == ""
    assert await purposes(stage).purpose("c" * 32) == CallPurpose()


def test_every_kind_of_campaign_has_a_script_whose_content_is_locked_until_poro() -> None:
    for name in ("non_filer", "billing", "reminder", "first_payment", "survey", "outbound_callback"):
        script = SCRIPTS[name]
        told = [
            step
            for step in script.steps.values()
            if any(
                part.blank in set(script.fields) - {"kode_verifikasi"}
                for phrase in step.phrases
                for parts in phrase.parts.values()
                for part in parts
            )
        ]
        assert told
        assert all(step.needs is Rung.FULL for step in told), name
        text = " ".join(
            part.text
            for step in script.steps.values()
            for phrase in step.phrases
            for parts in phrase.parts.values()
            for part in parts
        )
        assert "Rp" not in text  # fines and deadlines come out of the tables
        assert LEAD.contact.person.name not in text
