"""What flows are told of calls of ours: whose they are, what they are about, who rings back."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from call_flows.commands import LookUp
from call_flows.events import FlowEvent, LookedUp
from call_flows.look_ups import LOOK_UPS
from desk.matter_data import TableProblem
from desk.tax_dates import load_tax_dates
from domain.calls import Call
from domain.campaign_calls import CodedCall, Matter, PlacedCall
from domain.directory import Taxpayer
from domain.npwp import check_digit
from ivr.campaign_look_ups import CampaignLookUps, load_remembered
from ivr.deeds import Deeds
from ivr.duties import duty_of
from ivr.look_ups import WITHOUT_RECORD, Answer, LookUps
from storage.campaign_calls_memory import MemoryCampaignCalls, RememberedCall
from storage.memory import MemoryCallLog, MemoryFlowArchive
from tests.unit.call_stage import PretendedAsterisk, Stage, settled

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 09.00 WIB
OURS, NUMBER, CODE = "a" * 32, "6281100001234", "482913"
PERSON, OLD = "3171054501900001", "01345678" + check_digit("01345678") + "123000"
PLACED = PlacedCall(
    OURS, Matter.FILING, missed=True, period="2025", as_of=date(2026, 11, 1), resident_person=True
)
REMEMBERED = RememberedCall(PLACED, PERSON, NUMBER, CODE, NOW - timedelta(hours=3), in_vain=True)


class Weekdays:
    def works(self, day: date) -> bool:
        return day.weekday() < 5


class Stopped:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Register:
    async def find(self, npwp: str) -> Taxpayer | None:
        assert npwp == OLD
        return Taxpayer("tp-1", PERSON, "Contoh", resident_person=True, active=True)


class SlowCalls(MemoryCampaignCalls):
    async def with_code(self, code: str, since: datetime) -> Sequence[CodedCall]:
        await asyncio.sleep(60)
        return []


def call(caller: str | None = None, call_id: str = OURS) -> Call:
    return Call(call_id, "c", "1500200", caller, "v", NOW)


class Asker:
    def __init__(self, calls: MemoryCampaignCalls, deadline: float = 20.0) -> None:
        table = CampaignLookUps(
            calls, Register(), load_tax_dates(), Weekdays(), load_remembered(), Stopped(), deadline
        )
        self.look_ups = table.by_name()

    async def asks(self, name: str, by: Call | None = None, **arguments: str) -> Answer:
        answer = await self.look_ups[name](by or call(), arguments)
        shape = LOOK_UPS[name]
        assert set(arguments) == set(shape.takes), "a flow would give other arguments"
        assert set(answer.facts) == set(shape.answers[answer.word]), "the answer was declared otherwise"
        return answer


@pytest.fixture
def calls() -> MemoryCampaignCalls:
    return MemoryCampaignCalls(REMEMBERED)


@pytest.fixture
def asker(calls: MemoryCampaignCalls) -> Asker:
    return Asker(calls)


async def test_a_call_of_ours_says_what_it_is_about(asker: Asker) -> None:
    assert (await asker.asks("called_about")).word == "filing"
    assert (await asker.asks("called_about", call(call_id="b" * 32))).word == "unknown"


async def test_what_an_agent_would_say_no_flow_says() -> None:
    other = replace(REMEMBERED, placed=replace(PLACED, matter=Matter.OTHER))
    assert (await Asker(MemoryCampaignCalls(other)).asks("called_about")).word == "unknown"


async def test_the_called_taxpayer_proves_it_by_the_number_old_or_new(asker: Asker) -> None:
    assert (await asker.asks("owner", npwp=PERSON)).facts == {"proven": "yes"}
    assert (await asker.asks("owner", npwp=OLD)).word == "owner"
    assert (await asker.asks("owner", npwp="3171054501900002")).word == "other"
    assert (await asker.asks("owner", call(call_id="b" * 32), npwp=PERSON)).word == "other"


async def test_a_stop_is_for_the_number_and_after_proof_for_the_taxpayer(calls: MemoryCampaignCalls) -> None:
    asker = Asker(calls)
    assert (await asker.asks("stop_calls")).word == "stopped"
    assert calls.stopped == {NUMBER}
    assert (await asker.asks("stop_all_calls", proven="yes")).word == "stopped"
    assert calls.stopped == {NUMBER, PERSON}
    assert (await asker.asks("stop_calls", call(call_id="b" * 32))).word == "unavailable"


async def test_a_code_is_genuine_only_with_the_number_that_was_called(asker: Asker) -> None:
    ours = await asker.asks("verification_code", call(NUMBER), code=CODE)
    assert (ours.word, ours.facts) == ("genuine", {"called_on": "2026-11-23"})
    for caller in (None, "6281100009999"):
        assert (await asker.asks("verification_code", call(caller), code=CODE)).word == "other_number"
    assert (await asker.asks("verification_code", call(NUMBER), code="000000")).word == "unknown"
    right = await asker.asks("verification_number", code=CODE, called_last4=NUMBER[-4:])
    assert (right.word, right.facts) == ("genuine", {"called_on": "2026-11-23"})
    assert (await asker.asks("verification_number", code=CODE, called_last4="9999")).word == "unknown"


async def test_a_code_and_a_vain_call_are_remembered_for_so_many_days_only() -> None:
    rule = load_remembered()[-1]
    for age, code, caller in (
        (timedelta(days=rule.code_days) - timedelta(minutes=1), "genuine", "nobody"),
        (timedelta(days=rule.code_days) + timedelta(minutes=1), "unknown", "nobody"),
        (timedelta(days=rule.recognised_days) - timedelta(minutes=1), "genuine", "recognised"),
    ):
        asker = Asker(MemoryCampaignCalls(replace(REMEMBERED, at=NOW - age)))
        assert (await asker.asks("verification_code", call(NUMBER), code=CODE)).word == code
        assert (await asker.asks("recognised_call", call(NUMBER))).word == caller


async def test_who_was_called_in_vain_is_recognised_by_the_number(asker: Asker) -> None:
    known = await asker.asks("recognised_call", call(NUMBER, "c" * 32))
    assert known.facts == {"campaign_queue": "outbound/A", "attempt_id": OURS}
    assert (await asker.asks("recognised_call", call("6281100009999"))).word == "nobody"
    assert (await asker.asks("recognised_call", call(None))).word == "nobody"


async def test_a_broken_or_slow_record_promises_nothing(calls: MemoryCampaignCalls) -> None:
    arguments = {"npwp": PERSON, "proven": "yes", "code": CODE, "called_last4": "1234"}
    calls.broken = True
    asker = Asker(calls)
    for name, answer in WITHOUT_RECORD.items():
        taken = {fact: arguments[fact] for fact in LOOK_UPS[name].takes}
        assert await asker.asks(name, call(NUMBER), **taken) == answer
    slow = Asker(SlowCalls(REMEMBERED), deadline=0.01)
    assert (await slow.asks("verification_code", call(NUMBER), code=CODE)).word == "unavailable"


TAX = load_tax_dates()


@pytest.mark.parametrize(
    ("changes", "today", "word", "told"),
    [
        ({}, date(2026, 11, 23), "filing_year", {"tax_year": "2025", "deadline": "2026-03-31"}),
        ({"resident_person": False}, date(2026, 11, 23), "filing_year", {"deadline": "2026-04-30"}),
        # Sunday 30 April 2028: the Monday after
        (
            {"resident_person": False, "period": "2027"},
            date(2028, 2, 1),
            "filing_year",
            {"deadline": "2028-05-01"},
        ),
        ({"period": ""}, date(2026, 11, 23), "filing_year", {"tax_year": "2025", "deadline": "2026-03-31"}),
        ({"period": ""}, date(2026, 2, 2), "filing_year", {"tax_year": "2024", "deadline": "2025-03-31"}),
        (
            {"period": "", "missed": False},
            date(2026, 2, 2),
            "filing_year",
            {"tax_year": "2025", "deadline": "2026-03-31"},
        ),
        ({"period": "2026-03"}, date(2026, 11, 23), "filing_undated", {"as_of": "2026-11-01"}),
        (
            {"matter": Matter.PAYMENT, "period": "2025-12"},
            date(2026, 11, 23),
            "payment_month",
            {"tax_month": "2025-12", "deadline": "2026-01-15"},
        ),
        # 15 August 2026 is a Saturday
        (
            {"matter": Matter.PAYMENT, "period": "2026-07"},
            date(2026, 11, 23),
            "payment_month",
            {"deadline": "2026-08-17"},
        ),
        (
            {"matter": Matter.PAYMENT, "period": "2024-05"},
            date(2026, 11, 23),
            "payment_month",
            {"deadline": "2024-06-10"},
        ),
        (
            {"matter": Matter.PAYMENT},
            date(2026, 11, 23),
            "payment_year",
            {"tax_year": "2025", "deadline": "2026-03-31"},
        ),
        ({"matter": Matter.PAYMENT, "period": ""}, date(2026, 11, 23), "payment_undated", {}),
        ({"period": "next"}, date(2026, 11, 23), "filing_undated", {}),
    ],
)
def test_period_and_deadline_are_read_from_the_dated_table(
    changes: dict[str, object], today: date, word: str, told: dict[str, str]
) -> None:
    found = duty_of(replace(PLACED, **changes), TAX, Weekdays(), today)  # type: ignore[arg-type]
    assert found is not None
    assert found[0] == word
    assert {"as_of": "2026-11-01", **told}.items() <= found[1].items()
    assert set(found[1]) == set(LOOK_UPS["duty"].answers[word])


def test_a_survey_tells_nobody_of_a_duty() -> None:
    assert duty_of(replace(PLACED, matter=Matter.SURVEY), TAX, Weekdays(), NOW.date()) is None


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "campaign_calls.yaml").write_text("versions: []\n")
    with pytest.raises(TableProblem, match=r"campaign_calls\.yaml"):
        load_remembered(tmp_path)


async def test_a_call_in_progress_asks_about_itself(calls: MemoryCampaignCalls) -> None:
    posted: list[FlowEvent] = []
    stage = Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive())
    ports = replace(stage.ports, look_ups=LookUps({}, {}, Asker(calls).look_ups))
    deeds = Deeds(call(NUMBER, "c" * 32), ports, posted.append)
    deeds.perform(LookUp("r1", "recognised_call", {}), NOW)
    await settled()
    facts = {"campaign_queue": "outbound/A", "attempt_id": OURS}
    assert posted == [LookedUp("r1", "recognised", facts)]
