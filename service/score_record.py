"""What the record of a call tells who scores it: hold and transfer, proof of ownership, note and script.

Only words of `recording.quality.forms_suggest.SEEN` leave here, nothing personal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from desk.notes import Interactions, NotesUnavailable
from desk.proof import Outcome, ProofAct, Proofs, ProofsUnavailable
from desk.proof_desk import ProvedStandings
from desk.script import Ticks, TicksUnavailable
from desk.standing import Rung, StandingUnavailable
from domain.staff import StaffStore, StaffUnavailable
from recording.ports import RecordingBook
from recording.quality.forms_suggest import poro_on_record
from recording.recordings import Mark, MarkKind, Recording

log = structlog.get_logger("kring.scores")

_CONTENT = "content"  # the step of outbound scripts that tells what the campaign has to say
_AWAY = (NotesUnavailable, ProofsUnavailable, StandingUnavailable, StaffUnavailable, TicksUnavailable)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Looks into the records of a call. What cannot be read at the moment is left out."""

    recordings: RecordingBook
    standings: ProvedStandings
    proofs: Proofs
    notes: Interactions
    ticks: Ticks
    people: StaffStore

    async def seen(self, recording: Recording, agent: str) -> Mapping[str, str]:
        """Return what is seen of an agent's (staff number) part in a call. Raises RecordingsUnavailable."""
        found = dict(talk_seen(await self.recordings.marks(recording.recording_id), agent))
        for look in (self._proof, self._note, self._content):
            try:
                found |= await look(recording, agent)
            except _AWAY as error:
                log.warning("a record suggests nothing to who scores", kind=type(error).__name__)
            except KeyError:
                continue  # no such call on record: nothing is known
        return found

    async def _proof(self, recording: Recording, _: str) -> Mapping[str, str]:
        proof = await self.standings.proof(recording.call_id)
        return {"poro_on_record": poro_on_record(proof.ladder)}

    async def _note(self, recording: Recording, agent: str) -> Mapping[str, str]:
        notes = await self.notes.of_call(recording.call_id)
        return {"note": "kept" if any(note.agent == agent for note in notes) else "missing"}

    async def _content(self, recording: Recording, agent: str) -> Mapping[str, str]:
        if recording.direction != "out":
            return {}
        staff = next((one for one in await self.people.all() if one.number == agent), None)
        if staff is None:
            return {}
        ticks = await self.ticks.of(recording.call_id, staff.staff_id)
        told = [tick.at for tick in ticks if tick.step == _CONTENT and tick.done and tick.at is not None]
        if not told:
            return {}
        proof = await self.standings.proof(recording.call_id)
        acts = await self.proofs.acts(recording.call_id)
        first = proved_at(acts) if proof.ladder.rung is Rung.FULL else None
        return {"proof_before_content": "yes" if first is not None and first <= min(told) else "no"}


def talk_seen(marks: Sequence[Mark], agent: str) -> Mapping[str, str]:
    """Return what the marks tell of an agent's part: was the caller held, did somebody else take over."""
    talks = [mark for mark in marks if mark.kind is MarkKind.TALK]
    own = [mark for mark in talks if mark.detail == agent]
    if not own:
        return {}
    start, last = own[0].from_ms, own[-1]
    end = last.until_ms
    held = any(
        mark.kind is MarkKind.HOLD and mark.from_ms >= start and (end is None or mark.from_ms <= end)
        for mark in marks
    )
    transferred = any(mark.from_ms > last.from_ms and mark.detail != agent for mark in talks)
    return {"held": "yes" if held else "no", "transferred": "yes" if transferred else "no"}


def proved_at(acts: Sequence[ProofAct]) -> datetime | None:
    """Return when the first item of a proof matched; None: none did."""
    return min((act.at for act in acts if act.outcome is Outcome.MATCHED), default=None)
