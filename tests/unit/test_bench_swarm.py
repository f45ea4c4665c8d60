import asyncio
import math
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from acd.tables_csv import load_folder
from bench import app_queue_conf, sip, swarm
from bench.restart_agents import displaced
from bench.swarm import CallFailed, Leg, LegState, Swarm
from bench.swarm_audio import Pump
from bench.swarm_columns import columns
from bench.swarm_day import LINES, WIDER_AFTER, Visit, after, draw
from bench.swarm_floor import write_tables
from bench.swarm_people import AgentPhone, Contact, Offer
from bench.swarm_sip import Challenge, Credentials, NoDigest, description
from bench.swarm_tones import Tones

INVITE = (
    "INVITE sip:a0@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKone\r\n"
    "From: <sip:1500200@127.0.0.1>;tag=theirs\r\nTo: <sip:a0@127.0.0.1>\r\nCall-ID: call\r\n"
    "CSeq: 7 INVITE\r\nContact: <sip:asterisk@127.0.0.1:5060>\r\n"
)


def request(method: str, branch: str = "one") -> bytes:
    text = INVITE.replace("INVITE", method).replace("z9hG4bKone", f"z9hG4bK{branch}")
    return (text + "Content-Length: 0\r\n\r\n").encode()


def invite() -> bytes:
    return (INVITE + "\r\n" + description("127.0.0.1", 40000, 1)).encode()


class Wire:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[sip.Message] = []

    def sendto(self, data: bytes, address: object, /) -> None:
        self.sent.append(sip.parse(data))

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        pass

    def starts(self) -> list[str]:
        return [message.start for message in self.sent]


def free_ports(count: int) -> list[int]:
    plugs = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for plug in plugs:
        plug.bind(("127.0.0.1", 0))
    ports: list[int] = [plug.getsockname()[1] for plug in plugs]
    for plug in plugs:
        plug.close()
    return ports


@asynccontextmanager
async def phone(wire: Wire) -> AsyncIterator[tuple[Swarm, list[Leg]]]:
    """A swarm with one phone, `a0`, whose socket is `wire`."""
    offered: list[Leg] = []
    (port,) = free_ports(1)
    async with Pump("127.0.0.1", range(port, port + 1), Tones(2)) as pump:
        telephones = Swarm(("127.0.0.1", 6000), ("127.0.0.1", 5060), pump)
        telephones._plug = wire
        telephones.phones["a0"] = offered.append
        yield telephones, offered
        await asyncio.gather(*(asyncio.wait_for(telephones.hang_up(leg), 1) for leg in offered),
                             return_exceptions=True)  # fmt: skip
        for task in list(telephones._tasks):
            task.cancel()


def test_digest_is_that_of_the_rfc() -> None:
    """The example of RFC 2617, 3.5, whose digest RFC 7616 keeps for MD5."""
    challenge = Challenge.of(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    who = Credentials("Mufasa", "Circle Of Life")

    header = challenge.answer(who, "GET", "/dir/index.html", cnonce="0a4f113b")

    assert 'response="6629fae49393a05397450978507c4ef1"' in header
    assert "nc=00000001" in header
    assert "Circle" not in header


def test_a_challenge_that_is_no_md5_digest_is_refused() -> None:
    with pytest.raises(NoDigest, match="MD5"):
        Challenge.of('Digest realm="a", nonce="b", algorithm=SHA-256')


async def test_cancel_before_the_answer_ends_the_call_with_487() -> None:
    wire = Wire()
    async with phone(wire) as (telephones, offered):
        telephones.receive(invite(), 1.0)
        telephones.receive(request("CANCEL"), 1.0)
        await asyncio.sleep(0)
        telephones.answer(offered[0])

        assert wire.starts() == [
            "SIP/2.0 180 Ringing", "SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated",
        ]  # fmt: skip
        assert wire.sent[1].method == "CANCEL"
        assert offered[0].cancelled
        assert offered[0].state is LegState.ENDED


async def test_cancel_that_crosses_the_answer_leaves_the_call_to_its_bye() -> None:
    wire = Wire()
    async with phone(wire) as (telephones, offered):
        telephones.receive(invite(), 1.0)
        telephones.answer(offered[0])
        await asyncio.sleep(0)
        telephones.receive(request("CANCEL"), 1.0)

        assert offered[0].ended_at == 0
        telephones.receive(request("ACK", "ack"), 1.0)
        telephones.receive(request("BYE", "bye"), 1.0)
        assert offered[0].state is LegState.ENDED
        assert not offered[0].cancelled
        assert [each.method for each in wire.sent] == ["INVITE", "INVITE", "CANCEL", "BYE"]
        assert {each.status for each in wire.sent[1:]} == {200}


async def test_an_answer_is_repeated_until_it_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm, "T1", 0.02)
    wire = Wire()
    async with phone(wire) as (telephones, offered):
        telephones.receive(invite(), 1.0)
        telephones.answer(offered[0])
        await asyncio.sleep(0.09)
        answers = wire.starts().count("SIP/2.0 200 OK")
        assert answers == 3  # at 0, 20 and 60 ms
        telephones.receive(request("ACK", "ack"), 1.0)
        await asyncio.sleep(0.1)

        assert wire.starts().count("SIP/2.0 200 OK") == answers


async def test_a_repeated_invite_or_bye_gets_the_same_answer_and_rings_once() -> None:
    wire = Wire()
    async with phone(wire) as (telephones, offered):
        telephones.receive(invite(), 1.0)
        telephones.receive(invite(), 1.0)
        telephones.answer(offered[0])
        await asyncio.sleep(0)
        telephones.receive(invite(), 1.0)
        telephones.receive(request("BYE", "bye"), 1.0)
        telephones.receive(request("BYE", "bye"), 1.0)

        assert len(offered) == 1
        ringing, ringing_again, answer, answer_again, bye, bye_again = wire.sent
        assert ringing == ringing_again
        assert answer == answer_again
        assert bye == bye_again
        assert telephones.repeated == 3


async def test_two_swarms_talk_and_each_hears_the_others_tone() -> None:
    first, second, one, two = free_ports(4)
    tones = Tones(2)
    here, there = ("127.0.0.1", first), ("127.0.0.1", second)
    async with (
        Pump("127.0.0.1", range(one, one + 1), tones) as pump,
        Pump("127.0.0.1", range(two, two + 1), tones) as other_pump,
        Swarm(here, there, pump) as callers,
        Swarm(there, here, other_pump) as agents,
    ):
        legs: list[Leg] = []

        def ring(leg: Leg) -> None:
            legs.append(leg)
            leg.line.speaks = tones.frames[1]
            agents.answer(leg)

        agents.phones["agent"] = ring
        call = await callers.call("agent", "0812555")
        call.line.speaks = tones.frames[0]
        await asyncio.sleep(0.2)

        assert list(call.line.heard) == [1]
        assert list(legs[0].line.heard) == [0]
        await callers.hang_up(call)
        await asyncio.wait_for(legs[0].ended.wait(), 1)
        assert not legs[0].ended_by_us
        assert (callers.legs, agents.legs) == (0, 0)


async def test_a_call_that_nobody_answers_is_cancelled() -> None:
    first, second, one, two = free_ports(4)
    here, there = ("127.0.0.1", first), ("127.0.0.1", second)
    async with (
        Pump("127.0.0.1", range(one, one + 1), Tones(1)) as pump,
        Pump("127.0.0.1", range(two, two + 1), Tones(1)) as other_pump,
        Swarm(here, there, pump) as callers,
        Swarm(there, here, other_pump) as agents,
    ):
        legs: list[Leg] = []
        agents.phones["agent"] = legs.append

        with pytest.raises(CallFailed, match=r"no final answer within 0\.1 s"):
            await callers.call("agent", "0812555", within=0.1)

        assert legs[0].cancelled
        assert (callers.legs, agents.legs) == (0, 0)


def test_a_tone_is_known_by_its_bytes_and_nothing_else_is() -> None:
    tones = Tones(460)

    assert [tones.known(frame) for frame in tones.frames] == list(range(460))
    assert tones.known(tones.frames[7][40:] + tones.frames[7][:40]) is None
    assert tones.known(b"\xd5" * 160) is None


def test_a_day_is_drawn_once_and_alike_every_time() -> None:
    day = draw(60, 20, 0.9)

    assert day == draw(60, 20, 0.9)
    assert day != draw(60, 20, 0.9, seed=1)
    busy = sum(visit.talk for visit in day.visits) / (60 * 20)
    assert 0.7 < busy < 1.1
    assert all(len(colleague.skills) == 2 for colleague in day.staff)


def test_a_days_tables_are_in_order_and_mean_what_the_day_means(tmp_path: Path) -> None:
    day = draw(60, 20, 0.9)

    write_tables(tmp_path, day, wrap_up=0)
    book = load_folder(tmp_path)

    assert {"efin", "data_change", "kup_information", "pph_information", "general"} <= set(book.requirements)
    for colleague in day.staff:
        competences = {row.skill: row.tier.value for row in book.competences_of(colleague.number)}
        assert competences == colleague.skills
    rings = book.plans[book.requirements["efin"].plan].rings
    assert [ring.after_s for ring in rings] == list(WIDER_AFTER)
    assert ["".join(sorted(ring.tiers)) for ring in rings] == ["B", "BC", "ABC"]


def test_app_queue_is_given_the_same_agents_rings_and_lines() -> None:
    day = draw(60, 20, 0.9)

    text = app_queue_conf.queues(day, {colleague.place: f"a{colleague.place}" for colleague in day.staff})

    assert text.count("strategy = leastrecent") == len(day.lines)
    assert text.count("member => ") == 2 * len(day.staff)
    first, line = day.staff[0], day.lines[0]
    ring = WIDER_AFTER.index(after(first, line) or 0)
    section = text.partition(f"[bench-{line.queue}]")[2].partition("[bench-")[0]
    assert f"member => PJSIP/a0,{ring + 1},,PJSIP/a0" in section
    # Taken when more whole seconds have passed than are written: both arms' rings open after 2 and 4 s.
    assert "penaltychange => 1,2\npenaltychange => 3,3" in app_queue_conf.rules()


def test_columns_count_a_free_agents_offer_only_when_its_call_waited_before() -> None:
    day = draw(60, 1, 0.9)
    colleague, line = day.staff[0], next(line for line in LINES if line.skill in day.staff[0].skills)
    visit = Visit(0, 0.0, line, 5.0, 6.0, agent_ends=True)
    served = Contact(
        visit, waits_since=100.0, served_at=110.2, agent=0, heard=True, ended_at=116.0, how="served"
    )
    gone = Contact(visit, waits_since=100.0, ended_at=103.0, how="impatient")
    phone = AgentPhone.__new__(AgentPhone)
    phone.colleague, phone.busy_offers, phone.talked = colleague, 0, 6.0

    def measured(free_since: float) -> tuple[float, ...]:
        phone.offers = [Offer(0, 110.004, free_since, call=0)]
        return columns(day, [served, gone], [phone]).free_to_invite

    assert measured(110.0) == pytest.approx([4.0], abs=0.01)
    assert measured(99.0) == ()  # the call came after the agent was free
    both = columns(day, [served, gone], [phone])
    assert (both.served, both.impatient, both.lost) == (1, 1, 0)
    assert both.mean_wait == pytest.approx((10.2 + 3.0) / 2)
    assert both.service_level == 0.0
    right = colleague.skills[line.skill] == line.tier
    assert (both.right_tier, both.right_of_served) == ((0.5, 1.0) if right else (0.0, 0.0))


def test_wider_rings_are_late_by_what_passes_from_their_time_to_the_ring_of_whom_they_admit() -> None:
    day = draw(60, 20, 0.9)
    line = LINES[0]
    by_ring = {after(colleague, line): colleague for colleague in day.staff}
    contacts = [
        Contact(Visit(place, 0.0, line, 9.0, 6.0, agent_ends=True), waits_since=100.0) for place in range(3)
    ]
    phones = []
    for call, (ring, at) in enumerate(((0, 101.0), (2, 102.25), (2, 102.5))):
        phone = AgentPhone.__new__(AgentPhone)
        phone.colleague, phone.busy_offers, phone.talked = by_ring[ring], 0, 0.0
        phone.offers = [Offer(phone.colleague.place, at, 0.0, call=call)]
        phones.append(phone)

    found = columns(day, contacts, phones)

    assert found.widened == pytest.approx([0.25, 0.5])
    assert found.rings_late == pytest.approx(0.25)
    assert columns(day, contacts, phones[:1]).rings_late == math.inf


def test_a_call_that_is_offered_after_a_later_one_has_lost_its_place() -> None:
    line = LINES[0]
    came = [
        Contact(Visit(place, 0.0, line, 9.0, 6.0, agent_ends=True), waits_since=place) for place in range(4)
    ]

    assert displaced(came[::-1], {0: 50.0, 1: 51.0, 2: 52.0, 3: 53.0}) == 0
    assert displaced(came, {0: 50.01, 1: 50.0, 2: 52.0, 3: 53.0}) == 0  # within what Asterisk may swap
    assert displaced(came, {0: 54.0, 1: 51.0, 2: 52.0, 3: 53.0}) == 1
    assert displaced(came, {0: 50.0, 1: 51.0, 2: 52.0}) == 1
