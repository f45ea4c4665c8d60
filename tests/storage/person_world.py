"""Two taxpayers whose records lie beside each other in every table, and a call that concerns both.

Every text of a row that is one person's carries that person's sign (AAAA, BBBB), so that whatever of the
other's gets into a file shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from desk.notes import Draft, NewNote, NoteContent
from desk.proof import ActKind, Outcome, ProofAct
from domain.calls import Call, CallEvent, EndReason, EventKind
from recording.recordings import Mark, MarkKind, Mode, Recording
from recording.states import State
from storage.attempt_writers import context as attempt_context
from storage.database import Database
from storage.directory import DatabaseDirectory
from storage.interaction_rows import InteractionRows
from storage.person_requests import person_key
from storage.person_sources import AUDITED, FIRST, REFUSED, THEN
from storage.proofs import DurableProofs
from storage.rows import Rows
from storage.schema import metadata
from storage.synthetic import synthetic_taxpayers
from storage.vault import Vault
from tests.storage.keeping_world import AT, KeepingWorld

PEOPLE = [one for one in synthetic_taxpayers(30) if one.taxpayer.resident_person][:2]
AGENT, AGENT_NUMBER, AGENT_NAME = "5" * 32, "90000001", "Rahasia Nama Petugas"
SHARED_CALL = "c" * 32
TIME = AT - timedelta(hours=3)
_HANDLED = {
    "taxpayers", "taxpayer_profiles", "calls", "call_events", "attempts", "attempt_events", "contacts",
    "contact_keys", "interaction_notes", "interaction_drafts", "proof_acts", "recordings", "recording_moves",
    "recording_marks", "recording_manifest", "matters", "matter_events", "person_requests", "person_steps",
    "person_bundles", "recording_transcripts",
    "person_restrictions", "person_restricted_calls",
}  # fmt: skip


@dataclass(frozen=True)
class Whose:
    """One of the two."""

    sign: str
    npwp: str
    old_npwp: str
    taxpayer_id: str
    number: str  # of the telephone
    contact_id: int
    lead_id: int

    @property
    def call(self) -> str:
        return self.sign[0].lower() * 32

    @property
    def keyed_call(self) -> str:
        """A call in which the NPWP was keyed and nothing proved."""
        return self.sign[0].lower() * 31 + "9"

    @property
    def attempt(self) -> str:
        return self.sign[0].lower() * 31 + "8"


A, B = (
    Whose(sign, one.taxpayer.npwp, one.old_npwp, one.taxpayer.taxpayer_id, phone, number, number * 10)
    for sign, one, phone, number in zip(
        ("AAAA", "BBBB"), PEOPLE, ("6281100000001", "6281100000002"), (1, 2), strict=True
    )
)


class PersonWorld:
    """Fills the tables."""

    def __init__(self, database: Database, vault: Vault, home: Path) -> None:
        self.database, self.vault = database, vault
        self.kept = KeepingWorld(database, home)
        self.recordings: dict[str, str] = {}  # call → recording
        self._waiting: list[sa.Insert] = []

    async def fill(self) -> None:
        """Put both on record, their tables filled row by row in turn."""
        DatabaseDirectory(self.database, self.vault).fill_if_empty(PEOPLE)
        self._insert("staff", {"staff_id": AGENT, "number": AGENT_NUMBER, "roles": "agent", "team": "alfa"})
        for whose in (A, B):
            await self._of(whose)
        await self._shared()
        for source in (*FIRST, *THEN):
            for whose in (A, B):
                if source.table.name not in _HANDLED:
                    self._generic(source.table, whose, dict(source.by))
        for whose in (A, B):
            self._trail(whose)
        self._flush()

    async def _of(self, whose: Whose) -> None:
        for call_id in (whose.call, whose.keyed_call, whose.attempt):
            self._call(call_id, whose.number if call_id == whose.call else "6281199999999")
        secret = {"taxpayer_id": whose.taxpayer_id}
        self._event(whose.keyed_call, 2, EventKind.COLLECTED, {"npwp": whose.npwp})
        self._event(whose.keyed_call, 3, EventKind.LOOKED_UP, secret)
        await self.prove(whose, whose.call, 1)
        await self._record(whose.call)
        self._note(whose, whose.call, whose.taxpayer_id)
        self._contact(whose)
        self._attempt(whose)
        self._matter(whose)
        self._transcript(whose, whose.call)

    async def _shared(self) -> None:
        """A consultant asks about both in one call."""
        self._call(SHARED_CALL, "6281199999999")
        for seq, whose in enumerate((A, B), 1):
            await self.prove(whose, SHARED_CALL, seq)
            self._note(whose, SHARED_CALL, whose.taxpayer_id, f"{whose.sign[0].lower()}" * 30 + "77")
        await self._record(SHARED_CALL)
        self._transcript(B, SHARED_CALL)

    def _call(self, call_id: str, caller: str) -> None:
        call = Call(call_id, f"chan-{call_id[:4]}", "1500200", caller, "v1", TIME, TIME, EndReason.COMPLETED)
        names = [column.name for column in metadata.tables["calls"].c]
        row: dict[str, Any] = dict(zip(names, Rows(self.vault).call_row(call), strict=True))
        self._insert("calls", row | {"started_at": TIME, "ended_at": TIME})
        self._event(call_id, 1, EventKind.STARTED, None)

    def _event(self, call_id: str, seq: int, kind: EventKind, secret: Mapping[str, str] | None) -> None:
        names = [column.name for column in metadata.tables["call_events"].c]
        data = {"look_up": "taxpayer"}
        event = CallEvent(call_id, seq, TIME, kind, data, secret)
        row: dict[str, Any] = dict(zip(names, Rows(self.vault).event_row(event), strict=True))
        self._insert("call_events", row | {"at": TIME})

    async def prove(self, whose: Whose, call_id: str, seq: int) -> None:
        act = ProofAct(
            call_id, seq, TIME, AGENT, next(iter(ActKind)), "name", next(iter(Outcome)), whose.taxpayer_id
        )
        await DurableProofs(self.database, self.vault).append(act)

    async def _record(self, call_id: str) -> None:
        recording_id = call_id[:24] + "0" * 8
        one = Recording(
            recording_id, call_id, 1, "leg-1", "in", "efin/B", "", AGENT_NUMBER, "id", Mode.ALWAYS,
            State.PLANNED, self.kept.clock.now(),
        )  # fmt: skip
        await self.kept.book.plan(one)
        await self.kept.book.move(recording_id, "start", self.kept.clock.now())
        await self.kept.book.mark(recording_id, [Mark(MarkKind.TALK, 0, 1000, AGENT_NUMBER)])
        await self.kept.book.move(recording_id, "stop", self.kept.clock.now())
        await self.kept.seal(recording_id, spare=False)
        self.recordings[call_id] = recording_id

    def _note(self, whose: Whose, call_id: str, taxpayer_id: str | None, note_id: str = "") -> None:
        rows, sign = InteractionRows(self.vault), whose.sign
        note_id = note_id or whose.call
        content = NoteContent("efin", "lupa_efin", "answered", "id", f"{sign} nama", f"{sign} tanya", sign)
        note = NewNote(note_id, call_id, content, AGENT, AGENT_NUMBER, "alfa", TIME, taxpayer_id)
        self._insert("interaction_notes", rows.note_row(note, 1))
        draft = Draft(call_id, AGENT, note_id, note_id, 0, content, TIME)
        key = {"call_id": call_id, "staff_id": AGENT, "slot": note_id, "version": 1}
        self._insert("interaction_drafts", key | rows.draft_values(draft))

    def _contact(self, whose: Whose) -> None:
        body = json.dumps([whose.npwp, f"{whose.sign} nama", [whose.number], {"kota": whose.sign}]).encode()
        key = person_key(self.vault, whose.npwp)
        number_key = self.vault.lookup_key("number:" + whose.number)[:16]
        row = {
            "contact_id": whose.contact_id,
            "list_id": f"list-{whose.sign}",
            "row": whose.contact_id,
            "taxpayer_key": key,
            "number_keys": number_key,
            "zone": "wib",
            "taxpayer_group": "",
            "sealed_body": self.vault.seal(body, b"contacts/%d" % whose.contact_id),
        }
        self._insert("contacts", row)
        for one in (key, number_key):
            self._insert("contact_keys", {"key": one, "contact_id": whose.contact_id})
        cells = json.dumps([whose.npwp, f"{whose.sign} ditolak"]).encode()
        place = {"list_id": f"list-{whose.sign}", "row": 99, "fate": "rejected", "reason": "number"}
        sealed = self.vault.seal(cells, b"refused_rows/list-%s/99" % whose.sign.encode())
        filled = {"sheet": 0, "sheet_row": 99, "place": 1, "value": "…", "sealed_cells": sealed}
        self._insert(REFUSED.name, place | filled)

    def _attempt(self, whose: Whose) -> None:
        number = self.vault.seal(whose.number.encode(), attempt_context(whose.attempt, "number"))
        row = self._row(metadata.tables["attempts"], whose) | {
            "attempt_id": whose.attempt,
            "lead_id": whose.lead_id,
            "taxpayer_key": person_key(self.vault, whose.npwp),
            "number_key": self.vault.lookup_key("number:" + whose.number)[:16],
            "sealed_number": number,
            "sealed_code": self.vault.seal(b"123456", attempt_context(whose.attempt, "code")),
            "state": "intent",
            "step": 0,
            "outcome": "",
            "agent": AGENT_NUMBER,
            "ended_at": None,
        }
        self._insert("attempts", row)

    def _matter(self, whose: Whose) -> None:
        tables, sign = metadata.tables, whose.sign
        body = json.dumps({"apa": f"{sign} pengaduan"}).encode()
        row = self._row(tables["matters"], whose) | {
            "taxpayer_id": whose.taxpayer_id,
            "matter_id": whose.call,
            "kind": "complaint",
            "opened_by": AGENT,
            "sealed_body": self.vault.seal(body, f"matters/{whose.call}/body".encode()),
        }
        self._insert("matters", row)
        note = self.vault.seal(f"{sign} catatan".encode(), f"matters/{whose.call}/note/1".encode())
        event = self._row(tables["matter_events"], whose)
        self._insert("matter_events", event | {"matter_id": whose.call, "number": 1, "sealed_note": note})

    def _transcript(self, whose: Whose, call_id: str) -> None:
        recording_id = self.recordings[call_id]
        said = [{"side": "caller", "from_ms": 0, "until_ms": 900, "text": f"{whose.sign} transkrip"}]
        context = f"recording_transcripts/{recording_id}".encode()
        row = self._row(metadata.tables["recording_transcripts"], whose) | {
            "recording_id": recording_id,
            "call_id": call_id,
            "state": "there",
            "cause": "",
            "model": "m",
            "model_version": "1",
            "language": "id",
            "sealed_text": self.vault.seal(json.dumps(said).encode(), context),
        }
        self._insert("recording_transcripts", row)

    def _generic(self, table: sa.Table, whose: Whose, by: Mapping[str, str]) -> None:
        """Insert a row that the source's own columns lead to, every other text with the person's sign."""
        recording = self.recordings[whose.call]
        known: dict[str, Any] = {
            "calls": whose.call,
            "recordings": recording,
            "leads": whose.lead_id,
            "attempts": whose.attempt,
            "contacts": whose.contact_id,
            "keys": person_key(self.vault, whose.npwp),
            "numbers": person_key(self.vault, whose.npwp),
            "taxpayers": whose.taxpayer_id,
            "lists": f"list-{whose.sign}",
        }
        row = self._row(table, whose)
        row |= {column: known[name] for column, name in by.items() if name in known}
        self._insert(table.name, row)

    def _row(self, table: sa.Table, whose: Whose) -> dict[str, Any]:
        return {
            column.name: self._value(table, column, whose)
            for column in table.c
            if column.autoincrement is not True or column.name == "lead_id"
        }

    def _value(self, table: sa.Table, column: Any, whose: Whose) -> Any:
        fixed = {"lead_id": whose.lead_id, "contact_id": whose.contact_id, "call_id": whose.call}
        if column.name in ("staff_id", "done_by", "who", "reviewer", "agent", "assignee"):
            return AGENT_NUMBER if column.name == "agent" else AGENT
        if column.name == "why" and table.name.startswith("suppression"):
            return "wrong_number"
        if column.name in fixed:
            return fixed[column.name]
        if column.name.endswith("_id") and isinstance(column.type, sa.String):
            return whose.call[: column.type.length or 32]
        if column.name.startswith("sealed_"):
            return b""
        if column.name in ("words", "verified", "definition", "reasons", "sheets", "data"):
            return json.dumps({"x": f"{whose.sign}-{column.name}"})
        kind = column.type.python_type if not isinstance(column.type, sa.types.TypeDecorator) else datetime
        values: dict[type, Any] = {
            bytes: f"{whose.sign}-{table.name}-{column.name}".encode(),
            bool: False,
            int: whose.contact_id,
            float: 1.0,
            date: TIME.date(),
            datetime: TIME,
        }
        return values.get(kind, f"{whose.sign}-{column.name}"[: getattr(column.type, "length", None) or 60])

    def _trail(self, whose: Whose) -> None:
        subjects = [f"taxpayer:{whose.taxpayer_id}", f"call:{whose.call}", f"note:{whose.call}"]
        for subject in [*subjects, f"recording:{self.recordings[whose.call]}"]:
            row = {"at": TIME, "who": AGENT, "act": f"{whose.sign}_seen", "subject": subject, "why": "",
                   "outcome": "done", "data": json.dumps({"agent": AGENT_NUMBER})}  # fmt: skip
            self._insert(AUDITED.name, row)

    def _insert(self, table: str, values: Mapping[str, Any]) -> None:
        there = metadata.tables[table]
        missing = {
            column.name: b"" if column.name.startswith("sealed_") else self._value(there, column, A)
            for column in there.c
            if column.name not in values and not column.nullable and column.autoincrement is not True
        }
        self._waiting.append(sa.insert(there).values({**missing, **values}))

    def _flush(self) -> None:
        """Write what waits, in one transaction."""
        waiting, self._waiting = self._waiting, []

        def work(connection: sa.Connection) -> None:
            for insert in waiting:
                connection.execute(insert)

        self.database.write_now(work)
