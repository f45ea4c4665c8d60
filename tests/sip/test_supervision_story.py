"""Supervision on the real thing: what callers and agents are told, and what is counted of their calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.skills import OFFICE_ZONE, office_day
from asterisk_conf.program import AsteriskProgram
from reporting.formulas import COUNTS
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.sounds import SoundLibrary
from tests.sip.caller import Caller
from tests.sip.installation import Installation, now
from tests.sip.known_day import Known, Point, floor_is_written, point, recomputed, shift
from tests.sip.office import Clerk
from tests.sip.review_house import (
    CALLER_HERTZ,
    FIRST,
    FIRST_HERTZ,
    NAMES,
    SECOND,
    SECOND_HERTZ,
    TABLES,
    WITHIN,
    AtWork,
    House,
)

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

STAFFED = TABLES | {
    "competences": f"agent,skill,tier,level,expires\n{FIRST},general,A,3,\n{SECOND},efin,B,3,\n",
    "rules": TABLES["rules"].replace("wrap_up_seconds,0", "wrap_up_seconds,300"),
}
ANNOUNCED = "announce_system_trouble"
PATIENT, SERVED, HANDED_ON = "02150001101", "02150001102", "02150001103"  # callers
NOTE = {
    "branch": "efin_token",
    "category": "forgotten_efin",
    "result": "resolved",
    "question": "Contoh pertanyaan",
    "answer": "Contoh jawaban",
}
ROUNDING_MS = 5
RECOUNTED = 90.0  # seconds until the day at hand is counted again, on however busy a machine
BEFORE_MIDNIGHT = timedelta(minutes=5)
OWN_FIGURES = {  # of the agent's page → as supervisors see them
    "average_ring": "art",
    "average_handling": "aht",
    "call_efficiency": "ce",
    "calls_per_hour": "cph",
    "occupancy": "occupancy",
}
PER = {"seconds": 1 / 1000, "share": 1.0, "per_hour": 3_600_000.0}


@pytest.fixture(scope="module")
def house(asterisk_program: AsteriskProgram, library: SoundLibrary) -> Iterator[House]:
    """An installation of its own: whatever is counted in it, these stories did."""
    running = House(Installation(), library, STAFFED)
    try:
        running.opens()
        yield running
    finally:
        running.installation.stop()


@pytest.fixture(scope="module")
def known(house: House) -> Known:
    """The day of the office on which all of it happens: not begun right before midnight."""
    here = now().astimezone(OFFICE_ZONE)
    if (soon := here + BEFORE_MIDNIGHT).date() != here.date():
        midnight = datetime.combine(soon.date(), datetime.min.time(), OFFICE_ZONE)
        time.sleep((midnight - here).total_seconds())
    return Known(office_day(now()))


# ---- What callers and agents are told


async def test_callers_hear_an_announcement_and_an_agent_reads_a_message(house: House, known: Known) -> None:
    async with house.office("supervisor", f"agen{FIRST}") as office, house.outside() as outside:
        supervisor, page = office["supervisor"], office[f"agen{FIRST}"]
        ends = (now() + timedelta(hours=1)).isoformat()
        switched = await supervisor.posts("/api/wall/announcements", {"prompt": ANNOUNCED, "ends": ends})
        (announcement,) = switched["announcements"]
        assert (announcement["prompt"], announcement["on"]) == (ANNOUNCED, True)
        told = Caller(outside, house.installation, "02150001201")
        await told.calls().is_greeted(within=WITHIN)
        await told.hears(ANNOUNCED, language="id", within=WITHIN)
        await told.hears(ANNOUNCED, language="en", within=WITHIN).hangs_up()

        one = f"/api/wall/announcements/{announcement['announcement_id']}"
        (announcement,) = (await supervisor.posts(f"{one}/end"))["announcements"]
        assert (announcement["on"], announcement["over"]) == (False, True)
        untold = Caller(outside, house.installation, "02150001202")
        untold.calls().is_greeted(within=WITHIN).hears("language_menu", within=WITHIN).hangs_up()
        await asyncio.gather(_performed(untold), _is_written_to(house, supervisor, page, known))
        known.no_agent_asked += [(await caller.record())[0].call_id for caller in (told, untold)]


async def _performed(caller: Caller) -> None:
    await caller


async def _is_written_to(house: House, supervisor: Clerk, page: Clerk, known: Known) -> None:
    """A message comes to the page of an agent at work, and its sender sees that it was read."""
    text = "Contoh pesan"
    body = {"audience": "agent", "agent": FIRST, "text": text}
    async with shift(house, FIRST, page, known):
        (sent,) = (await supervisor.posts("/api/wall/messages", body))["messages"]
        assert (sent["whom"], sent["told"], sent["shown"]) == (NAMES[FIRST], 1, 0)
        (message,) = (await page.gets("/api/desk/messages"))["messages"]
        assert (message["message_id"], message["text"]) == (sent["message_id"], text)
        left = await page.posts(f"/api/desk/messages/{message['message_id']}/acknowledge")
        assert left["messages"] == []
    (sent,) = (await supervisor.gets("/api/wall/messages"))["messages"]
    assert (sent["told"], sent["shown"], sent["acknowledged"]) == (1, 1, 1)


# ---- What is counted


async def test_what_is_counted_of_three_calls_is_what_happened(house: House, known: Known) -> None:
    first, second = f"agen{FIRST}", f"agen{SECOND}"
    async with house.office("supervisor", first, second) as office:
        async with house.outside() as outside:
            began = now()
            await _gives_up(house, outside, known)
            async with (
                shift(house, FIRST, office[first], known) as one,
                shift(house, SECOND, office[second], known) as other,
            ):
                await _is_served(outside, one, known)
                await _is_handed_on(outside, one, other, known)
            numbers = (PATIENT, SERVED, HANDED_ON)
            ended = [await house.installation.record_of_ended(began, one, WITHIN) for one in numbers]
            calls = [call.call_id for call, _ in ended]
        await floor_is_written(house)
        supervisor = office["supervisor"]
        total = await _counted(supervisor, known, calls)
        _is_within_bounds(total["counts"], known)
        await _every_figure_is_its_quotient(supervisor, total)
        await _counts_are_cut_rightly(supervisor, known, total)
        await _the_agents_page_shows_the_same(office[first], supervisor, known)
        await _calls_stand_behind_counts(supervisor, known, calls)
        await _the_wall_shows_the_same(supervisor, total["counts"])
    again = await asyncio.to_thread(recomputed, house, known.day)
    assert {name: getattr(again.counts, name) for name in COUNTS} == total["counts"]
    await asyncio.to_thread(_queue_log_tells, house, known, calls)


async def _gives_up(house: House, outside: Telephone, known: Known) -> None:
    """Nobody is at work: the caller waits for a while, and hangs up."""
    caller = await outside.call("1500200", caller=PATIENT, within=WITHIN)
    entered = await point(caller.press("0"), _waits(house))
    await asyncio.sleep(2)
    left = await point(caller.hang_up(within=WITHIN), _waits(house, there=False))
    known.lasted("waited_ms", entered, left)


async def _waits(house: House, there: bool = True) -> None:
    """Wait until a caller is in line, or nobody is."""
    deadline = time.monotonic() + WITHIN
    while ("general" in [call["queue"] for call in await house.installation.live_calls()]) is not there:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def _is_joined(
    outside: Telephone, number: str, agent: AtWork, known: Known
) -> tuple[PhoneCall, PhoneCall, Point]:
    """A caller asks for a person, and is answered; return both and when."""
    caller = await outside.call("1500200", caller=number, within=WITHIN)
    asked = time.monotonic()
    await caller.press("0")
    ringing = await agent.phone.rings(within=WITHIN)
    rung = asked, time.monotonic()
    answered = await point(_answers(ringing, FIRST_HERTZ), agent.until(observed="talking"))
    known.lasted("waited_ms", rung, answered)
    known.lasted("ring_ms", rung, answered)
    caller.speaks(CALLER_HERTZ)
    await ringing.hears_tone(CALLER_HERTZ, within=WITHIN)
    await caller.hears_tone(FIRST_HERTZ, within=WITHIN)
    return caller, ringing, answered


async def _answers(call: PhoneCall, hertz: float) -> None:
    call.answer()
    call.speaks(hertz)


async def _writes_up(
    agent: AtWork, ended: Point, known: Known, note: Mapping[str, str] | None = None
) -> None:
    """Use some of the time for the note."""
    state = await agent.until(observed="wrap_up")
    if note:
        await agent.page.posts(f"/api/calls/{state['call']['call_id']}/notes", note)
    await asyncio.sleep(1)
    done = await point(agent.asks("end_wrap_up"), agent.until(observed="idle"))
    known.lasted("wrap_up_ms", ended, done)


async def _is_served(outside: Telephone, agent: AtWork, known: Known) -> None:
    """A talk, a hold, a talk; the caller hangs up."""
    caller, _, answered = await _is_joined(outside, SERVED, agent, known)
    await asyncio.sleep(2)
    held = await point(agent.asks("hold"), agent.until(observed="holding"))
    await asyncio.sleep(1.5)
    back = await point(agent.asks("unhold"), agent.until(observed="talking"))
    await asyncio.sleep(1)
    ended = await point(caller.hang_up(within=WITHIN), agent.until(observed="wrap_up"))
    known.lasted("acd_ms", answered, held)
    known.lasted("hold_ms", held, back)
    known.lasted("acd_ms", back, ended)
    await _writes_up(agent, ended, known, NOTE)


async def _is_handed_on(outside: Telephone, agent: AtWork, other: AtWork, known: Known) -> None:
    """A talk, a transfer into another queue, a talk with who serves that; this agent ends the call."""
    caller, _, answered = await _is_joined(outside, HANDED_ON, agent, known)
    await asyncio.sleep(1)
    asked = time.monotonic()
    given = await point(agent.asks("transfer", target="queue:efin"), agent.until(observed="wrap_up"))
    known.lasted("acd_ms", answered, given)
    ringing = await other.phone.rings(within=WITHIN)
    rung = asked, time.monotonic()
    taken = await point(_answers(ringing, SECOND_HERTZ), other.until(observed="talking"))
    known.lasted("ring_ms", rung, taken)
    await caller.hears_tone(SECOND_HERTZ, within=WITHIN)
    await ringing.hears_tone(CALLER_HERTZ, within=WITHIN)
    await asyncio.sleep(1)
    ended = await point(other.asks("end_call"), other.until(observed="wrap_up"))
    known.lasted("acd_ms", taken, ended)
    await caller.until_ended(WITHIN)
    await _writes_up(other, ended, known)
    await _writes_up(agent, given, known)


def _days(known: Known) -> str:
    return f"since={known.day}&until={known.day}"


async def _counted(supervisor: Clerk, known: Known, calls: Sequence[str]) -> dict[str, Any]:
    """Return today's counts and figures, once everything has been written and counted."""
    expected = {
        "incoming": len(calls),
        "answered": 2,
        "abandoned": 1,
        "acd_calls": 3,  # one was with two agents
        "interactions": 3,
        "documented": 1,
        "ivr_only": len(known.no_agent_asked),
    }
    none = ("outbound_calls", "called_back", "not_served", "missed", "attempts", "out_ms", "estimated_ms")
    expected |= dict.fromkeys(none, 0)
    seen: dict[str, int] = {}
    deadline = time.monotonic() + RECOUNTED
    while True:
        answer = await supervisor.gets(f"/api/figures?{_days(known)}&interval=whole")
        total: dict[str, Any] = answer["span"]["total"]
        seen = {name: total["counts"][name] for name in expected}
        if seen == expected:
            return total
        assert time.monotonic() < deadline, f"wanted {expected}, counted {seen}"
        await asyncio.sleep(2)


def _is_within_bounds(counts: Mapping[str, int], known: Known) -> None:
    for name, least in known.least.items():
        low, high = least - ROUNDING_MS, known.most[name] + ROUNDING_MS
        assert low <= counts[name] <= high, f"{name}: {counts[name]} ms, measured {low:.0f} to {high:.0f}"
    assert counts["hold_ms"] >= 1500 - ROUNDING_MS
    assert counts["ring_ms"] > 0
    assert 5000 - ROUNDING_MS <= counts["talk_ms"] <= counts["acd_ms"]
    assert counts["in_time"] <= counts["answered"]


async def _every_figure_is_its_quotient(supervisor: Clerk, total: Mapping[str, Any]) -> None:
    """Each figure is what its definition says of these very counts."""
    counts = total["counts"]
    definitions = await supervisor.gets("/api/figures/definitions")
    assert {one["code"] for one in definitions} == total["figures"].keys()
    divided = set()
    for one in definitions:
        figure = total["figures"][one["code"]]
        assert figure["numerator"] == sum(counts[name] for name in one["numerator"]), one["code"]
        below = sum(counts[name] for name in one["denominator"]) - sum(counts[name] for name in one["less"])
        assert figure["denominator"] == below, one["code"]
        if below <= 0:
            assert figure["value"] is None, one["code"]
            continue
        divided.add(one["code"])
        quotient = figure["numerator"] / below * PER[one["unit"]]
        assert figure["value"] == pytest.approx(
            min(quotient, 1.0) if one["code"] == "occupancy" else quotient
        )
    assert divided >= {"art", "aht", "crm", "ce", "pai", "cph", "service_level", "abandonment", "occupancy"}
    assert total["figures"]["abandonment"]["value"] == pytest.approx(1 / 3)
    assert total["figures"]["crm"]["value"] == pytest.approx(1 / 3)
    assert total["figures"]["pai"]["value"] == pytest.approx(1.0)


async def _counts_are_cut_rightly(supervisor: Clerk, known: Known, total: Mapping[str, Any]) -> None:
    """Calls count in the queue that they came to first, talks with who talked; all parts are the whole."""
    address = f"/api/figures?{_days(known)}&interval=whole"
    by_queue = (await supervisor.gets(f"{address}&by=queue&direction=in"))["lines"]
    queues = {line["key"]["queue"]: line["counts"] for line in by_queue}
    assert {name: one["incoming"] for name, one in queues.items() if one["incoming"]} == {"general": 3}
    talks = {name: one["acd_calls"] for name, one in queues.items() if one["acd_calls"]}
    assert talks == {"general": 2, "efin": 1}
    by_agent = (await supervisor.gets(f"{address}&by=agent"))["lines"]
    agents = {line["names"]["agent"]: line["counts"]["acd_calls"] for line in by_agent}
    assert {name: calls for name, calls in agents.items() if calls} == {NAMES[FIRST]: 2, NAMES[SECOND]: 1}
    quarters = (await supervisor.gets(f"/api/figures?{_days(known)}&interval=15min&by=agent"))["lines"]
    for lines in (by_agent, quarters):
        summed = {name: sum(line["counts"][name] for line in lines) for name in COUNTS}
        assert summed == total["counts"]


async def _the_agents_page_shows_the_same(page: Clerk, supervisor: Clerk, known: Known) -> None:
    lines = (await supervisor.gets(f"/api/figures?{_days(known)}&interval=whole&by=agent"))["lines"]
    line = next(line for line in lines if line["names"]["agent"] == NAMES[FIRST])
    own = await page.gets("/api/desk/figures")
    assert own["answered"] == line["counts"]["acd_calls"]
    for theirs, ours in OWN_FIGURES.items():
        assert own[theirs] == pytest.approx(line["figures"][ours]["value"], rel=0.01), ours


async def _calls_stand_behind_counts(supervisor: Clerk, known: Known, calls: Sequence[str]) -> None:
    """The calls behind a count are exactly those."""
    patient, served, handed_on = calls
    expected = {
        "incoming": [patient, served, handed_on],
        "answered": [served, handed_on],
        "abandoned": [patient],
        "acd_calls": [served, handed_on],
        "hold_ms": [served],
        "documented": [served],
        "wrap_up_ms": [served, handed_on],
        "ivr_only": known.no_agent_asked,
    }
    for count, wanted in expected.items():
        found = await supervisor.gets(f"/api/figures/calls?{_days(known)}&count={count}")
        assert [one["call_id"] for one in found["calls"]] == wanted, count


async def _the_wall_shows_the_same(supervisor: Clerk, counts: Mapping[str, int]) -> None:
    rows = (await supervisor.gets("/api/wall"))["rows"]
    names = ("incoming", "answered", "abandoned", "in_time")
    for key in ("total", "queue general"):
        assert {name: rows[key][name] for name in names} == {name: counts[name] for name in names}, key
    in_queues = {key for key, row in rows.items() if key.startswith("queue ") and row["incoming"]}
    assert in_queues == {"queue general"}
    assert rows["total"]["waiting"] == rows["total"]["talking"] == 0


def _queue_log_tells(house: House, known: Known, calls: Sequence[str]) -> None:
    """The lines of each call, in their order."""
    day = known.day.isoformat()
    lines = house.installation.kring("report", "queue-log", "--from", day, "--to", day).splitlines()
    told: dict[str, list[tuple[str, ...]]] = {call: [] for call in calls}
    for line in lines:
        _, call, queue, agent, event, *_ = line.split("|")
        if call in told:
            told[call].append((queue, agent, event))
    one, other = f"Agent/{FIRST}", f"Agent/{SECOND}"
    entered = ("general", "NONE", "ENTERQUEUE")
    assert list(told.values()) == [
        [entered, ("general", "NONE", "ABANDON")],
        [entered, ("general", one, "CONNECT"), ("general", one, "COMPLETECALLER")],
        [
            entered,
            ("general", one, "CONNECT"),
            ("general", one, "BLINDTRANSFER"),
            ("efin", "NONE", "ENTERQUEUE"),
            ("efin", other, "CONNECT"),
            ("efin", other, "COMPLETEAGENT"),
        ],
    ]
    assert PATIENT[-8:] not in "".join(lines)
