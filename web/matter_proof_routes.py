"""Proofs by a code of another system, asked for and tried in a call: OTP and token."""

from typing import Annotated

from fastapi import HTTPException, Path, Request, Response

from desk.matters import MatterRefused
from desk.matters_proof import (
    AskedProof,
    ProofMeansUnavailable,
    ProofOutcome,
    asked,
    check_open,
    tried,
)
from desk.matters_work import Means
from desk.standing import Rung
from domain.ids import new_id
from web.call_access import check_call
from web.matter_office_models import AskProofBody, CheckProofBody, CodeProofs, CodeProofView
from web.matter_port import MatterDoor
from web.matter_views import MatterWords
from web.permissions import Permission

TAGS = ["matters"]
_PIECE = "matters/code_proofs.html"


def add_code_proof_routes(door: MatterDoor) -> None:
    """Add the routes."""
    _add_shown(door)
    _add_asking(door)
    _add_trying(door)


def _add_shown(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/calls/{call_id}/code-proofs", Permission.MATTER_OPEN, response_model=CodeProofs, tags=TAGS
    )
    async def code_proofs(request: Request, call_id: str) -> Response:
        """Return the proofs by codes that were asked for in a call, newest first."""
        visitor = await check_call(shared, request, call_id, Permission.MATTER_OPEN)
        found = await _proofs(door, MatterWords(door, request, visitor), call_id)
        return shared.render.reply(request, found, _PIECE)


def _add_asking(door: MatterDoor) -> None:
    shared, office = door.shared, door.port.office

    @shared.guard.post(
        "/api/calls/{call_id}/code-proofs",
        Permission.MATTER_OPEN,
        response_model=CodeProofs,
        status_code=201,
        tags=TAGS,
    )
    async def ask_code(request: Request, call_id: str, body: AskProofBody) -> Response:
        """Let a code be sent to the taxpayer, or be expected; only once NPWP and name are confirmed."""
        visitor = await check_call(shared, request, call_id, Permission.MATTER_OPEN, live=True)
        standing, means = await door.standing(call_id), Means(body.means)
        if standing.rung < Rung.CONFIRMED or standing.taxpayer_id is None:
            raise MatterRefused("rung_too_low", needed=Rung.CONFIRMED.name.lower())
        await door.audit(
            visitor, "code_proof_asked", None, means.value, subject=f"taxpayer:{standing.taxpayer_id}"
        )
        now = shared.clock.now()
        try:
            reference = await office.means.ask(standing.taxpayer_id, means)
        except ProofMeansUnavailable as error:
            raise HTTPException(503, "matters.means_down") from error
        rule = door.port.rules.work.at(now)
        proof = asked(
            rule, new_id(), call_id, standing.taxpayer_id, means, visitor.staff.staff_id, now, reference,
            simulated=office.means.simulated,
        )  # fmt: skip
        await office.proofs.add(proof)
        found = await _proofs(door, MatterWords(door, request, visitor), call_id)
        return shared.render.reply(request, found, _PIECE, 201)


def _add_trying(door: MatterDoor) -> None:
    shared, office = door.shared, door.port.office

    @shared.guard.post(
        "/api/calls/{call_id}/code-proofs/{proof_id}",
        Permission.MATTER_OPEN,
        response_model=CodeProofs,
        tags=TAGS,
    )
    async def check_code(
        request: Request,
        call_id: str,
        proof_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
        body: CheckProofBody,
    ) -> Response:
        """Try the code that the caller tells. It is neither kept nor logged."""
        visitor = await check_call(shared, request, call_id, Permission.MATTER_OPEN, live=True)
        now = shared.clock.now()
        rule = door.port.rules.work.at(now)
        mine = [one for one in await office.proofs.of_call(call_id) if one.proof_id == proof_id]
        if not mine:
            raise HTTPException(404, "matters.no_such_proof")
        check_open(rule, mine[0], now)
        try:
            right = await office.means.check(mine[0].reference, body.answer.strip())
        except ProofMeansUnavailable as error:
            raise HTTPException(503, "matters.means_down") from error
        after = tried(rule, mine[0], now, right=right)
        subject, outcome = f"taxpayer:{mine[0].taxpayer_id}", "done" if right else "not_matched"
        await door.audit(visitor, "code_proof_tried", None, mine[0].means.value, outcome, subject)
        await office.proofs.decide(mine[0], after)
        found = await _proofs(door, MatterWords(door, request, visitor), call_id)
        return shared.render.reply(request, found, _PIECE)


async def _proofs(door: MatterDoor, words: MatterWords, call_id: str) -> CodeProofs:
    office, standing = door.port.office, await door.standing(call_id)
    found = await office.proofs.of_call(call_id)
    return CodeProofs(
        call_id=call_id,
        proofs=[_view(door, words, one) for one in found],
        may_ask=standing.rung >= Rung.CONFIRMED and standing.taxpayer_id is not None,
        simulated=office.means.simulated,
    )


def _view(door: MatterDoor, words: MatterWords, proof: AskedProof) -> CodeProofView:
    rule = door.port.rules.work.at(words.now).proof(proof.means)
    outcome = proof.outcome
    if outcome is ProofOutcome.OPEN and words.now >= proof.expires_at:
        outcome = ProofOutcome.EXPIRED
    is_open = outcome is ProofOutcome.OPEN
    return CodeProofView(
        proof_id=proof.proof_id,
        means=proof.means.value,
        words=words.say(f"matters.proof_{proof.means.value}"),
        asked_at=proof.asked_at,
        expires_at=proof.expires_at,
        outcome=outcome.value,
        outcome_words=words.say(f"matters.code_{outcome.value or 'open'}"),
        open=is_open,
        tries_left=max(rule.tries - proof.tries, 0),
        simulated=proof.simulated,
        shown=door.port.office.means.shown(proof.reference) if is_open and proof.simulated else "",
    )
