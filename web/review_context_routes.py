"""What stands beside a recording, `/rekaman/{recording_id}/konteks`: note, way, script, proof, figures.

Shown as far as the agent's card shows it: what was keyed is masked, what proved ownership is in no answer.
Each look is on the trail, for the taxpayer it concerns, before anything is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

import structlog
from fastapi import HTTPException, Query, Request, Response

from desk.access import AssignmentsUnavailable
from desk.card import Keyed
from desk.notes import Note, NotesUnavailable
from desk.proof import ActKind, ProofAct
from desk.proof_desk import CallProof
from desk.script import Tick, TicksUnavailable
from desk.standing import StandingUnavailable
from domain.staff import Reach
from recording.persons import PersonsUnavailable
from recording.ports import RecordingsUnavailable
from recording.quality.finding import Facts
from recording.recordings import Mark, MarkKind, Measures, Recording
from web.card_models import RungName
from web.guard import visitor_of
from web.permissions import Permission
from web.review_desk import UNAVAILABLE, ReviewDesk, RowWords, answered
from web.review_models import (
    ContextFigures,
    ContextNote,
    ContextStep,
    ContextTick,
    ContextView,
    RecordingId,
)
from web.visitor import Visitor

log = structlog.get_logger("kring.web.review")

LISTEN = Permission.RECORDING_LISTEN
NOT_THERE = "review.not_there"
_Purpose = Annotated[
    str, Query(pattern=r"^[a-z_]{0,32}$", description="What the recording is listened to for")
]
_DETAILS = {
    ActKind.ITEM: "proof.item_",
    ActKind.RECEIVER: "proof.relation_",
    ActKind.SERVICE: "proof.service_",
    ActKind.CLOSED: "review.closed_",
    ActKind.VALIDATION: "review.whose_",
}


@dataclass(slots=True)
class _Found:
    """What was read. None: it cannot be read at the moment."""

    recording: Recording
    facts: Facts | None
    marks: Sequence[Mark]
    measures: Measures | None
    proof: CallProof | None = None
    notes: Sequence[Note] | None = None
    ticks: Sequence[Tick] | None = None


def add_context_routes(desk: ReviewDesk) -> None:
    """Add the piece."""
    shared = desk.shared

    @shared.guard.get(
        "/rekaman/{recording_id}/konteks", LISTEN, response_model=ContextView, tags=["recordings"]
    )
    async def recording_context(
        request: Request, recording_id: RecordingId, purpose: _Purpose = ""
    ) -> Response:
        """Return what is known of the call beside its sound."""
        visitor = visitor_of(request)
        found = await _read(desk, recording_id)
        await _check(desk, visitor, found)
        await _told(desk, visitor, found, purpose)
        words = await desk.words(request)
        view = _view(words, found)
        return shared.render.reply(request, view, "review/context.html")


async def _read(desk: ReviewDesk, recording_id: str) -> _Found:
    port = desk.port.context
    try:
        recording = await port.book.get(recording_id)
        if recording is None:
            raise HTTPException(404, NOT_THERE)
        marks = await port.book.marks(recording_id)
        measures = await port.book.measures(recording_id)
    except RecordingsUnavailable as error:
        raise HTTPException(503, UNAVAILABLE) from error
    found = _Found(recording, await answered(desk.port.finder.facts(recording_id)), marks, measures)
    try:
        found.proof = await port.proofs.proof(recording.call_id)
    except (StandingUnavailable, KeyError):
        log.warning("a recording's context is shown without way and proof", recording=recording_id)
    try:
        found.notes = await port.notes.of_call(recording.call_id)
    except NotesUnavailable:
        log.warning("a recording's context is shown without notes", recording=recording_id)
    try:
        found.ticks = await port.ticks.of_call(recording.call_id)
    except TicksUnavailable:
        log.warning("a recording's context is shown without ticks", recording=recording_id)
    return found


async def _check(desk: ReviewDesk, visitor: Visitor, found: _Found) -> None:
    """Raise HTTPException 404 unless it is theirs to hear: an agent's own only once it is scored.

    Who answers people's requests sees what such a request is about, while it is worked on.
    """
    persons, recording = desk.port.context.persons, found.recording
    try:
        if visitor.reach(Permission.PERSON_FILE) is not None and await persons.concerns(recording):
            return
        restricted = await persons.call(recording.call_id)
        handlings = await desk.shared.assignments.handlings(found.recording.call_id)
    except (AssignmentsUnavailable, PersonsUnavailable) as error:
        raise HTTPException(503, UNAVAILABLE) from error
    theirs = visitor.reach(LISTEN) is Reach.ALL or any(
        visitor.covers(LISTEN, one.agent, one.team) for one in handlings
    )
    unscored = found.facts is None or found.facts.score is None
    if not theirs or (visitor.reach(LISTEN) is Reach.OWN and unscored):
        raise HTTPException(404, NOT_THERE)
    if restricted:
        raise HTTPException(403, "listening.restricted")


async def _told(desk: ReviewDesk, visitor: Visitor, found: _Found, purpose: str) -> None:
    taxpayers = {note.taxpayer_id for note in found.notes or () if note.taxpayer_id}
    if found.proof is not None and found.proof.ladder.standing.taxpayer_id:
        taxpayers.add(found.proof.ladder.standing.taxpayer_id)
    recording = f"recording:{found.recording.recording_id}"
    await desk.did(visitor, "recording_context_viewed", recording, purpose)
    for taxpayer in sorted(taxpayers):
        await desk.did(visitor, "recording_context_viewed", f"taxpayer:{taxpayer}", recording)


def _view(words: RowWords, found: _Found) -> ContextView:
    recording, facts, proof = found.recording, found.facts, found.proof
    story = None if proof is None else proof.story
    campaign = words.campaigns.get(recording.campaign_id, "") if recording.campaign_id else ""
    return ContextView(
        recording_id=recording.recording_id,
        call_id=recording.call_id,
        direction="out" if recording.direction == "out" else "in",
        language=recording.language,
        queue=words.cards.queue(recording.queue) if recording.queue else "",
        path=[] if story is None else [words.cards.choice(one.target) for one in story.path],
        keyed=_keyed(None if story is None else story.keyed),
        rung=None if proof is None else cast("RungName", proof.ladder.rung.name.lower()),
        steps=[] if proof is None else [_step(words, act, recording) for act in proof.ladder.acts],
        notes=None if found.notes is None else [_note(words, one) for one in found.notes],
        ticks=None if found.ticks is None else [_tick(words, one, recording) for one in found.ticks],
        script=_script(words, found.ticks or ()),
        campaign=campaign,
        disposition="" if facts is None else words.dispositions.get(facts.disposition, facts.disposition),
        figures=_figures(found),
    )


def _keyed(keyed: Keyed | None) -> str:
    return "" if keyed is None else keyed.masked


def _place(recording: Recording, at: datetime | None) -> int | None:
    """Return where in a recording a moment lies, in milliseconds; None: before or after it."""
    if at is None or recording.started_at is None:
        return None
    place = round((at - recording.started_at).total_seconds() * 1000)
    return place if 0 <= place <= recording.audio_ms else None


def _step(words: RowWords, act: ProofAct, recording: Recording) -> ContextStep:
    texts, language = words.texts, words.cards.language
    name = f"{_DETAILS[act.kind]}{act.detail}"
    detail = texts.say(language, name) if name in texts else act.detail.replace("_", " ")
    return ContextStep(
        at=act.at,
        at_ms=_place(recording, act.at),
        words=f"{texts.say(language, f'review.act_{act.kind.value}')}: {detail}",
        outcome=texts.say(language, f"review.outcome_{act.outcome.value}"),
    )


def _note(words: RowWords, note: Note) -> ContextNote:
    branches, language, content = words.port.branches, words.cards.language, note.content
    return ContextNote(
        at=note.first_at,
        by=words.agent(note.agent),
        topic=branches.name(language, content.branch, content.category),
        result=branches.result_name(language, content.result),
        question=content.question,
        answer=content.answer,
        version=note.version,
    )


def _tick(words: RowWords, tick: Tick, recording: Recording) -> ContextTick:
    script = words.port.context.scripts.get(tick.script)
    step = None if script is None else script.steps.get(tick.step)
    text, answer = tick.step.replace("_", " "), tick.answer
    if step is not None and step.phrases:
        parts = step.phrases[0].parts[words.cards.language]
        text = "".join("…" if part.blank else part.text for part in parts)
    if step is not None and answer in step.answers:
        answer = step.answers[answer].names[words.cards.language]
    place = _place(recording, tick.at)
    return ContextTick(at=tick.at, at_ms=place, words=text, done=tick.done, answer=answer)


def _script(words: RowWords, ticks: Sequence[Tick]) -> str:
    names = dict.fromkeys(tick.script for tick in ticks)
    scripts = words.port.context.scripts
    return ", ".join(
        scripts[name].titles[words.cards.language] if name in scripts else name for name in names
    )


def _figures(found: _Found) -> ContextFigures:
    facts, measures, recording = found.facts, found.measures, found.recording
    length = recording.audio_ms or recording.expected_ms
    spoken = 0 if measures is None else measures.caller_ms + measures.agent_ms
    silenced = sum(
        (length if mark.until_ms is None else mark.until_ms) - mark.from_ms
        for mark in found.marks
        if mark.kind is MarkKind.SILENCED
    )
    return ContextFigures(
        seconds=round(length / 1000),
        hold=0 if facts is None else facts.hold,
        transfers=0 if facts is None else facts.transfers,
        silence=None if facts is None else facts.silence,
        overlap=None if facts is None else facts.overlap,
        longest_silence=None if measures is None else measures.longest_silence_ms / 1000,
        caller_share=None if measures is None or not spoken else round(100 * measures.caller_ms / spoken),
        interruptions=None if measures is None else measures.interruptions,
        agent_pace=None if measures is None else round(measures.agent_pace, 1),
        silenced=round(max(0, silenced) / 1000),
    )
