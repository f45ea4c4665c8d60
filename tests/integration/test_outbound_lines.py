"""Calls to people outside through the dialplan's guard, on a real Asterisk with a SIP far end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

import ari
from ari import events
from asterisk_conf.ami import Ami
from asterisk_conf.guard import SIP_IN_CAUSE
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import APPLICATION, GUARD
from dialer.attempts import DialOutcome
from dialer.outcomes import load_outcomes, plain
from dialer.ports import Dial, LineEnd, LineLife
from domain.clock import SystemClock
from domain.ids import new_id
from service.agent_telephony import LEG_LANES, AriLegControl
from service.outbound_ledger import CelLedger
from service.outbound_lines import AriLines
from tests import real_asterisk
from tests.far_end import ANSWERS_LATE, EARLY_BUSY, HANGS_UP, RINGS, SILENT, FarEnd
from tests.real_asterisk import RealAsterisk

pytestmark = [pytest.mark.asterisk, pytest.mark.sip]

WITHIN = 20.0  # seconds: a busy machine is slow
O = DialOutcome  # noqa: E741 - a word for the table below


@dataclass
class Exchange:
    """An Asterisk whose trunk leads to a far end, and what it tells of our calls."""

    asterisk: RealAsterisk
    far: FarEnd
    client: ari.Client
    lines: AriLines
    ledger: CelLedger
    ends: dict[str, LineEnd] = field(default_factory=dict)
    arrived: dict[str, list[str]] = field(default_factory=dict)

    def listen(self) -> None:
        self.client.on_event(events.ChannelDestroyed, self._destroyed)
        self.client.on_event(events.StasisStart, self._arrived)

    def _destroyed(self, event: events.ChannelDestroyed) -> None:
        if event.channel.id.startswith("out-"):
            attempt = event.channel.id.removeprefix("out-")
            self.ends[attempt] = LineEnd(attempt, event.cause, 0, event.channel.state == "Up")

    def _arrived(self, event: events.StasisStart) -> None:
        self.arrived[event.channel.id.removeprefix("out-")] = list(event.args)

    async def dial(self, does: str, **changes: Any) -> str:
        dial = replace(
            Dial(new_id(), f"628115550{does}", 1.0, "outbound_agent", "outbound/A", zone="wib"), **changes
        )
        assert await self.lines.place(dial)
        return dial.attempt_id

    async def end(self, attempt: str) -> LineEnd:
        await until(lambda: attempt in self.ends)
        return plain(self.ends[attempt])

    async def ended_in_ledger(self, attempt: str) -> LineEnd:
        deadline = time.monotonic() + WITHIN
        while not (found := await self.ledger.ends([attempt])) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return found[attempt]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():
            await asyncio.sleep(0.01)


async def connected(asterisk: RealAsterisk, run: Callable[[ari.Client], Awaitable[None]]) -> None:
    client = ari.Client(
        f"http://127.0.0.1:{asterisk.settings.ari_port}",
        asterisk.user,
        asterisk.password,
        APPLICATION,
        lanes=LEG_LANES,
    )
    running = asyncio.create_task(client.run())
    try:
        await client.ready()
        await run(client)
    finally:
        await client.close()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture(scope="module")
def guarded(asterisk_program: AsteriskProgram) -> "Any":
    """One Asterisk for this module, whose trunk leads to a port of ours at any hour."""
    port = real_asterisk.free_port()
    running = asyncio.run(
        real_asterisk.start(asterisk_program, outbound=f"127.0.0.5:{port}", outbound_hours=(0, 24))
    )
    yield running, port
    asyncio.run(real_asterisk.stop(running))


@pytest.fixture
async def exchange(guarded: tuple[RealAsterisk, int]) -> AsyncIterator[Exchange]:
    asterisk, port = guarded
    async with FarEnd("127.0.0.5", port) as far:
        ready = asyncio.Event()
        over = asyncio.Event()
        found: list[Exchange] = []
        ami = Ami(asterisk.settings)

        async def run(client: ari.Client) -> None:
            lines = AriLines(client, SystemClock(), ami.hang_up)
            made = Exchange(asterisk, far, client, lines, CelLedger(asterisk.settings.ledger))
            made.listen()
            found.append(made)
            ready.set()
            await over.wait()

        serving = asyncio.create_task(connected(asterisk, run))
        async with asyncio.timeout(WITHIN):
            await ready.wait()
        yield found[0]
        over.set()
        await serving
        await ami.close()


@pytest.mark.parametrize(
    ("does", "sip_code", "outcome"),
    [
        ("302", 302, O.MOVED),
        ("404", 404, O.NOT_IN_SERVICE),
        ("410", 410, O.NOT_IN_SERVICE),
        ("480", 480, O.NO_ANSWER),
        ("486", 486, O.BUSY),
        ("488", 488, O.FAILED),
        ("500", 500, O.CONGESTION),
        ("503", 503, O.CONGESTION),
        ("600", 600, O.BUSY),
        ("603", 603, O.REJECTED),
        (EARLY_BUSY, 486, O.BUSY),
    ],
)
async def test_what_the_far_end_says_comes_back_exactly(
    exchange: Exchange, does: str, sip_code: int, outcome: DialOutcome
) -> None:
    attempt = await exchange.dial(does)
    end = await exchange.end(attempt)
    assert (end.sip_code, end.answered) == (sip_code, False)
    assert load_outcomes().unanswered(end.sip_code, end.cause) is outcome
    assert await exchange.ended_in_ledger(attempt) == replace(end, by_far_end=True)


@pytest.mark.parametrize("does", [RINGS, SILENT])
async def test_who_does_not_answer_in_time_is_given_up(exchange: Exchange, does: str) -> None:
    attempt = await exchange.dial(does)
    end = await exchange.end(attempt)
    assert load_outcomes().unanswered(end.sip_code, end.cause) is O.NO_ANSWER
    (invite,) = exchange.far.calls_to(f"628115550{does}")[-1:]
    if does == RINGS:  # who said nothing at all cannot be told that it is over (RFC 3261, 9.1)
        await until(lambda: invite.cancelled)


async def test_who_answers_comes_into_the_application_under_our_id(exchange: Exchange) -> None:
    attempt = await exchange.dial("200", agent="10001", language="en")
    await until(lambda: attempt in exchange.arrived)
    assert exchange.arrived[attempt] == ["outbound", "outbound_agent", "outbound/A", "10001", "en", ""]
    assert await exchange.lines.look([attempt, "0" * 32]) == {attempt: LineLife.UP, "0" * 32: LineLife.GONE}
    (invite,) = exchange.far.calls_to("628115550200")[-1:]
    assert '"Kring Pajak" <sip:1500200@' in invite.caller
    assert attempt not in invite.text
    await exchange.client.channels.hangup(f"out-{attempt}")
    end = await exchange.end(attempt)
    assert (end.answered, end.cause) == (True, 16)
    assert (await exchange.ended_in_ledger(attempt)).answered
    await until(lambda: invite.ended)


async def test_who_hangs_up_in_the_talk_is_told(exchange: Exchange) -> None:
    attempt = await exchange.dial(HANGS_UP)
    end = await exchange.end(attempt)
    assert attempt in exchange.arrived
    assert (end.answered, end.cause, end.sip_code) == (True, 16, 0)


async def test_what_rings_is_cancelled_at_once(exchange: Exchange) -> None:
    attempt = await exchange.dial(RINGS, seconds=30.0)
    await until(lambda: bool(exchange.far.calls_to(f"628115550{RINGS}")))
    assert (await exchange.lines.look([attempt]))[attempt] is LineLife.RINGING
    exchange.lines.cancel(attempt)
    end = await exchange.end(attempt)
    assert not end.answered
    (invite,) = exchange.far.calls_to(f"628115550{RINGS}")[-1:]
    await until(lambda: invite.cancelled)


async def test_an_answer_that_crosses_the_cancelling_is_hung_up(exchange: Exchange) -> None:
    attempt = await exchange.dial(ANSWERS_LATE, seconds=30.0)
    await until(lambda: bool(exchange.far.calls_to(f"628115550{ANSWERS_LATE}")))
    exchange.lines.cancel(attempt)
    await exchange.end(attempt)
    (invite,) = exchange.far.calls_to(f"628115550{ANSWERS_LATE}")[-1:]
    await until(lambda: invite.acknowledged and invite.ended)
    assert attempt not in exchange.arrived


async def test_what_rings_is_cancelled_without_ari_too(exchange: Exchange) -> None:
    attempt = await exchange.dial(RINGS, seconds=30.0)
    await until(lambda: bool(exchange.far.calls_to(f"628115550{RINGS}")))
    (invite,) = exchange.far.calls_to(f"628115550{RINGS}")[-1:]
    await exchange.client.close()
    assert not exchange.lines.ready
    exchange.lines.cancel(attempt)
    await until(lambda: invite.cancelled)
    assert not (await exchange.ended_in_ledger(attempt)).answered


@pytest.mark.parametrize(
    "number", ["110", "1500200", "0812;x=y", "900@127.0.0.9", "+6281200000001", "62809123456", "٠٨١٢٣٤٥٦٧٨"]
)
async def test_what_is_no_subscribers_number_is_not_even_sent(exchange: Exchange, number: str) -> None:
    before = len(exchange.far.invites)
    dial = Dial(new_id(), number, 1.0, "outbound_agent", "outbound/A", zone="wib")
    assert not await exchange.lines.place(dial)
    assert (await exchange.lines.look([dial.attempt_id]))[dial.attempt_id] is LineLife.GONE
    assert len(exchange.far.invites) == before


class Guard:
    """What the guard is told, past every check of ours."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    async def asks(self, zone: str = "wib", **changes: str) -> LineEnd:
        attempt = new_id()
        told = {
            "KRING_NUMBER": "628115550486",
            "KRING_SECONDS": "1",
            "KRING_UNTIL": str(int(time.time()) + 30),
        }
        await self.exchange.client.channels.originate_with_id(
            f"out-{attempt}",
            endpoint=GUARD.format(zone=zone),
            app=APPLICATION,
            timeout=20,
            variables={**told, **changes},
        )
        return await self.exchange.end(attempt)


@pytest.fixture
def guard(exchange: Exchange) -> Guard:
    return Guard(exchange)


@pytest.mark.parametrize(
    "number",
    [
        "110", "112", "1500200", "62211500", "62809123456", "621112345678", "60123456789", "62811",
        "628115550486999", "08115550486", "+628115550486", "628115550486@127.0.0.9",
        "s", "h", "i", "628115550486&PJSIP/900@trunk", "", '628115550486" | "1" = "1', "628I15550486",
    ],
)  # fmt: skip
async def test_the_guard_lets_no_other_number_through(guard: Guard, number: str) -> None:
    before = len(guard.exchange.far.invites)
    end = await guard.asks(KRING_NUMBER=number)
    assert load_outcomes().unanswered(end.sip_code, end.cause) in {O.REFUSED_BY_GUARD, O.FAILED}
    assert end.sip_code in {991, 0}
    assert len(guard.exchange.far.invites) == before


@pytest.mark.parametrize(
    "number", ["622112345", "62211234567", "628111234567", "6281112345678", "628111234567890"]
)
async def test_the_guard_knows_the_same_numbers_as_the_service(guard: Guard, number: str) -> None:
    from domain.phone import callback_number

    end = await guard.asks(KRING_NUMBER=number)
    assert (end.sip_code == 991) is (callback_number(number) != number)


async def test_the_guard_refuses_an_order_that_is_too_late(guard: Guard) -> None:
    assert (await guard.asks(KRING_UNTIL=str(int(time.time()) - 1))).sip_code == 994
    assert (await guard.asks(KRING_UNTIL="")).sip_code == 994


@pytest.mark.parametrize(("variable", "code"), [("KRING_LINES", 993), ("KRING_LIMIT", 995)])
async def test_the_guard_counts_lines(guard: Guard, variable: str, code: int) -> None:
    asterisk = guard.exchange.client.asterisk
    was = (await asterisk.get_global_var(variable=variable)).value
    await asterisk.set_global_var(variable=variable, value="1")
    try:
        ringing = await guard.exchange.dial(RINGS, seconds=20.0)
        await until(lambda: bool(guard.exchange.far.calls_to(f"628115550{RINGS}")))
        assert (await guard.asks()).sip_code == code
        guard.exchange.lines.cancel(ringing)
        await guard.exchange.end(ringing)
        assert (await guard.asks()).sip_code == 486
    finally:
        await asterisk.set_global_var(variable=variable, value=was)


async def test_the_guard_asks_an_unknown_zone_for_its_clock_too(guard: Guard) -> None:
    assert (await guard.asks("unknown")).sip_code == 486
    assert (await guard.asks("gmt")).sip_code == 992
    assert (await guard.asks("s")).sip_code == 992


def hours_around(now: datetime, ahead: int) -> tuple[int, int]:
    """Return whole hours that hold this moment of a zone, and the next one is outside."""
    hour = (now.hour + ahead) % 24
    return hour, hour + 1


async def test_the_guard_keeps_the_hours_of_each_zone(asterisk_program: AsteriskProgram) -> None:
    now = datetime.now(UTC)
    if now.minute == 59:  # the hour must not change under the test
        await asyncio.sleep(61 - now.second)
        now = datetime.now(UTC)
    async with FarEnd("127.0.0.6") as far:
        asterisk = await real_asterisk.start(
            asterisk_program, outbound=far.address, outbound_hours=hours_around(now, 8)
        )
        try:

            async def run(client: ari.Client) -> None:
                lines = AriLines(client, SystemClock(), Ami(asterisk.settings).hang_up)
                made = Exchange(asterisk, far, client, lines, CelLedger(asterisk.settings.ledger))
                made.listen()
                codes = {z: (await Guard(made).asks(z)).sip_code for z in ("wib", "wita", "wit")}
                assert codes == {"wib": 992, "wita": 486, "wit": 992}
                # One hour is never the same in all three zones.
                assert (await Guard(made).asks("unknown")).sip_code == 992

            await connected(asterisk, run)
        finally:
            await real_asterisk.stop(asterisk)
    assert len(far.invites) == 1


async def test_who_answers_while_the_service_is_away_is_told_and_not_left_in_silence(
    exchange: Exchange,
) -> None:
    attempt = await exchange.dial("200")
    await exchange.client.close()
    end = await exchange.ended_in_ledger(attempt)
    assert end.answered
    # The dialplan's own word for it, behind the message.
    assert load_outcomes().unanswered(end.sip_code, end.cause) is O.ABANDONED
    (invite,) = exchange.far.calls_to("628115550200")[-1:]
    assert invite.acknowledged


async def test_the_ledger_holds_our_ids_and_nothing_personal(exchange: Exchange) -> None:
    attempt = await exchange.dial("486")
    await exchange.end(attempt)
    await exchange.ended_in_ledger(attempt)
    rows = [row for row in exchange.ledger.rows() if row.attempt_id == attempt]
    assert [(row.what, row.status) for row in rows] == [("DIAL", ""), ("END", "BUSY")]
    assert abs(rows[0].at - time.time()) < 60
    assert "628115550" not in exchange.asterisk.settings.ledger.read_text()
    for file in (exchange.asterisk.settings.folder / "log").rglob("*"):
        assert not file.is_file() or "628115550" not in file.read_text()


async def test_people_who_wait_to_be_called_back_are_called_through_the_guard_too(exchange: Exchange) -> None:
    legs = AriLegControl(exchange.client)
    gone: dict[str, int] = {}
    exchange.client.on_event(
        events.ChannelDestroyed, lambda event: gone.update({event.channel.id: event.cause})
    )
    leg = f"leg-{new_id()}"
    legs.call_out(leg, "628115550486", ("callback", "", "c0ffee", "0"), 5.0)
    await until(lambda: leg in gone)
    assert divmod(gone[leg], SIP_IN_CAUSE) == (486, 17)
    answered = f"leg-{new_id()}"
    legs.call_out(answered, "628115550200", ("callback", "", "c0ffee", "0"), 5.0)
    await until(lambda: answered in exchange.arrived)
    assert exchange.arrived[answered] == ["callback", "", "c0ffee", "0"]
    legs.hang_up(answered)
    await until(lambda: answered in gone)
