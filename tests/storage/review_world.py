"""A day at the office as the index of facts reads it: recordings, notes, rows of the floor, scores."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from desk.notes import NewNote, NoteContent
from domain.floor_log import Phase
from recording.recordings import Mode, Recording
from recording.states import State
from storage.database import Database
from storage.interactions import DurableInteractions
from storage.outbound_tables import outbound_dispositions
from storage.recording_tables import recording_measures
from storage.recordings import DurableRecordings
from storage.review_facts import FactRules
from storage.review_feed import ReviewFeed
from storage.review_find import ReviewFinder
from storage.review_names import ReviewNames
from storage.score_tables import score_standings, scores
from storage.staff_tables import staff
from storage.tables import floor_legs
from storage.vault import Vault

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday, 11.00 WIB
TEAMS = {"1001": "utara", "1002": "selatan"}


class ReviewWorld:
    """Puts things on record, and feeds the index."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault, self.now = database, vault, NOW
        self.names = ReviewNames()
        self.book = DurableRecordings(database)
        self.notes = DurableInteractions(database, vault)
        rules = FactRules(timedelta(days=90), lambda number: TEAMS.get(number, ""))
        self.feed = ReviewFeed(database, vault, self.names, rules)
        self.finder = ReviewFinder(database, vault, self.names)
        self._n = 0

    async def records(self, at: datetime = NOW, agent: str = "1001", **values: Any) -> Recording:
        """Put a sealed recording of three minutes on record."""
        call_id = values.pop("call_id", f"call-{uuid4().hex[:8]}")
        silence, overlap = values.pop("silence_ms", 18_000), values.pop("overlap_ms", 9_000)
        one = Recording(
            uuid4().hex, call_id, 1, "leg", values.pop("direction", "in"), values.pop("queue", "kup/1"),
            values.pop("campaign_id", ""), agent, "id", Mode.ALWAYS, State.PLANNED, at,
        )  # fmt: skip
        await self.book.plan(one)
        await self.book.move(one.recording_id, "start", at)
        length = values.pop("audio_ms", 180_000)
        await self.book.move(one.recording_id, "stop", self.now, {"expected_ms": length})
        if values.pop("seal", True):
            await self.book.move(one.recording_id, "verify", self.now, {"audio_ms": length})
            await self.book.move(one.recording_id, "seal", self.now)
            measures = {
                "recording_id": one.recording_id, "caller_ms": 60_000, "agent_ms": 90_000,
                "silence_ms": silence, "overlap_ms": overlap, "longest_silence_ms": 4000, "turns": 12,
                "interruptions": 2, "agent_pace": 4.0, "caller_pace": 4.2,
            }  # fmt: skip
            await self._insert(recording_measures, measures)
        assert not values, values
        return one

    async def writes(
        self, call_id: str, branch: str, category: str, question: str = "tanya", agent: str = "1001"
    ) -> None:
        """Save a note."""
        content = NoteContent(branch, category, "answered", "id", "Budi", question, "jawaban")
        note = NewNote(uuid4().hex, call_id, content, "s" * 32, agent, TEAMS[agent], self.now, None)
        await self.notes.save(note)

    async def phase(self, call_id: str, phase: Phase, seconds: float, outcome: str, seq: int = 2) -> None:
        """Put the end of a phase of an agent's leg on record."""
        self._n += 1
        row = {
            "n": self._n, "leg": f"leg-{call_id}", "seq": seq, "at": self.now, "call_id": call_id,
            "agent": "1001", "phase": phase.value, "seconds": seconds, "outcome": outcome, "estimated": False,
        }  # fmt: skip
        await self._insert(floor_legs, row)

    async def disposes(self, call_id: str, campaign_id: str, code: str) -> None:
        """Put an outbound call's disposition on record."""
        row = {
            "call_id": call_id, "number": 1, "attempt_id": "a", "campaign_id": campaign_id, "lead_id": 1,
            "at": self.now, "done_by": "system", "agent": "1001", "code": code, "owner": "",
        }  # fmt: skip
        await self._insert(outbound_dispositions, row)

    async def scores(self, one: Recording, total: int, kind: str = "review", state: str = "final") -> None:
        """Make a score final."""
        self.now += timedelta(seconds=1)
        score_id = uuid4().hex
        row = {
            "score_id": score_id, "recording_id": one.recording_id, "call_id": one.call_id,
            "agent": one.agent, "form": "inbound", "form_version": 1, "kind": kind, "reviewer": "r" * 32,
            "reminds_of": "", "started_at": self.now, "final_at": self.now, "total": total, "effects": "",
            "sealed_body": b"",
        }  # fmt: skip
        await self._insert(scores, row)
        await self._insert(score_standings, {"score_id": score_id, "state": state, "steps": 1})

    async def employs(self, number: str, since: datetime) -> None:
        """Make an account of an agent."""
        row = {
            "staff_id": uuid4().hex, "user_name_lookup": number.encode(), "sealed_user_name": b"",
            "sealed_display_name": b"", "roles": "agent", "number": number, "team": TEAMS[number],
            "language": "id", "disabled": False, "created_at": since, "changed_at": since,
        }  # fmt: skip
        await self._insert(staff, row)

    async def feeds(self, later: timedelta = timedelta(seconds=5)) -> int:
        """Let the index catch up; return how many recordings were written."""
        self.now += later
        return (await self.feed.pass_once(self.now)).recordings

    async def _insert(self, table: sa.Table, row: dict[str, Any]) -> None:
        await self.database.write(lambda connection: connection.execute(sa.insert(table), [row]))


def ids(found: Any) -> list[str]:
    """Return the recordings of a page."""
    return [facts.recording_id for facts in found.rows]
