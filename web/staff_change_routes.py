"""What became of accounts `/petugas/riwayat`, undoing it, and what roles may do `/petugas/peran`."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request, Response

from domain.audit import AuditRow
from domain.staff import StaffRole
from web.parts import Shared
from web.permissions import Permission
from web.staff_change_models import StaffChangeList, StaffUndoBody
from web.staff_drafts import StaffFault
from web.staff_office import StaffOffice
from web.staff_roles import allowed, holders
from web.staff_views import StaffView, kept, who_of

_TAGS: dict[str, Any] = {"tags": ["staff"]}
_VIEW, _MANAGE = Permission.STAFF_VIEW, Permission.STAFF_MANAGE
_Before = Annotated[int, Query(ge=0, le=2**53)]
_Number = Annotated[int, Path(ge=1, le=2**53)]
_MOST = 50
_NO_CHANGE = "staff.no_such_change"


def add_change_routes(shared: Shared, office: StaffOffice) -> None:
    """Add the routes; before those of `/petugas/{staff_id}`, which would take their addresses."""
    _add_roles(shared, office)
    _add_all(shared, office)
    _add_of_one(shared, office)
    _add_undo(shared, office)


def _add_roles(shared: Shared, office: StaffOffice) -> None:
    @shared.guard.get("/petugas/peran", _VIEW, include_in_schema=False)
    async def roles_page(request: Request) -> Response:
        """Show what every role may do."""
        return shared.render.page(
            request,
            "staff/roles_page.html",
            roles=list(StaffRole),
            groups=allowed(),
            holders=holders(await kept(office.all())),
        )


def _add_all(shared: Shared, office: StaffOffice) -> None:
    async def listed(request: Request, before: int) -> StaffChangeList:
        await _reads(shared, request)
        events = await kept(office.changes(who_of(request), before, _MOST))
        return StaffChangeList.of(events, await _names(office), _MOST)

    @shared.guard.get("/petugas/riwayat", _VIEW, include_in_schema=False)
    async def staff_changes_page(request: Request, before: _Before = 0) -> Response:
        """Show what became of all accounts, newest first."""
        model = await listed(request, before)
        return shared.render.page(request, "staff/changes_page.html", model=model, person=None)

    @shared.guard.get("/api/staff-changes", _VIEW, response_model=StaffChangeList, **_TAGS)
    async def list_staff_changes(request: Request, before: _Before = 0) -> Response:
        """Return what became of all accounts, newest first. Reading it is on the trail."""
        model = await listed(request, before)
        return shared.render.reply(request, model, "staff/changes.html", person=None)


def _add_of_one(shared: Shared, office: StaffOffice) -> None:
    async def listed(request: Request, staff_id: str) -> StaffChangeList:
        events = await kept(office.changes_of(who_of(request), staff_id))
        await _reads(shared, request, f"staff:{staff_id}")
        return StaffChangeList.of(events, await _names(office))

    @shared.guard.get("/petugas/{staff_id}/riwayat", _VIEW, include_in_schema=False)
    async def account_history_page(request: Request, staff_id: str) -> Response:
        """Show what became of an account."""
        model, person = await listed(request, staff_id), StaffView.of(await kept(office.find(staff_id)))
        return shared.render.page(request, "staff/changes_page.html", model=model, person=person)

    @shared.guard.get("/api/staff/{staff_id}/changes", _VIEW, response_model=StaffChangeList, **_TAGS)
    async def list_changes_of_staff(request: Request, staff_id: str) -> Response:
        """Return what became of an account, newest first. Reading it is on the trail."""
        model = await listed(request, staff_id)
        return shared.render.reply(request, model, "staff/changes.html", person=staff_id)


def _add_undo(shared: Shared, office: StaffOffice) -> None:
    @shared.guard.post("/api/staff-changes/{number}/undo", _MANAGE, response_model=StaffView, **_TAGS)
    async def undo_staff_change(request: Request, number: _Number, body: StaffUndoBody) -> Response:
        """Undo a change and leave later ones; the undoing is a change itself. 409: it cannot be undone."""
        try:
            person = await kept(office.undo(who_of(request), number, body.why), _NO_CHANGE)
        except StaffFault as fault:
            raise HTTPException(409, f"staff_fault.{fault.word}") from None
        view = StaffView.of(person)
        answer = shared.render.reply(
            request, view, "staff/person_form.html", roles=list(StaffRole), told="staff.kept"
        )
        answer.headers["HX-Redirect"] = f"/petugas/{person.staff_id}/riwayat"
        return answer


async def _names(office: StaffOffice) -> Mapping[str, str]:
    return {one.staff_id: one.user_name for one in await kept(office.all())}


async def _reads(shared: Shared, request: Request, subject: str = "") -> None:
    await shared.audit.record(AuditRow(shared.clock.now(), who_of(request), "staff_history_read", subject))
