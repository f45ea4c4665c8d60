"""What the pages of matters stand on, and what every route of theirs does first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fastapi import HTTPException

from desk.matter_codes import new_code
from desk.matter_rules import MatterRules
from desk.matters import (
    CodeTaken,
    Matter,
    MatterBook,
    MatterKind,
    MattersUnavailable,
    Origin,
    Workers,
    WorkFilter,
)
from desk.promises import may_take, with_dialer
from desk.spelling import Spelling
from desk.standing import Rung, Standing, StandingUnavailable
from domain.audit import AuditRow, AuditUnavailable
from domain.directory import DirectoryUnavailable, TaxpayerRecords
from domain.ids import new_id
from domain.masking import mask
from domain.staff import Reach
from web.matter_office_port import MatterOffice
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

_TRIES = 3  # to draw a code that nobody has: one in a thousand is taken after years of use
WORK_KINDS = frozenset({MatterKind.CASE, MatterKind.COMPLAINT, MatterKind.REQUEST})

T = TypeVar("T")


class CallerNumbers(Protocol):
    """Tells who rang."""

    async def caller_number(self, call_id: str) -> str | None:
        """Return a caller's number, E.164 digits; None: withheld or unknown. Raises MattersUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class MatterPort:
    """Given to `add_matter_routes`."""

    book: MatterBook
    rules: MatterRules
    register: TaxpayerRecords
    callers: CallerNumbers
    workers: Workers
    spelling: Spelling
    office: MatterOffice


class MatterDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: MatterPort) -> None:
        self.shared, self.port = shared, port

    async def standing(self, call_id: str) -> Standing:
        """Return what the caller has proved. Raises HTTPException 404 or 503."""
        try:
            return await self.shared.standings.standing(call_id)
        except KeyError as error:
            raise HTTPException(404, "matters.no_such_call") from error
        except StandingUnavailable as error:
            raise HTTPException(503, "matters.standing_down") from error

    async def known(self, standing: Standing) -> dict[str, str]:
        """Return what the register has of the taxpayer, as far as the proof allows. Raises HTTPException."""
        if standing.rung < Rung.CONFIRMED or standing.taxpayer_id is None:
            return {}
        try:
            taxpayer = await self.port.register.by_id(standing.taxpayer_id)
            if taxpayer is None:
                return {}
            found = {"name": taxpayer.name, "npwp": mask(taxpayer.npwp)}
            if standing.rung >= Rung.FULL:
                found |= {"npwp": taxpayer.npwp, "status": "active" if taxpayer.active else "non_effective"}
                profile = await self.port.register.profile(standing.taxpayer_id)
                if profile is not None:
                    found |= {"address": profile.address, "email": profile.email, "phone": profile.phone}
                    found |= {"office": profile.office_name}
        except DirectoryUnavailable as error:
            raise HTTPException(503, "matters.register_down") from error
        return {name: value for name, value in found.items() if value}

    async def matter(self, matter_id: str) -> Matter:
        """Return a matter. Raises HTTPException 404."""
        try:
            return await self.port.book.get(matter_id)
        except KeyError as error:
            raise HTTPException(404, "matters.no_such_matter") from error

    async def audit(
        self,
        visitor: Visitor,
        act: str,
        matter: Matter | None,
        why: str,
        outcome: str = "done",
        subject: str = "",
    ) -> None:
        """Put an act on the audit trail, before it is done. Raises HTTPException 503."""
        data = {} if matter is None else {"matter": matter.matter_id, "kind": matter.kind.value}
        if matter is not None:
            about = matter.taxpayer_id
            subject = f"taxpayer:{about}" if about else f"{matter.kind}:{matter.matter_id}"
        row = AuditRow(self.shared.clock.now(), visitor.staff.staff_id, act, subject, why, outcome, data)
        try:
            await self.shared.audit.record(row)
        except AuditUnavailable as error:
            raise HTTPException(503, "matters.audit_down") from error

    async def open(
        self, visitor: Visitor, call_id: str, matter_id: str | None, make: Callable[[Origin], Awaitable[T]]
    ) -> T:
        """Open a matter of a call; `make` is called again if its code is taken."""
        standing = await self.standing(call_id)
        for last in (False,) * (_TRIES - 1) + (True,):
            origin = Origin(
                matter_id or new_id(),
                new_code(),
                call_id,
                standing.rung,
                standing.taxpayer_id,
                visitor.staff.staff_id,
                visitor.staff.team,
                self.shared.clock.now(),
            )
            try:
                return await make(origin)
            except CodeTaken:
                if last:
                    raise
        raise MattersUnavailable("no free code was drawn")

    def may_work(self, visitor: Visitor, matter: Matter) -> bool:
        """Whether the visitor's reach covers a matter; a promise also where the visitor may call.

        Likewise while the dialer calls: whoever rings meanwhile may be told by any agent.
        """
        me = visitor.staff.staff_id
        match visitor.reach(Permission.MATTER_WORK):
            case Reach.ALL:
                return True
            case Reach.TEAM if visitor.staff.team and visitor.staff.team == matter.team:
                return True
            case Reach.TEAM | Reach.OWN if matter.assignee == me:
                return True
        if matter.kind is not MatterKind.PROMISE or visitor.reach(Permission.MATTER_OPEN) is None:
            return False
        now = self.shared.clock.now()
        rule = self.port.rules.promises.at(now)
        mine = me in (matter.assignee, matter.opened_by)
        return mine or with_dialer(matter) or may_take(rule, matter, me, now)

    def check_work(self, visitor: Visitor, matter: Matter) -> None:
        """Raise HTTPException 403 unless the visitor may see and change a matter."""
        if not self.may_work(visitor, matter):
            raise HTTPException(403, "matters.not_yours")

    def filter(self, visitor: Visitor, **wanted: object) -> WorkFilter | None:
        """Return what of a list the visitor may see; None: nothing."""
        match visitor.reach(Permission.MATTER_WORK):
            case Reach.ALL:
                limits: dict[str, object] = {}
            case Reach.TEAM if visitor.staff.team:
                limits = {"team": visitor.staff.team}
            case Reach.OWN:
                limits = {"assignee": visitor.staff.staff_id}
            case _:
                return None
        return WorkFilter(**{"kinds": WORK_KINDS, **wanted, **limits})  # type: ignore[arg-type]

    async def names(self) -> dict[str, str]:
        """Return staff_id → name of who works on matters."""
        return {worker.staff_id: worker.name for worker in await self.port.workers.workers()}
