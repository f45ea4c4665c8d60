"""The guided proof of ownership: what to ask, and what came of it.

What a caller answered is compared and forgotten: it is in no reply, no record and no log.
"""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fastapi import HTTPException, Request, Response

from desk.proof import (
    ActKind,
    Closing,
    ProofRefused,
    ProofsUnavailable,
    Relation,
)
from desk.proof_desk import CallProof, NothingKeyed, ProofDesk, ProvedStandings
from desk.standing import StandingUnavailable
from domain.answers import AnswerUnreadable
from domain.audit import AuditUnavailable
from domain.directory import DirectoryUnavailable, ProofItem
from domain.staff import Staff, StaffUnavailable
from recording.ports import SilenceControl
from recording.recordings import Silence
from web.call_access import check_call
from web.card_routes import read_proof
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.proof_models import (
    ClosingBody,
    ItemBody,
    ItemName,
    ProofView,
    ReceiverBody,
    ServiceBody,
    ValidationBody,
)
from web.proof_views import ProofViews, relations

log = logging.getLogger(__name__)

CHANGED = "proofchanged"  # the page's event after an act: what depends on the rung loads again

T = TypeVar("T")


class Colleagues(Protocol):
    """Knows staff by id (`domain.staff.StaffStore`)."""

    async def by_id(self, staff_id: str) -> Staff | None:
        """Return somebody, or None. Raises StaffUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ProofPort:
    """What proofs are read from and done with."""

    standings: ProvedStandings
    desk: ProofDesk
    colleagues: Colleagues
    silence: SilenceControl | None = None  # of what is recorded while an answer is awaited


def add_proof_routes(shared: Shared, port: ProofPort) -> None:
    """Add the routes of the proof."""
    form = _Form(shared, port)
    _add_reading(shared, port, form)
    _add_checking(shared, port, form)
    _add_noting(shared, port, form)


def _add_reading(shared: Shared, port: ProofPort, form: "_Form") -> None:
    @shared.guard.get(
        "/api/calls/{call_id}/proof", Permission.CALL_VIEW, response_model=ProofView, tags=["proof"]
    )
    async def proof(request: Request, call_id: str, item: ItemName | None = None) -> Response:
        """Return where the proof of a call stands, and what to ask next: `item`, if it may be asked."""
        await check_call(shared, request, call_id, Permission.CALL_VIEW)
        wanted = None if item is None else ProofItem(item)
        if wanted is not None:
            await form.hush(request, call_id, on=True)
        return await form.reply(request, await read_proof(port.standings, call_id), wanted=wanted)


def _add_checking(shared: Shared, port: ProofPort, form: "_Form") -> None:
    @shared.guard.post(
        "/api/calls/{call_id}/proof/npwp", Permission.CALL_PROVE, response_model=ProofView, tags=["proof"]
    )
    async def validate_npwp(request: Request, call_id: str, body: ValidationBody) -> Response:
        """Check NPWP and name together: "Valid" or "Tidak valid", at most three times a call."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_PROVE, live=True)
        who = visitor.staff.staff_id
        done = await attempt(port.desk.validate(call_id, who, body.npwp, body.name, body.whose))
        await form.hush(request, call_id, on=False)
        return await form.reply(request, done[0], ActKind.VALIDATION)

    @shared.guard.post(
        "/api/calls/{call_id}/proof/items", Permission.CALL_PROVE, response_model=ProofView, tags=["proof"]
    )
    async def check_item(request: Request, call_id: str, body: ItemBody) -> Response:
        """Compare an answer with the register."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_PROVE, live=True)
        item, who = ProofItem(body.item), visitor.staff.staff_id
        done = await attempt(port.desk.check_item(call_id, who, item, body.answer))
        await form.hush(request, call_id, on=False)
        return await form.reply(request, done[0], ActKind.ITEM)


def _add_noting(shared: Shared, port: ProofPort, form: "_Form") -> None:
    @shared.guard.post(
        "/api/calls/{call_id}/proof/receiver",
        Permission.CALL_PROVE,
        response_model=ProofView,
        tags=["proof"],
    )
    async def note_receiver(request: Request, call_id: str, body: ReceiverBody) -> Response:
        """Note who is on the line, as they say themselves."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_PROVE, live=True)
        relation, who = Relation(body.relation), visitor.staff.staff_id
        done = await attempt(port.desk.note_receiver(call_id, who, relation))
        return await form.reply(request, done, ActKind.RECEIVER)

    @shared.guard.post(
        "/api/calls/{call_id}/proof/service", Permission.CALL_PROVE, response_model=ProofView, tags=["proof"]
    )
    async def choose_service(request: Request, call_id: str, body: ServiceBody) -> Response:
        """Choose for which service items are asked from now on; what is proved stays proved."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_PROVE, live=True)
        done = await attempt(port.desk.choose_service(call_id, visitor.staff.staff_id, body.service))
        return await form.reply(request, done, ActKind.SERVICE)

    @shared.guard.post(
        "/api/calls/{call_id}/proof/close", Permission.CALL_PROVE, response_model=ProofView, tags=["proof"]
    )
    async def close_proof(request: Request, call_id: str, body: ClosingBody) -> Response:
        """Give the proof up for the rest of the call: the caller refuses, or cannot prove it."""
        visitor = await check_call(shared, request, call_id, Permission.CALL_PROVE, live=True)
        done = await attempt(port.desk.close(call_id, visitor.staff.staff_id, Closing(body.why)))
        await form.hush(request, call_id, on=False)
        return await form.reply(request, done, ActKind.CLOSED)


async def attempt(act: Awaitable[T]) -> T:
    """Return what an act gives. Raises HTTPException 404, 409, 422 or 503 with the name of a text."""
    try:
        return await act
    except KeyError as error:
        raise HTTPException(404, "card.no_such_call") from error
    except ProofRefused as refused:
        raise HTTPException(409, f"proof.refused.{refused.word}") from refused
    except NothingKeyed as error:
        raise HTTPException(409, "proof.nothing_keyed") from error
    except AnswerUnreadable:
        # Without its cause: what was answered must not reach a log by way of a traceback.
        raise HTTPException(422, "proof.unreadable") from None
    except DirectoryUnavailable as error:
        raise HTTPException(503, "card.directory_down") from error
    except AuditUnavailable as error:
        raise HTTPException(503, "card.audit_down") from error
    except (ProofsUnavailable, StandingUnavailable) as error:
        raise HTTPException(503, "proof.record_down") from error


class _Form:
    """Answers with the form."""

    def __init__(self, shared: Shared, port: ProofPort) -> None:
        self._shared = shared
        self._port = port

    async def reply(
        self,
        request: Request,
        proof: CallProof,
        act: ActKind | None = None,
        wanted: ProofItem | None = None,
    ) -> Response:
        """Return the form; after an act, tell the page that the proof changed."""
        visitor, render = visitor_of(request), self._shared.render
        names = await self._names({one.by for one in proof.ladder.acts} - {visitor.staff.staff_id})
        view = ProofViews(render.texts, visitor.staff.staff_id, names).view(proof, act, wanted)
        choices = relations(proof.ladder.holder)
        response = render.reply(
            request, view, "proof/form.html", relations=choices, picked=wanted is not None
        )
        if act is not None:
            response.headers["HX-Trigger"] = CHANGED
        return response

    async def hush(self, request: Request, call_id: str, *, on: bool) -> None:
        """Silence the recording while an answer is awaited; what is not recorded needs no silence."""
        if self._port.silence is not None:
            who = visitor_of(request).staff.staff_id
            await self._port.silence.silence(call_id, Silence.PROOF, on, who)

    async def _names(self, staff_ids: set[str]) -> dict[str, str]:
        on_air = {view.agent: view.on_air_name for view in self._shared.floor.agents()} if staff_ids else {}
        names: dict[str, str] = {}
        for staff_id in staff_ids:
            try:
                staff = await self._port.colleagues.by_id(staff_id)
            except StaffUnavailable:
                log.warning("names of staff cannot be read")
                break
            if staff is not None:
                names[staff_id] = on_air.get(staff.number) or staff.display_name
        return names
