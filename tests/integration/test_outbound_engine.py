"""An engine that really dials: real Asterisk, real record, a SIP far end. Floor and leads are doubles."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import ari
from ari import events
from asterisk_conf.ami import Ami
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import APPLICATION
from dialer.attempts import Attempt, AttemptState, DialOutcome
from dialer.campaigns import Campaign
from dialer.contacts import Contact, Person
from dialer.engine import Engine
from dialer.engine_ports import EnginePorts
from dialer.engine_rules import EngineRules
from dialer.leads import Lead, LeadState
from dialer.outcomes import load_outcomes
from dialer.pacing.progressive import Progressive
from dialer.ports import LineEnd, OutboundAgent
from domain.clock import SystemClock
from domain.ids import new_id
from domain.zones import Zone
from service.agent_telephony import LEG_LANES
from service.outbound_ledger import CelLedger
from service.outbound_lines import AriLines
from service.outbound_part import DialerPart
from storage.attempts import DurableAttempts
from storage.database import Database
from storage.vault import Vault
from tests import real_asterisk
from tests.far_end import HANGS_UP, RINGS, FarEnd
from tests.real_asterisk import RealAsterisk
from tests.unit.engine_world import Counts, Floor, Leads, Orders, campaign

pytestmark = [pytest.mark.asterisk, pytest.mark.sip]

WITHIN = 30.0  # seconds: a busy machine is slow


class ListedLeads(Leads):
    """Leads with the numbers that a test wants dialled."""

    def __init__(self, *does: str) -> None:
        super().__init__()
        self._does = list(does)
        self.most = len(does)

    def make(self, campaign_id: str, number: int | None = None) -> Lead:
        n = len(self.all) + 1 if number is None else number
        key = f"{n:016d}".encode()
        called = f"62811{n:05d}{self._does[n - 1]}"
        contact = Contact(
            n, "e" * 32, n, key, (key,), Zone.WIB, "", Person("3171015502900001", "Contoh", (called,))
        )
        self.all[n] = lead = Lead(n, campaign_id, contact, LeadState.READY, datetime.now(UTC), 0, 0)
        return lead


class Place:
    """One process's dialer over an Asterisk and a database that outlive it."""

    def __init__(self, asterisk: RealAsterisk, database: Database, vault: Vault, leads: Leads) -> None:
        self.asterisk, self.leads = asterisk, leads
        self.floor, self.counts = Floor(), Counts()
        self.orders = Orders([campaign(ring_seconds=15.0)])
        self.attempts = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
        self.client = ari.Client(
            f"http://127.0.0.1:{asterisk.settings.ari_port}",
            asterisk.user,
            asterisk.password,
            APPLICATION,
            lanes=LEG_LANES,
        )
        self.ledger = CelLedger(asterisk.settings.ledger)
        self.ami = Ami(asterisk.settings)
        self.answers: list[str] = []
        self.engine = self._engine()
        self._serves()

    def _engine(self) -> Engine:
        ports = EnginePorts(
            attempts=self.attempts,
            role=self.attempts,
            leads=self.leads,  # type: ignore[arg-type]
            campaigns=self.orders,  # type: ignore[arg-type]
            orders=self.orders,
            floor=self.floor,
            lines=AriLines(self.client, SystemClock(), self.ami.hang_up),
            ledger=self.ledger,
            room=lambda: True,
            clock=SystemClock(),
            observer=self.counts,
            sleep=asyncio.sleep,
        )
        rules = EngineRules(_progressive, load_outcomes(), 30, new_id)
        return Engine(ports, rules, "dialer", new_id())

    def _serves(self) -> None:
        """Whoever answers is talked to by an agent at once, until they hang up."""

        def arrived(event: events.StasisStart) -> None:
            attempt = event.channel.id.removeprefix("out-")
            self.answers.append(attempt)
            self.engine.answered(attempt, event.args[-1])
            self.engine.joined(attempt, "1")
            self.engine.over(attempt, DialOutcome.TALKED)

        def destroyed(event: events.ChannelDestroyed) -> None:
            if event.channel.id.startswith("out-") and ";" not in event.channel.id:
                attempt = event.channel.id.removeprefix("out-")
                up = event.channel.state == "Up"
                self.engine.ended(LineEnd(attempt, event.cause, event.tech_cause or 0, up))

        def changed(state: ari.State) -> None:
            (self.engine.back if state is ari.State.READY else self.engine.lost)()

        self.client.on_event(events.StasisStart, arrived)
        self.client.on_event(events.ChannelDestroyed, destroyed)
        self.client.on_state(changed)

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Place"]:
        """Run it; at the end it stops as the service does."""
        running = asyncio.create_task(self.client.run())
        await self.client.ready()
        part = DialerPart(self.engine, self.ledger, self.ami)
        await part.begin()
        try:
            yield self
        finally:
            await part.end()
            await self.client.close()
            await asyncio.gather(running, return_exceptions=True)
            await self.attempts.close()

    def agents(self, many: int) -> None:
        now = asyncio.get_running_loop().time()
        self.floor.agents = {str(n): OutboundAgent(str(n), "idle", now, False) for n in range(many)}
        self.floor.changed()

    async def row(self, lead: int, *states: AttemptState) -> Attempt:
        """Wait until a lead's attempt is in one of these states."""
        found: list[Attempt] = []
        key = f"{lead:016d}".encode()
        async with asyncio.timeout(WITHIN):
            while not found or found[0].state not in states:
                found = list(await self.attempts.to_taxpayer(key, datetime(2020, 1, 1, tzinfo=UTC)))
                await asyncio.sleep(0.02)
        return found[0]


def _progressive(_: Campaign) -> Progressive:
    return Progressive()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def guarded(asterisk_program: AsteriskProgram) -> Iterator[tuple[RealAsterisk, int]]:
    """One Asterisk for this module, whose trunk leads to a port of ours at any hour."""
    port = real_asterisk.free_port()
    running = asyncio.run(
        real_asterisk.start(asterisk_program, outbound=f"127.0.0.8:{port}", outbound_hours=(0, 24))
    )
    yield running, port
    asyncio.run(real_asterisk.stop(running))


@pytest.fixture
async def far(guarded: tuple[RealAsterisk, int]) -> AsyncIterator[FarEnd]:
    async with FarEnd("127.0.0.8", guarded[1]) as far:
        yield far


@pytest.fixture
def place(guarded: tuple[RealAsterisk, int], tmp_path: Path) -> Iterator[Callable[..., Place]]:
    database = Database.open(f"sqlite:///{tmp_path / 'kring.db'}")
    vault = Vault.create(tmp_path / "key")
    leads: list[Leads] = []

    def made(*does: str) -> Place:
        leads[:] = leads or [ListedLeads(*does)]
        return Place(guarded[0], database, vault, leads[0])

    yield made
    database.close()


ENDED = AttemptState.ENDED
O = DialOutcome  # noqa: E741 - a word for the table below


async def test_a_progressive_campaign_dials_each_lead_once_and_knows_what_became_of_it(
    place: Callable[..., Place], far: FarEnd
) -> None:
    expected: dict[str, DialOutcome] = {
        "486": O.BUSY,
        "404": O.NOT_IN_SERVICE,
        "480": O.NO_ANSWER,
        "503": O.CONGESTION,
        "603": O.REJECTED,
        "302": O.MOVED,
        HANGS_UP: O.TALKED,
        "600": O.BUSY,
    }
    async with place(*expected).working() as working:
        working.agents(3)
        for lead, (does, outcome) in enumerate(expected.items(), 1):
            row = await working.row(lead, ENDED)
            assert (row.outcome, row.answered_at is not None) == (outcome, does == HANGS_UP)
            if does != HANGS_UP:
                assert row.sip_code == int(does)
        assert working.counts.dials == len(expected)
        await until(lambda: len(working.leads.settled) == len(expected))
        assert working.counts.failures == 0
    numbers = [invite.number for invite in far.invites]
    assert len(numbers) == len(set(numbers)) == len(expected)
    # Never more lines than agents: with three, three INVITEs at most are under way at once.
    ended = [row for row in working.ledger.rows() if row.what == "END"]
    assert len(ended) >= len(expected)


async def test_when_ari_is_lost_what_rings_is_cancelled_all_the_same(
    place: Callable[..., Place], far: FarEnd
) -> None:
    async with place(RINGS, RINGS).working() as working:
        working.agents(2)
        await until(lambda: len(far.invites) == 2)
        await working.client.close()
        await until(lambda: all(invite.cancelled for invite in far.invites))
        assert working.engine.look().state == "starting"
    assert len(far.invites) == 2


async def test_what_a_process_left_behind_is_found_out_by_the_next_and_dialled_by_nobody(
    place: Callable[..., Place], far: FarEnd
) -> None:
    first = place(RINGS, RINGS, "486")
    first.leads.most = 2
    running = asyncio.create_task(first.client.run())
    await first.client.ready()
    first.engine.start()
    first.agents(2)
    await until(lambda: len(far.invites) == 2)
    ringing = [await first.row(lead, AttemptState.DIALING) for lead in (1, 2)]
    # It dies: nobody hears what happens from here on, nobody gives the role up.
    first.engine.lost = lambda: None  # type: ignore[method-assign]
    first.engine.ended = lambda end: None  # type: ignore[method-assign]
    for task in [*first.engine._loops, *first.engine._tasks]:
        task.cancel()
    await first.client.close()
    await asyncio.gather(running, return_exceptions=True)
    await first.ami.hang_up(f"out-{ringing[0].attempt_id}")
    await until(lambda: sum(invite.cancelled for invite in far.invites) == 1)
    await first.attempts.take("dialer", first.engine._holder, -1.0)  # its role expires
    first.leads.most = 3

    async with place().working() as second:
        second.agents(2)
        gone = await second.row(1, ENDED)
        assert gone.outcome is O.CANCELLED  # as the ledger tells
        busy = await second.row(3, ENDED)
        assert busy.outcome is O.BUSY
        assert second.engine.look().lines == 1  # the one that still rings was taken over
        second.floor.agents.clear()
        second.floor.changed()
        taken_over = await second.row(2, ENDED)
        assert taken_over.outcome is O.CANCELLED
    numbers = [invite.number for invite in far.invites]
    assert len(numbers) == len(set(numbers)) == 3


async def test_an_order_that_asterisk_never_answered_is_looked_up(
    place: Callable[..., Place], far: FarEnd
) -> None:
    working_place = place("486")

    async def cut(dial: Any) -> bool:
        placed = await placing(dial)
        assert placed  # it was carried out, and the answer was lost
        raise TimeoutError

    async with working_place.working() as working:
        lines = working.engine._ports.lines
        placing = lines.place
        lines.place = cut  # type: ignore[method-assign]
        working.agents(1)
        row = await working.row(1, ENDED)
        assert (row.outcome, row.sip_code) == (O.BUSY, 486)
        await asyncio.sleep(0.5)
    assert len(far.invites) == 1
