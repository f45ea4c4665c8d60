"""An agent's own day: worked out by hand, and the same as everybody else is shown of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, Phase
from reporting.asking import Dimension, Question
from reporting.counts import OF_QUEUES, Counts
from reporting.formulas import FORMULAS
from reporting.own_day import OwnDay
from reporting.schedule_rules import load_schedule_rules
from storage.database import Database
from storage.figure_rollups import RollUps
from storage.schedule_states import DurableAdherence
from tests.storage.figure_world import BUDI, MONDAY, SARI, TUESDAY, FigureWorld, clock, leg, offer, stay
from tests.web.floor_double import agent_view
from web.desk_figures import FiguresOfToday

RING, JOIN, TALK, HOLD = Phase.RING, Phase.JOIN, Phase.TALK, Phase.HOLD
CONSULT, NOTE = Phase.CONSULT, Phase.WRAP_UP


def a_blended_day() -> Sequence[FloorRow]:
    """Return Sari's Monday: calls that came in and calls that we placed, by turns, until after midnight."""
    return [
        AgentRow(SARI, clock("08:00:00"), "ready", "idle"),
        AgentRow(BUDI, clock("08:00:00"), "ready", "idle"),
        # She answers, holds once, writes a note.
        *stay("in-1", "kup", clock("09:00:00"), 5, "answered"),
        *offer("leg-1", "in-1", SARI, clock("09:00:00")),
        *leg("leg-1", "in-1", SARI, clock("09:00:00"),
             (RING, 4), (JOIN, 1), (TALK, 100), (HOLD, 20), (TALK, 30), (NOTE, 15)),
        # A person whom we called.
        *stay("out-1", "outbound/A", clock("09:30:00"), 2, "answered"),
        *offer("leg-2", "out-1", SARI, clock("09:30:00")),
        *leg("leg-2", "out-1", SARI, clock("09:30:00"), (RING, 2), (TALK, 60), (NOTE, 25)),
        # Budi asks her, and goes on alone.
        *stay("in-2", "kup", clock("09:59:00"), 5, "answered"),
        *offer("leg-3", "in-2", BUDI, clock("09:59:00")),
        *leg("leg-3", "in-2", BUDI, clock("09:59:00"),
             (RING, 5), (TALK, 55), (CONSULT, 36), (TALK, 30), (NOTE, 5)),
        *leg("leg-4", "in-2", SARI, clock("10:00:00"), (RING, 6), (CONSULT, 30)),
        # Budi asks her and gives her the call.
        *stay("in-3", "kup", clock("10:29:00"), 3, "answered"),
        *offer("leg-5", "in-3", BUDI, clock("10:29:00")),
        *leg("leg-5", "in-3", BUDI, clock("10:29:00"), (RING, 3), (TALK, 57), (CONSULT, 25), (NOTE, 5)),
        *leg("leg-6", "in-3", SARI, clock("10:30:00"), (RING, 5), (CONSULT, 20), (TALK, 80), (NOTE, 10)),
        # She asks Budi and gives him the call.
        *stay("in-4", "kup", clock("11:00:00"), 3, "answered"),
        *offer("leg-7", "in-4", SARI, clock("11:00:00")),
        *leg("leg-7", "in-4", SARI, clock("11:00:00"),
             (RING, 3), (JOIN, 1), (TALK, 50), (CONSULT, 40), (NOTE, 5)),
        *leg("leg-8", "in-4", BUDI, clock("11:00:54"), (RING, 6), (CONSULT, 34), (TALK, 100), (NOTE, 5)),
        AgentRow(SARI, clock("12:00:00"), "paused", "idle", "prayer", seconds=4 * 3600),
        AgentRow(SARI, clock("12:10:00"), "ready", "idle", seconds=600),
        # A restart cuts a call that came in, another one a call that we placed.
        *stay("in-5", "kup", clock("13:00:00"), 5, "answered"),
        *offer("leg-9", "in-5", SARI, clock("13:00:00")),
        *leg("leg-9", "in-5", SARI, clock("13:00:00"), (RING, 5), (TALK, -120)),
        *stay("out-2", "outbound/A", clock("13:30:00"), 1, "answered"),
        *offer("leg-10", "out-2", SARI, clock("13:30:00")),
        *leg("leg-10", "out-2", SARI, clock("13:30:00"), (RING, 1), (TALK, -40)),
        # Rings in vain.
        *stay("in-6", "kup", clock("14:00:00"), 30, "caller_hung_up"),
        *offer("leg-11", "in-6", SARI, clock("14:00:00"), "ring_time_out"),
        *leg("leg-11", "in-6", SARI, clock("14:00:00"), (RING, 15)),
        # A call through midnight.
        *stay("in-7", "kup", clock("23:59:30"), 10, "answered"),
        *offer("leg-12", "in-7", SARI, clock("23:59:30")),
        *leg("leg-12", "in-7", SARI, clock("23:59:30"), (RING, 10), (TALK, 60), (NOTE, 20)),
        AgentRow(BUDI, clock("16:00:00"), "signed_out", "phone_gone", seconds=8 * 3600),
        AgentRow(SARI, clock("00:20:00", TUESDAY), "signed_out", "phone_gone", seconds=43_800),
    ]  # fmt: skip


# By hand. ACD calls: in-1, 3, 4, 5, 7. Ringing of calls offered to her: 4 + 3 + 5 + 15 + 10. Talking: 130
# + 80 + 50 + 120 + 20 before midnight; ACD time has joining (1 + 1) and asking (40) too. Assisting: 6 + 30,
# 5 + 20.
# Outbound: 2 + 60 + 25, 1 + 40. Interactions: in-1, out-1, in-3, in-4, in-5, out-2; in-7 is over on Tuesday.
OF_MONDAY = Counts(
    acd_calls=5, outbound_calls=2, missed=1, ring_ms=37_000, acd_ms=442_000, talk_ms=400_000, hold_ms=20_000,
    wrap_up_ms=30_000, out_ms=128_000, assisting_ms=61_000, estimated_ms=160_000, interactions=6,
    documented=2, staffed_ms=57_600_000, paused_ms=600_000, attempts=2, contacts=2,
)  # fmt: skip
OF_TUESDAY = Counts(
    acd_ms=40_000, talk_ms=40_000, wrap_up_ms=20_000, interactions=1, staffed_ms=1_200_000
)  # fmt: skip


async def everybody_sees(world: FigureWorld, agent: str, day: date) -> Counts:
    """Return an agent's counts as supervisor's pages, reports and the API are given them."""
    only = {Dimension.AGENT: frozenset({agent})}
    lines = await world.figures.lines(Question(day, day, only=only))
    return lines[0].counts if lines else Counts()


@pytest.fixture
async def world(database: Database) -> FigureWorld:
    world = FigureWorld(database)
    await world.put(a_blended_day())
    world.campaign()
    for dial in ("out-1", "out-2"):
        world.dial(dial, "talked", joined=SARI)
    world.note("in-1", SARI, "kup", clock("09:05:00"))
    world.note("out-1", SARI, "kup", clock("09:40:00"))
    return world


async def test_a_blended_agents_day_is_what_was_worked_out_by_hand(world: FigureWorld) -> None:
    monday = await world.counter.own(SARI, MONDAY)
    assert monday == OwnDay(SARI, MONDAY, OF_MONDAY, {"prayer": 600_000}, ["in-3", "in-4", "in-5", "out-2"])
    assert await world.counter.own(SARI, TUESDAY) == OwnDay(SARI, TUESDAY, OF_TUESDAY, {}, ["in-7"])
    assert await world.counter.own("10099", MONDAY) == OwnDay("10099", MONDAY, without_note=[])

    wanted = {
        "art": 37 / 5,
        "aht": (442 + 20 + 30) / 5,
        "out_aht": 128 / 2,
        "ce": 400 / 442,
        "cph": 5 / 16,
        "crm": 2 / 6,
        "occupancy": (37 + 442 + 20 + 30 + 128 + 61) / (57_600 - 600),
    }
    for name, value in wanted.items():
        assert FORMULAS[name].of(monday.counts).value == pytest.approx(value), name


async def test_everybody_sees_the_same_day(world: FigureWorld) -> None:
    rollups = RollUps(world.database, world.counter, None, world.clock, near=timedelta())
    for _ in ("from the event log", "from roll-ups"):
        for agent in (SARI, BUDI):
            for day in (MONDAY, TUESDAY):
                own = (await world.counter.own(agent, day)).counts
                assert await everybody_sees(world, agent, day) == own
        await rollups.round()
    world.clock.at = clock("15:30:00")
    shown = await FiguresOfToday(world.counter, world.clock).of(agent_view(SARI), {})
    theirs = await everybody_sees(world, SARI, MONDAY)
    assert (shown.answered, shown.outbound) == (theirs.acd_calls, theirs.outbound_calls) == (5, 2)
    for mine, name in (
        (shown.average_ring, "art"),
        (shown.average_handling, "aht"),
        (shown.outbound_handling, "out_aht"),
        (shown.call_efficiency, "ce"),
        (shown.calls_per_hour, "cph"),
        (shown.occupancy, "occupancy"),
    ):
        assert mine == FORMULAS[name].of(theirs).value, name


async def test_what_goes_on_counts_until_now(database: Database) -> None:
    world = FigureWorld(database)
    night = clock("23:50:00")
    await world.put([
        AgentRow(SARI, clock("23:40:00"), "ready", "idle"),
        AgentRow(BUDI, clock("00:04:00", TUESDAY), "paused", "idle", "break"),
        *stay("in-1", "kup", night, 10, "answered"),
        *offer("leg-1", "in-1", SARI, night),
        *leg("leg-1", "in-1", SARI, night, (RING, 10)),
        LegRow("leg-1", 3, night + timedelta(seconds=10), "in-1", SARI, TALK),
        EntryRow("in-2", clock("00:04:50", TUESDAY), "kup", "id", clock("00:04:50", TUESDAY)),
    ])  # fmt: skip
    world.clock.at = clock("00:05:00", TUESDAY)
    sari, budi = [await world.counter.own(agent, TUESDAY) for agent in (SARI, BUDI)]
    assert sari.counts == Counts(acd_ms=300_000, talk_ms=300_000, staffed_ms=300_000)
    assert (budi.counts, budi.pauses) == (Counts(staffed_ms=60_000, paused_ms=60_000), {"break": 60_000})
    assert [await everybody_sees(world, agent, TUESDAY) for agent in (SARI, BUDI)] == [
        sari.counts,
        budi.counts,
    ]
    # Of a day that is over, what goes on is told once it has ended.
    assert (await world.counter.own(SARI, MONDAY)).counts == Counts(acd_calls=1, ring_ms=10_000)
    assert (await everybody_sees(world, SARI, MONDAY)) == Counts(acd_calls=1, ring_ms=10_000)


async def test_days_drawn_at_random_are_the_same_for_everybody(database: Database) -> None:
    draw = random.Random(20250602)
    world, agents = FigureWorld(database), [str(number) for number in range(10001, 10006)]
    world.campaign()
    rows: list[FloorRow] = []
    for number in range(40):
        rows += drawn_call(draw, world, f"call-{number}", agents)
    for agent in agents:
        rows += drawn_states(draw, agent)
    await world.put(rows)
    world.clock.at = clock("12:00:00", TUESDAY)
    schedules = DurableAdherence(database, load_schedule_rules(), world.clock)
    seen = Counts()
    for agent in agents:
        for day in (MONDAY, TUESDAY):
            own = await world.counter.own(agent, day)
            assert await everybody_sees(world, agent, day) == own.counts, (agent, day)
            assert sum(own.pauses.values()) == own.counts.paused_ms
            assert len(own.without_note) == own.counts.interactions - own.counts.documented
            signed_in = await schedules.signed_in(agent, day)
            assert abs(signed_in / timedelta(milliseconds=1) - own.counts.staffed_ms) < 50  # each is rounded
            seen += own.counts
    of_agents = set(Counts.__slots__) - OF_QUEUES - {"ivr_only", "scheduled_ms", "adherent_ms"}
    never = {"chats", "chats_in_time", "mails_assigned", "mails_answered", "out_abandoned"}
    assert all(getattr(seen, name) for name in of_agents - never), seen


def drawn_call(draw: random.Random, world: FigureWorld, call: str, agents: Sequence[str]) -> list[FloorRow]:
    """Return a call at some time of two days, offered to one or more agents in turn."""
    at = clock("00:00:00") + timedelta(seconds=draw.randrange(33 * 3600))
    ours = draw.random() < 0.3
    if ours:
        world.dial(call, "talked", joined=draw.choice(agents))
    wrote: set[str] = set()
    rows: list[FloorRow] = [*stay(call, draw.choice(["kup", "efin"]), at, draw.randrange(40), "answered")]
    for turn in range(draw.randrange(1, 4)):
        agent, name = draw.choice(agents), f"leg-{call.split('-')[1]}{turn}"
        phases = [(RING, draw.uniform(0, 20))]
        phases += [
            (
                draw.choice([JOIN, TALK, TALK, HOLD, CONSULT]),
                draw.uniform(0, 500) * draw.choice([1, 1, 1, -1]),
            )
            for _ in range(draw.randrange(5))
        ]
        phases += [(NOTE, draw.uniform(0, 60))] if len(phases) > 1 else []
        if turn == 0 or draw.random() < 0.5:
            rows += offer(name, call, agent, at, "ring_time_out" if len(phases) == 1 else "accepted")
        rows += leg(name, call, agent, at, *phases)
        if draw.random() < 0.4 and agent not in wrote:
            wrote.add(agent)
            world.note(call, agent, "kup", at)
        at += timedelta(seconds=draw.randrange(300))
    return rows


def drawn_states(draw: random.Random, agent: str) -> list[FloorRow]:
    """Return an agent's states over two days, the last of which goes on."""
    at: datetime = clock("05:00:00") + timedelta(seconds=draw.randrange(3600))
    rows: list[FloorRow] = [AgentRow(agent, at, "ready", "idle")]
    while at < clock("08:00:00", TUESDAY):
        seconds = draw.uniform(60, 12_000)
        at += timedelta(seconds=seconds)
        declared, observed = draw.choice(["ready", "paused", "signed_out"]), draw.choice(["idle", "talking"])
        rows.append(AgentRow(agent, at, declared, observed, draw.choice(["", "prayer"]), seconds=seconds))
    return rows
