"""The card of a call: its story, and the taxpayer's record as far as the proof allows.

What the rung does not allow is not fetched. A view of a taxpayer's data is on the audit trail before
it is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fastapi import HTTPException, Request, Response

from desk.access import AssignmentsUnavailable
from desk.card import CallStory
from desk.history import HistoryUnavailable, OpenMatters, PastNotes
from desk.proof_desk import CallProof, ProvedStandings
from desk.standing import Rung, StandingUnavailable
from domain.audit import AuditRow, AuditUnavailable
from domain.directory import DirectoryUnavailable, Profile, Taxpayer, TaxpayerRecords
from domain.staff import Reach
from web.call_access import check_call
from web.card_models import (
    CallbackView,
    CardView,
    ChosenView,
    HistoryView,
    KeyedView,
    MatterView,
    NoteView,
    ProfileView,
    TalkView,
    TaxpayerView,
    WaitView,
)
from web.card_words import CardWords
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

Trouble = Literal["directory_down", "not_in_register", "call_over"]
Topics = Callable[[str, str, str], str]  # language, branch, category → words

_ANSWERS: dict[str, Literal["found", "not_found", "unavailable"]] = {
    "found": "found",
    "not_found": "not_found",
    "unavailable": "unavailable",
}
_NAMES: dict[Rung, Literal["anonymous", "keyed", "confirmed", "full"]] = {
    Rung.ANONYMOUS: "anonymous",
    Rung.KEYED: "keyed",
    Rung.CONFIRMED: "confirmed",
    Rung.FULL: "full",
}


@dataclass(frozen=True, slots=True)
class CardPort:
    """What the card is read from. `topics` names a note's branch and category."""

    standings: ProvedStandings
    register: TaxpayerRecords
    notes: PastNotes
    matters: OpenMatters
    topics: Topics


@dataclass(slots=True)
class _Record:
    """What may be shown of the taxpayer."""

    taxpayer: Taxpayer | None = None
    profile: Profile | None = None
    history: HistoryView | None = None
    trouble: Trouble | None = None


def add_card_routes(shared: Shared, port: CardPort) -> None:
    """Add the route of the card."""

    @shared.guard.get(
        "/api/calls/{call_id}/card", Permission.CALL_VIEW, response_model=CardView, tags=["card"]
    )
    async def card(request: Request, call_id: str) -> Response:
        """Return what is known of the call, and of the taxpayer as far as it is proved."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_VIEW)
        proof = await read_proof(port.standings, call_id)
        standing = proof.ladder.standing
        words = CardWords(shared.render.texts, shared.render.language(request))
        record = _Record()
        if standing.rung >= Rung.CONFIRMED and standing.taxpayer_id is not None:
            if await _is_over(shared, visitor, call_id):
                record.trouble = "call_over"
            else:
                await _audit(shared, visitor, call_id, standing.taxpayer_id, standing.rung)
                record = await _record(port, words, standing.taxpayer_id, standing.rung)
        view = _view(shared, visitor, proof, words, record)
        return shared.render.reply(request, view, "card/card.html")


async def read_proof(standings: ProvedStandings, call_id: str) -> CallProof:
    """Return a call's story and proof. Raises HTTPException 404 or 503."""
    try:
        return await standings.proof(call_id)
    except KeyError as error:
        raise HTTPException(404, "card.no_such_call") from error
    except StandingUnavailable as error:
        raise HTTPException(503, "card.record_down") from error


async def _is_over(shared: Shared, visitor: Visitor, call_id: str) -> bool:
    """Whether an agent's own part in the call is over, its note included: the proof was for the call."""
    if visitor.reach(Permission.CALL_VIEW) is not Reach.OWN:
        return False  # who leads or scores looks at calls that are over; each look is on the trail
    try:
        handlings = await shared.assignments.handlings(call_id)
    except AssignmentsUnavailable as error:
        raise HTTPException(503, "card.record_down") from error
    return not any(one.live for one in handlings if one.agent == visitor.staff.number)


async def _audit(shared: Shared, visitor: Visitor, call_id: str, taxpayer_id: str, rung: Rung) -> None:
    row = AuditRow(
        at=shared.clock.now(),
        who=visitor.staff.staff_id,
        act="card_viewed",
        subject=f"taxpayer:{taxpayer_id}",
        why=f"call:{call_id}",
        data={"rung": _NAMES[rung]},
    )
    try:
        await shared.audit.record(row)
    except AuditUnavailable as error:
        raise HTTPException(503, "card.audit_down") from error


async def _record(port: CardPort, words: CardWords, taxpayer_id: str, rung: Rung) -> _Record:
    record = _Record(history=await _history(port, words, taxpayer_id))
    try:
        record.taxpayer = await port.register.by_id(taxpayer_id)
        if record.taxpayer is None:
            record.trouble = "not_in_register"
        elif rung is Rung.FULL:
            record.profile = await port.register.profile(taxpayer_id)
    except DirectoryUnavailable:
        record.trouble = "directory_down"
    return record


async def _history(port: CardPort, words: CardWords, taxpayer_id: str) -> HistoryView:
    history = HistoryView(notes=None, matters=None)
    try:
        notes = await port.notes.notes_about(taxpayer_id)
        history.notes = [
            NoteView(
                note_id=note.note_id,
                at=note.at,
                topic=port.topics(words.language, note.branch, note.category),
                question=note.question,
            )
            for note in notes
        ]
    except HistoryUnavailable:
        pass
    try:
        matters = await port.matters.matters_of(taxpayer_id)
        history.matters = [
            MatterView(
                matter_id=one.matter_id,
                kind=one.kind,
                title=words.matter(one.title),
                step=words.matter(one.step),
                opened_at=one.opened_at,
                due=one.due,
            )
            for one in matters
        ]
    except HistoryUnavailable:
        pass
    return history


def _view(shared: Shared, visitor: Visitor, proof: CallProof, words: CardWords, record: _Record) -> CardView:
    story, ladder = proof.story, proof.ladder
    return CardView(
        call_id=story.call_id,
        direction=story.direction.value,
        dialled=story.dialled,
        language=story.language,
        tree=story.tree.value,
        began=story.started_at,
        path=[ChosenView(at=one.at, key=one.key, words=words.choice(one.target)) for one in story.path],
        keyed=_keyed(story),
        waits=_waits(shared, story, words),
        talks=_talks(shared, visitor, story),
        callback=_callback(story),
        rung=_NAMES[ladder.rung],
        may_climb=ladder.case.may_climb,
        taxpayer=_taxpayer(record.taxpayer),
        profile=_profile(words, record.taxpayer, record.profile),
        history=record.history,
        trouble=record.trouble,
    )


def _keyed(story: CallStory) -> KeyedView | None:
    if story.keyed is None:
        return None
    return KeyedView(masked=story.keyed.masked, answer=_ANSWERS.get(story.keyed.answer, "unasked"))


def _waits(shared: Shared, story: CallStory, words: CardWords) -> list[WaitView]:
    now = shared.clock.now()
    return [
        WaitView(
            queue=wait.queue,
            words=words.queue(wait.queue),
            began=wait.began,
            seconds=max(0, round(((wait.ended or now) - wait.began).total_seconds())),
            over=wait.ended is not None,
            outcome=wait.outcome,
        )
        for wait in story.waits
    ]


def _talks(shared: Shared, visitor: Visitor, story: CallStory) -> list[TalkView]:
    names = {view.agent: view.on_air_name for view in shared.floor.agents()} if story.talks else {}
    return [
        TalkView(
            who=names.get(talk.agent, ""),
            you=bool(visitor.staff.number) and talk.agent == visitor.staff.number,
            began=talk.began,
            seconds=round(talk.seconds),
            over=talk.ended is not None,
            outcome=talk.outcome,
        )
        for talk in story.talks
    ]


def _callback(story: CallStory) -> CallbackView | None:
    booked = story.callback
    if booked is None:
        return None
    return CallbackView(
        booked_at=booked.at, attempts=booked.attempts, outcome=booked.outcome, closed=booked.closed
    )


def _taxpayer(taxpayer: Taxpayer | None) -> TaxpayerView | None:
    if taxpayer is None:
        return None
    return TaxpayerView(
        name=taxpayer.name,
        status="active" if taxpayer.active else "non_effective",
        kind="person" if taxpayer.resident_person else "company",
    )


def _profile(words: CardWords, taxpayer: Taxpayer | None, profile: Profile | None) -> ProfileView | None:
    if taxpayer is None or profile is None:
        return None
    return ProfileView(
        npwp=taxpayer.npwp,
        address=profile.address,
        email=profile.email,
        phone=profile.phone,
        office_code=profile.office_code,
        office_name=profile.office_name,
        registered_on=profile.registered_on,
        born_on=profile.born_on,
        representative=profile.representative,
        group=words.group(profile.group) if profile.group else "",
    )
