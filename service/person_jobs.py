"""What requests of people come to: bundles made, recordings destroyed, processing restricted.

It reads much and is run by a process of its own (`service.person_process`) or a command, never by the one
that serves calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.leads import LeadsUnavailable
from dialer.reasons import WhyNot
from domain.audit import AuditRow, AuditTrail
from domain.clock import Clock
from domain.ids import new_id
from recording.persons import Bundle, Kind, PersonRefused, PersonsUnavailable, Request, stepped
from recording.persons_table import (
    Decision,
    Fate,
    PersonTable,
    area_fates,
    copy_fate,
    decisions_of,
    decisions_text,
    recording_fate,
    restriction_fates,
)
from recording.ports import RecordingBook, SealedSounds
from recording.recordings import Recording
from service.person_bundle import BundleWriter
from storage.database import Database, DatabaseProblem
from storage.interaction_tables import interaction_drafts
from storage.person_finder import Found, PersonFinder
from storage.person_requests import DurablePersons
from storage.person_subject import Subject, subject_of
from storage.recording_destruction import Destruction, NotDestroyed
from storage.recording_holds import DurableHolds
from storage.suppressions import DurableSuppressions
from storage.vault import Vault, VaultProblem

REASON = "person_request"  # of the retention table
SUFFIX = ".zip"


@dataclass(frozen=True, slots=True)
class PersonGround:
    """What the work stands on."""

    database: Database
    vault: Vault
    book: DurablePersons
    recordings: RecordingBook
    sounds: SealedSounds
    destruction: Destruction
    holds: DurableHolds
    audit: AuditTrail
    clock: Clock
    table: PersonTable
    folder: Path  # of bundles


class PersonJobs:
    """Does it. Every method raises PersonsUnavailable, PersonChanged, PersonRefused, KeyError."""

    def __init__(self, on: PersonGround) -> None:
        self._on = on
        self._finder = PersonFinder(on.vault)

    async def prepare(self, request_id: str, who: str, password: str) -> Request:
        """Make a copy's bundle under a password, or the plan of an erasure. Raises OSError (disk)."""
        request = await self._on.book.get(request_id)
        now = self._on.clock.now()
        after, step = stepped(request, "prepare", who, now)
        await self._note(who, "person_file_searched", request)
        found = self.found(request)
        if request.kind is Kind.COPY:
            words = await self._bundle(request, found, who, password)
        else:
            words = decisions_text(await self.plan(found))
        await self._on.book.change(after, replace(step, words=words))
        return after

    async def carry_out(self, request_id: str, who: str, note: str) -> Request:
        """Let an approved or immediate request take effect; `note`: how it was answered."""
        request = await self._on.book.get(request_id)
        after, step = stepped(request, "carry_out", who, self._on.clock.now(), note=note)
        await self._note(who, f"person_{request.kind}_done", request)
        words = ""
        match request.kind:
            case Kind.ERASURE:
                words = await self._erase(request, who)
            case Kind.RESTRICTION:
                words = await self._restrict(request, who)
            case Kind.OBJECTION:
                await self._stop_calls(self.subject(request), who)
            case Kind.COPY | Kind.CORRECTION:
                pass  # handed over, or corrected, by hand: the note says how
        await self._on.book.change(after, replace(step, words=words))
        return after

    def subject(self, request: Request) -> Subject:
        """Return whose data it is."""
        work = self._on
        try:
            return work.database.read_now(
                lambda connection: subject_of(connection, work.vault, request.asker.npwp)
            )
        except (DatabaseProblem, VaultProblem) as error:
            raise PersonsUnavailable(str(error)) from error
        except ValueError as error:
            raise PersonRefused("no_npwp", "npwp") from error

    def found(self, request: Request) -> Found:
        """Return everything held about the request's person."""
        subject = self.subject(request)
        try:
            return self._on.database.read_now(
                lambda connection: self._finder.everything(connection, subject, request.request_id)
            )
        except (DatabaseProblem, VaultProblem) as error:
            raise PersonsUnavailable(str(error)) from error

    async def plan(self, found: Found) -> Sequence[Decision]:
        """Return what an erasure would do now, recording by recording, the rest area by area."""
        decisions = []
        for one in await self._recordings(found):
            held = await self._on.holds.reasons(one.recording_id)
            decisions.append(recording_fate(one, held, shared=one.call_id in found.shared))
        version = self._on.table.at(self._on.clock.now())
        return [*decisions, *area_fates(version, found.areas())]

    async def _recordings(self, found: Found) -> list[Recording]:
        several = [await self._on.recordings.get(one) for one in sorted(found.ids("recordings"))]
        return sorted((one for one in several if one is not None), key=lambda one: one.planned_at)

    async def _bundle(self, request: Request, found: Found, who: str, password: str) -> str:
        on, now = self._on, self._on.clock.now()
        on.folder.mkdir(mode=0o700, exist_ok=True)
        bundle_id = new_id()
        path = on.folder / f"{bundle_id}{SUFFIX}"
        recordings = await self._recordings(found)
        made = await BundleWriter(on.sounds).write(path, password, request, found, recordings, now)
        inside = {one.recording_id for one in made.sounds if one.file}
        fates = [
            copy_fate(one, inside=one.recording_id in inside, shared=one.call_id in found.shared)
            for one in recordings
        ]
        counts = msgspec.json.encode(dict(made.counts)).decode()
        keep_until = now + timedelta(days=on.table.at(now).bundle_days)
        bundle = Bundle(bundle_id, request.request_id, now, who, made.digest, made.size, counts, keep_until)
        try:
            for older in await on.book.bundles(request.request_id):
                await self.remove(older)
            await on.book.keep_bundle(bundle)
        except PersonsUnavailable:
            path.unlink(missing_ok=True)
            raise
        return decisions_text(fates)

    async def remove(self, bundle: Bundle) -> None:
        """Delete a bundle's file. Idempotent. Raises OSError."""
        (self._on.folder / f"{bundle.bundle_id}{SUFFIX}").unlink(missing_ok=True)
        if bundle.removed_at is None:
            await self._on.book.removed(bundle.bundle_id, self._on.clock.now())

    async def _erase(self, request: Request, who: str) -> str:
        found = self.found(request)
        steps = await self._on.book.trail(request.request_id)
        approver = next(step.who for step in reversed(steps) if step.what == "approve")
        plan = decisions_of(next(step.words for step in reversed(steps) if step.what == "prepare"))
        approved = {one.recording_id for one in plan if one.fate is Fate.GOES}
        done = []
        for decision in await self.plan(found):
            if decision.recording_id and decision.fate is Fate.GOES:
                if decision.recording_id in approved:
                    decision = await self._destroy(decision, request, approver)
                else:  # a later call, or a hold that was lifted since: nobody agreed to it
                    decision = replace(decision, fate=Fate.STAYS, why="not_approved")
            done.append(decision)
        self._delete_drafts(found)
        await self._stop_calls(found.subject, who)
        return decisions_text(done)

    async def _destroy(self, decision: Decision, request: Request, approver: str) -> Decision:
        """Destroy one recording by two people; one that was held meanwhile stays."""
        one, ends = decision.recording_id, self._on.destruction
        row = AuditRow(self._on.clock.now(), approver, "recording_destroyed", f"recording:{one}", REASON)
        await self._on.audit.record(row)
        try:
            await ends.ask(one, REASON, request.prepared_by)
            await ends.destroy(one, REASON, approver)
        except NotDestroyed as error:
            why = error.detail.partition(",")[0].partition(":")[0] if error.why == "held" else "unsealed"
            return replace(decision, fate=Fate.STAYS, why=why)
        except OSError:
            pass  # unreadable and on record; the nightly run removes the bytes
        return decision

    def _delete_drafts(self, found: Found) -> None:
        d = interaction_drafts.c
        section = found.sections.get(interaction_drafts.name)
        if section is None or not section.rows:
            return
        calls = sorted({row["call_id"] for row in section.rows})

        def work(connection: Connection) -> None:
            for call_id in calls:
                connection.execute(sa.delete(interaction_drafts).where(d.call_id == call_id))

        try:
            self._on.database.write_now(work)
        except DatabaseProblem as error:
            raise PersonsUnavailable(str(error)) from error

    async def _restrict(self, request: Request, who: str) -> str:
        subject = self.subject(request)
        try:
            found = self._on.database.read_now(lambda connection: self._finder.calls(connection, subject))
        except (DatabaseProblem, VaultProblem) as error:
            raise PersonsUnavailable(str(error)) from error
        calls = sorted(found.ids("calls"))
        recordings = [one for call_id in calls for one in await self._on.recordings.of_call(call_id)]
        await self._on.book.restrict(request, calls, self._on.clock.now())
        await self._stop_calls(subject, who)
        return decisions_text(restriction_fates(recordings, len(calls)))

    async def _stop_calls(self, subject: Subject, who: str) -> None:
        """Let no campaign call the taxpayer any more, whatever list they stand on."""
        suppressions = DurableSuppressions(self._on.database)
        try:
            for key in sorted(subject.keys):
                await suppressions.add(key, WhyNot.DO_NOT_CALL.value, who, self._on.clock.now())
        except LeadsUnavailable as error:
            raise PersonsUnavailable(str(error)) from error

    async def _note(self, who: str, act: str, request: Request) -> None:
        row = AuditRow(
            self._on.clock.now(), who, act, f"person:{request.request_id}", data={"kind": request.kind}
        )
        await self._on.audit.record(row)
