"""What the ledger proof is run with: far end, relay, clocks; and faults that did not happen fail it."""

import asyncio
import io
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bench import ledger, ledger_far
from bench.figures import Report
from bench.ledger_book import Book, Limits, Rules
from bench.ledger_far import DEEDS, STATUSES, FarSide
from bench.ledger_faults import Faults
from bench.ledger_house import PLACES, clocks, write_zones
from bench.ledger_relay import Cut, Relay
from bench.sip import Dialog, offer, parse
from tests.real_asterisk import free_port

WITHIN = 20.0
NOON = 1_780_574_400.0 + 1234  # a Thursday, just after noon UTC


@dataclass
class Trunk(asyncio.DatagramProtocol):
    """The side that calls."""

    heard: list[Any] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard.append(parse(data))
        self.changed.set()

    async def until(self, status: int) -> Any:
        async with asyncio.timeout(WITHIN):
            while True:
                for message in self.heard:
                    if message.status == status:
                        return message
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Line:
    far: FarSide
    trunk: Trunk
    local: tuple[str, int]
    remote: tuple[str, int]

    def calls(self, number: str = "6281100000001") -> Dialog:
        dialog = Dialog.new(self.local, self.remote, number, "1500200")
        self.trunk.transport.sendto(dialog.invite(offer("127.0.0.1", 4000)), self.remote)
        return dialog

    def sends(self, message: bytes) -> None:
        self.trunk.transport.sendto(message, self.remote)


@pytest.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[str], Line]]:
    loop = asyncio.get_running_loop()
    remote = ("127.0.0.1", free_port())
    far = FarSide(*remote, 1, lambda digits: f"key of {digits[-1]}")
    await far.listen()
    trunk = Trunk()
    transport, _ = await loop.create_datagram_endpoint(lambda: trunk, local_addr=("127.0.0.1", 0))

    def doing(deed: str) -> Line:
        monkeypatch.setattr(ledger_far, "DEEDS", {deed: 1})
        return Line(far, trunk, transport.get_extra_info("sockname"), remote)

    yield doing
    far.close()
    transport.close()


async def test_who_rejects_is_in_its_ledger_with_the_code(line: Callable[[str], Line]) -> None:
    on = line("answers_after_486")
    dialog = on.calls()
    await on.trunk.until(486)
    on.sends(dialog.ack(of_success=False))
    await on.trunk.until(200)  # the lie
    row = on.far.ledger()[0]
    assert (row.status, row.number, row.caller, row.well_formed) == (486, "key of 1", "1500200", True)
    assert not row.silent and row.at <= row.status_at


async def test_an_answer_after_the_cancel_is_told_as_such(line: Callable[[str], Line]) -> None:
    on = line("answers_after_cancel")
    dialog = on.calls()
    await on.trunk.until(180)
    on.sends(dialog.invite("").replace(b"INVITE", b"CANCEL"))
    await on.trunk.until(200)
    async with asyncio.timeout(WITHIN):
        while not on.far.ledger()[0].status:
            await asyncio.sleep(0.01)
    row = on.far.ledger()[0]
    assert row.status == 200 and row.silent and 0 < row.cancelled_at <= row.status_at


async def test_a_retransmission_is_no_second_call_and_a_second_transaction_is(
    line: Callable[[str], Line],
) -> None:
    on = line("rings_on")
    dialog = on.calls()
    await on.trunk.until(180)
    sdp = offer("127.0.0.1", 4000)
    on.sends(dialog.invite(sdp))
    dialog.branch += "2"
    on.sends(dialog.invite(sdp))
    async with asyncio.timeout(WITHIN):
        while on.far.repeated < 2:
            await asyncio.sleep(0.01)
    assert [row.call_id for row in on.far.ledger()] == [dialog.call_id] * 2


def test_every_deed_is_there() -> None:
    assert all(callable(getattr(FarSide, f"_{deed}")) for deed in DEEDS)
    assert set(ledger.statuses()) == set(STATUSES)


@pytest.mark.parametrize("how", Cut)
async def test_a_relay_loses_what_it_is_to_lose_and_cuts(how: Cut) -> None:
    seen = bytearray()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            seen.extend(data)
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = free_port()
    relay = Relay(port, server.sockets[0].getsockname()[1])
    await relay.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"one")
    async with asyncio.timeout(WITHIN):
        assert await reader.readexactly(3) == b"one"
        cutting = asyncio.create_task(relay.cut(how, 1.0, 0.0))
        await asyncio.sleep(0.05)
        writer.write(b"two")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            assert await reader.readexactly(3) is None
        assert await cutting == 1
        assert relay.links == 0
    assert bytes(seen) == (b"onetwo" if how is Cut.ANSWERS_LOST else b"one")
    writer.close()
    await relay.close()
    server.close()


def test_the_clocks_are_set_so_that_a_zone_opens_and_one_closes_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = clocks(NOON, 60.0, 120.0)
    write_zones(tmp_path, told.offsets)
    hours = {}
    for zone, place in PLACES.items():
        with (tmp_path / place).open("rb") as file:
            offset = ZoneInfo.from_file(file).utcoffset(None)
        assert offset is None or offset.total_seconds() == told.offsets[zone]
        day, second = divmod(NOON + told.offsets[zone], 86400)
        assert day == told.day
        hours[zone] = second / 3600
    assert hours["wib"] == pytest.approx(11, abs=0.01)
    assert 8 - hours["wita"] == pytest.approx(60 / 3600, abs=0.001)
    assert 16 - hours["wit"] == pytest.approx(120 / 3600, abs=0.001)


def _told(kills: int, cuts: int, met: int) -> dict[str, bool]:
    rules = Rules({}, frozenset(), Limits(1, 1, 1), 0.0, 1, "1500200", {}, 15.0)
    book = Book(rules, [], [], [], [], [], [], [], [])
    far = FarSide("127.0.0.1", 0, 1, str)
    nothing: Any = None
    faults = Faults(nothing, nothing, nothing, far, nothing, random.Random(1), kills, cuts, met=met)
    faults.hit.update({"dialing": met, "talking": met})
    out = io.StringIO()
    ledger._tell(Report(out=out), book, [], faults, ledger.Run(ledger.SHORT, clocks(NOON, 1, 1)))
    figures = [json.loads(row) for row in out.getvalue().splitlines()]
    return {row["figure"]: row["holds"] for row in figures}


def test_a_run_whose_faults_did_not_happen_fails() -> None:
    whole = _told(3, 3, 6)
    assert whole["ledger_kills"] and whole["ledger_cuts"] and whole["ledger_faults_in_a_dial"]
    assert not whole["ledger_calls"], "and so does one without calls"
    assert not _told(2, 3, 5)["ledger_kills"]
    assert not _told(3, 2, 5)["ledger_cuts"]
    missed = _told(3, 3, 0)
    assert not missed["ledger_faults_in_a_dial"] and not missed["ledger_faults_at_dialing"]
