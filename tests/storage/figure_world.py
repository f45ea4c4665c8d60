"""A day of two agents as rows of the event log, and what it comes to, worked out by hand. All made up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, Phase
from reporting.counts import Counts
from reporting.facts import Places, load_service_levels
from reporting.rollup import Key
from storage.attempt_tables import attempts
from storage.campaign_tables import campaigns
from storage.database import Database
from storage.figure_facts import Outcomes
from storage.figures import DayCounter, DurableFigures, Tables
from storage.floor_log import DurableFloorLog
from storage.interaction_tables import interaction_notes
from storage.tables import calls

MONDAY, TUESDAY = date(2025, 6, 2), date(2025, 6, 3)
SARI, BUDI = "10001", "10002"
OUTCOMES = Outcomes(frozenset({"talked", "abandoned"}), frozenset({"abandoned"}))
_RING, _JOIN, _TALK, _HOLD = Phase.RING, Phase.JOIN, Phase.TALK, Phase.HOLD
_CONSULT, _NOTE = Phase.CONSULT, Phase.WRAP_UP


def clock(text: str, day: date = MONDAY) -> datetime:
    """Return a time of day, WIB, in UTC."""
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, seconds, tzinfo=UTC) - timedelta(hours=7)


def leg(name: str, call: str, agent: str, began: datetime, *phases: tuple[Phase, float]) -> list[LegRow]:
    """Return a leg's rows: its phases one after the other, seconds each; a negative length is estimated."""
    rows: list[LegRow] = []
    for phase, seconds in phases:
        rows.append(LegRow(name, len(rows) + 1, began, call, agent, phase))
        began += timedelta(seconds=abs(seconds))
        cut = seconds < 0
        rows.append(
            LegRow(name, len(rows) + 1, began, call, agent, phase, abs(seconds), "over", estimated=cut)
        )
    return rows


def offer(name: str, call: str, agent: str, at: datetime, outcome: str = "accepted") -> list[OfferRow]:
    """Return an offer that was made, and that ended five seconds later."""
    made = OfferRow(int(name.split("-")[1]), at, call, agent, name, 0, 5.0)
    ended = OfferRow(made.number, at + timedelta(seconds=5), call, agent, name, 0, 5.0, outcome)
    return [made, ended]


def stay(
    call: str, queue: str, at: datetime, seconds: float, outcome: str, since: datetime | None = None
) -> list[EntryRow]:
    """Return a stay in the waiting room; of an open one (no outcome) the begin alone."""
    rows = [EntryRow(call, at, queue, "id", since or at)]
    if outcome:
        rows.append(EntryRow(call, at + timedelta(seconds=seconds), queue, "id", since or at, outcome))
    return rows


def the_floor() -> Sequence[FloorRow]:
    """Return what happened on the floor.

    Sari is signed in 08:00-16:00, paused until 08:30; Budi 09:00 until half past midnight.
    """
    before = clock("10:00:00")
    return [
        AgentRow(SARI, clock("08:00:00"), "paused", "idle"),
        AgentRow(SARI, clock("08:30:00"), "ready", "idle", seconds=1800),
        # call-1: Sari answers after 13 s, holds once, writes a note.
        *stay("call-1", "efin", clock("08:30:50"), 13, "answered"),
        *offer("leg-1", "call-1", SARI, clock("08:30:58")),
        *leg("leg-1", "call-1", SARI, clock("08:30:58"),
             (_RING, 4), (_JOIN, 1), (_TALK, 100), (_HOLD, 30), (_TALK, 50), (_NOTE, 20)),
        # call-2: rings in vain at Sari, who gives up after 50 s.
        *stay("call-2", "efin", clock("08:49:30"), 50, "caller_hung_up"),
        *offer("leg-2", "call-2", SARI, clock("08:50:00"), "ring_time_out"),
        *leg("leg-2", "call-2", SARI, clock("08:50:00"), (_RING, 15)),
        AgentRow(BUDI, clock("09:00:00"), "ready", "idle"),
        # call-3: Sari answers after 26 s, asks Budi, who takes it over; a restart cuts his talk.
        *stay("call-3", "kup", clock("09:09:40"), 26, "answered"),
        *offer("leg-3", "call-3", SARI, clock("09:10:00")),
        *leg("leg-3", "call-3", SARI, clock("09:10:00"),
             (_RING, 5), (_JOIN, 1), (_TALK, 60), (_CONSULT, 40), (_NOTE, 10)),
        *leg("leg-4", "call-3", BUDI, clock("09:11:06"),
             (_RING, 6), (_CONSULT, 34), (_TALK, -200), (_NOTE, 60)),
        # call-5: leaves for a callback after a minute, is called back at eleven.
        *stay("call-5", "efin", before, 60, "callback"),
        *stay("call-5", "efin", clock("11:00:00"), 10, "answered", since=before),
        *offer("leg-5", "call-5", BUDI, clock("11:00:00")),
        *leg("leg-5", "call-5", BUDI, clock("11:00:00"), (_RING, 5), (_JOIN, 5), (_TALK, 30), (_NOTE, 10)),
        # call-7: Sari gives it away to another queue, where Budi takes it.
        *stay("call-7", "efin", clock("13:00:00"), 5, "answered"),
        *offer("leg-7", "call-7", SARI, clock("13:00:02")),
        *leg("leg-7", "call-7", SARI, clock("13:00:02"), (_RING, 2), (_JOIN, 1), (_TALK, 55), (_NOTE, 15)),
        *stay("call-7", "kup", clock("13:01:00"), 35, "answered", since=clock("13:00:00")),
        *offer("leg-8", "call-7", BUDI, clock("13:01:30")),
        *leg("leg-8", "call-7", BUDI, clock("13:01:30"), (_RING, 4), (_JOIN, 1), (_TALK, 25), (_NOTE, 5)),
        # call-8: Budi asks Sari, who stays on the line beside him.
        *stay("call-8", "kup", clock("14:00:00"), 5, "answered"),
        *offer("leg-9", "call-8", BUDI, clock("14:00:00")),
        *leg("leg-9", "call-8", BUDI, clock("14:00:00"),
             (_RING, 3), (_JOIN, 2), (_TALK, 20), (_CONSULT, 15), (_TALK, 30), (_NOTE, 10)),
        *leg("leg-10", "call-8", SARI, clock("14:00:25"), (_RING, 5), (_CONSULT, 40)),
        # dial-1: a person whom we called talks with Budi.
        *stay("dial-1", "outbound/A", clock("15:00:10"), 1, "answered"),
        *offer("leg-11", "dial-1", BUDI, clock("15:00:10")),
        *leg("leg-11", "dial-1", BUDI, clock("15:00:10"), (_RING, 1), (_TALK, 60), (_NOTE, 20)),
        AgentRow(SARI, clock("16:00:00"), "signed_out", "phone_gone", seconds=27000),
        # call-6: comes before midnight, is answered after it.
        *stay("call-6", "kup", clock("23:59:50"), 15, "answered"),
        *offer("leg-6", "call-6", BUDI, clock("23:59:58")),
        *leg("leg-6", "call-6", BUDI, clock("23:59:58"), (_RING, 5), (_JOIN, 2), (_TALK, 600), (_NOTE, 30)),
        AgentRow(BUDI, clock("00:30:00", TUESDAY), "signed_out", "phone_gone", seconds=55800),
    ]  # fmt: skip


# By hand, Monday. Waits: 13 + 50 + 26 + 60 + 15 + 5 + 5 = 174 s; in time (20 s) are calls 1, 6, 7, 8.
# Legs with a talk that began on Monday: call-1 Sari, call-3 Sari and Budi, call-5 Budi, call-7 Sari and Budi,
# call-8 Budi. Ringing: 4 + 15 + 5 + 5 + 2 + 4 + 3 and 2 s of call-6 before midnight. ACD time: joining
# 1 + 1 + 5 + 1 + 1 + 2, talking 150 + 60 + 200 + 30 + 55 + 25 + 50, asking 40 + 15. Assisting: Budi 6 + 34,
# Sari 5 + 40.
MONDAY_COUNTS = Counts(
    incoming=7,
    ivr_only=1,
    answered=5,
    in_time=4,
    abandoned=1,
    called_back=1,
    waited_ms=174_000,
    acd_calls=7,
    outbound_calls=1,
    missed=1,
    ring_ms=40_000,
    acd_ms=636_000,
    talk_ms=570_000,
    hold_ms=30_000,
    wrap_up_ms=130_000,
    out_ms=81_000,
    assisting_ms=85_000,
    estimated_ms=200_000,
    interactions=8,
    documented=3,
    staffed_ms=82_800_000,  # Sari 8 h, Budi 15 h
    paused_ms=1_800_000,
    attempts=3,
    contacts=2,
    out_abandoned=1,
)
TUESDAY_COUNTS = Counts(
    acd_calls=1, ring_ms=3_000, acd_ms=602_000, talk_ms=600_000, wrap_up_ms=30_000, interactions=1,
    staffed_ms=1_800_000,
)  # fmt: skip
# Of the half hour 09:00 (WIB): Budi's cut talk lasts until 09:15:06, so 6 s of it are of the next quarter.
QUARTERS_OF_BUDI = {
    "09:00:00": Counts(
        acd_calls=1, acd_ms=194_000, talk_ms=194_000, assisting_ms=40_000, estimated_ms=194_000
    ),
    "09:15:00": Counts(
        acd_ms=6_000, talk_ms=6_000, wrap_up_ms=60_000, estimated_ms=6_000, interactions=1
    ),
}  # fmt: skip
NOTES = (("call-1", SARI, "pph"), ("call-7", BUDI, "kup"), ("dial-1", BUDI, "kup"))


@dataclass(slots=True)
class ClockDouble:
    """A clock that stands."""

    at: datetime = field(default_factory=lambda: clock("08:00:00", date(2025, 6, 10)))
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds


class PlacesDouble:
    """Two teams, two queues; the same on every day."""

    async def on(self, day: date) -> Places:
        return self

    def team(self, agent: str) -> str:
        return {SARI: "alfa", BUDI: "beta"}.get(agent, "")

    def tier(self, agent: str) -> str:
        return {SARI: "A", BUDI: "C"}.get(agent, "")

    def tier_of_queue(self, queue: str) -> str:
        return {"efin": "A", "kup": "B"}.get(queue, "")

    def branch_of_queue(self, queue: str) -> str:
        return {"efin": "efin_token", "kup": "kup"}.get(queue, "")

    def members(self, teams: Collection[str]) -> Collection[str]:
        return [agent for agent in (SARI, BUDI) if self.team(agent) in teams]


class FigureWorld:
    """The day on a database."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, ClockDouble()
        self.counter = DayCounter(
            database, Tables(PlacesDouble(), load_service_levels(), OUTCOMES, adherence=None), self.clock
        )
        self.figures = DurableFigures(database, self.counter, self.clock)

    async def put(self, rows: Sequence[FloorRow]) -> None:
        """Let something have happened on the floor."""
        log = DurableFloorLog(self.database, asyncio.get_running_loop())
        await log.write(rows)
        await log.close()

    async def the_day(self) -> None:
        """Let the whole day have happened."""
        await self.put(the_floor())
        for call_id in ("call-1", "call-2", "call-3", "call-5", "call-7", "call-8"):
            self.call(call_id, clock("08:00:00"), clock("15:00:00"))
        self.call("call-4", clock("10:00:00"), clock("10:01:00"))
        self.call("call-6", clock("23:59:40"), clock("00:10:05", TUESDAY))
        self.campaign()
        self.dial("dial-1", "talked", joined=BUDI)
        self.dial("dial-2", "no_answer")
        self.dial("dial-3", "abandoned")
        self.dial("dial-4", "")
        for call_id, agent, branch in NOTES:
            self.note(call_id, agent, branch, clock("16:00:00"))

    def call(self, call_id: str, began: datetime, ended: datetime | None) -> None:
        """Put a call on record."""
        self._insert(
            calls,
            call_id=call_id,
            channel=call_id,
            dialled="1500200",
            flow_version="v",
            started_at=began,
            ended_at=ended,
            end_reason="completed" if ended else None,
        )

    def note(self, call_id: str, agent: str, branch: str, at: datetime) -> None:
        """Put an interaction note on record."""
        self._insert(
            interaction_notes,
            note_id=f"note-{call_id}-{agent}",
            version=1,
            call_id=call_id,
            at=at,
            first_at=at,
            staff_id=agent,
            agent=agent,
            team="",
            branch=branch,
            category="",
            result="",
            language="id",
            sealed_text=b"",
        )

    def campaign(self) -> None:
        """Put a campaign on record."""
        at = clock("07:00:00")
        self._insert(
            campaigns,
            campaign_id="camp-1",
            state="running",
            version=1,
            created_by="s",
            created_at=at,
            changed_at=at,
        )

    def dial(self, attempt_id: str, outcome: str, joined: str = "") -> None:
        """Put a dial on record that ended; without an outcome it was not sent."""
        at, key = clock("15:00:00"), attempt_id.encode()
        self._insert(
            attempts,
            attempt_id=attempt_id,
            campaign_id="camp-1",
            version=1,
            lead_id=1,
            ordinal=1,
            taxpayer_key=key,
            number_key=key,
            sealed_number=b"",
            zone="wib",
            mode="progressive",
            agent="",
            engine="e",
            code_key=key,
            sealed_code=b"",
            intended_at=at,
            state="intent",
            step=0,
            changed_at=at,
        )
        steps = ["dialing", "ended"] if outcome else ["not_sent"]
        for step, state in enumerate(steps, 1):
            values: dict[str, Any] = {"state": state, "step": step, "changed_at": at}
            if step == len(steps):
                values |= {"ended_at": at + timedelta(minutes=2), "outcome": outcome, "joined": joined}
            which = attempts.c.attempt_id == attempt_id
            self.database.write_now(
                lambda c, values=values, which=which: c.execute(  # type: ignore[misc]
                    sa.update(attempts).where(which).values(values)
                )
            )

    def _insert(self, table: sa.Table, **values: Any) -> None:
        self.database.write_now(lambda connection: connection.execute(sa.insert(table).values(values)))


EFIN_OF_SARI = Key(SARI, "alfa", "A", "efin", "efin_token", "in")
