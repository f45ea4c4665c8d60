"""Signing in by the directory: who comes back is a member of staff here, or does not get in."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from domain.audit import AuditRow, AuditTrail, AuditUnavailable
from domain.clock import Clock
from domain.staff import By, Staff, StaffRole, StaffStore, StaffUnavailable
from web.parts import Shared
from web.permissions import Permission
from web.sign_in import Admitted, NotSignedIn, SignIn, Source
from web.sign_in_oidc import Directory, DirectoryRefused, DirectoryUnavailable, Vouched
from web.sign_in_pages import PAGE, own_path, source_of, with_session
from web.sign_in_passwords import Passwords
from web.staff_drafts import StaffDraft, StaffFault
from web.staff_office import StaffOffice

log = logging.getLogger(__name__)

BEGIN, BACK = f"{PAGE}/direktori", f"{PAGE}/direktori/kembali"
COOKIE = "kring_directory"
COOKIE_SECONDS = 600
WHO = "directory"  # in the trail, for what follows from its groups


@dataclass(frozen=True, slots=True)
class DirectoryPort:
    """What a sign-in by the directory needs. `roles`: group there → role here; empty: roles are kept here."""

    directory: Directory
    roles: Mapping[str, StaffRole]
    staff: StaffStore
    office: StaffOffice
    passwords: Passwords
    sign_in: SignIn
    audit: AuditTrail
    clock: Clock


def add_directory_routes(shared: Shared, port: DirectoryPort) -> None:
    """Add the routes."""

    @shared.guard.get(BEGIN, Permission.PUBLIC, include_in_schema=False)
    async def to_directory(request: Request, ke: str = "") -> Response:
        back = f"{str(request.base_url).rstrip('/')}{BACK}"
        try:
            begun = await port.directory.begin(back, own_path(ke))
        except DirectoryUnavailable as error:
            log.warning("the directory cannot be asked: %s", error)
            return _refused(shared, request, "sign_in.directory_away", 503)
        response = RedirectResponse(begun.address, 303)
        # Lax: the way back begins at another site, and Strict cookies do not come along.
        response.set_cookie(
            COOKIE,
            begun.state,
            COOKIE_SECONDS,
            path=BEGIN,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    @shared.guard.get(BACK, Permission.PUBLIC, include_in_schema=False)
    async def from_directory(request: Request, state: str = "", code: str = "", iss: str = "") -> Response:
        try:
            vouched = await port.directory.finish(state, request.cookies.get(COOKIE, ""), code, iss)
            admitted = await admit(port, vouched, source_of(request))
        except (DirectoryRefused, NotSignedIn) as refused:
            log.warning("a sign-in by the directory is refused: %s", refused)
            return _refused(shared, request, "sign_in.directory_refused", 401)
        except DirectoryUnavailable as away:
            log.warning("the directory cannot be asked: %s", away)
            return _refused(shared, request, "sign_in.directory_away", 503)
        except (StaffUnavailable, AuditUnavailable):
            return _refused(shared, request, "sign_in.unavailable", 503)
        # Not a redirect: it would still count as begun by the other site, and the session's Strict cookie
        # would not come along.
        page = shared.render.page(request, "sign_in/going_on.html", go_to=vouched.go_to)
        page.delete_cookie(COOKIE, path=BEGIN)
        return with_session(request, page, admitted)


async def admit(port: DirectoryPort, vouched: Vouched, source: Source) -> Admitted:
    """Let in whom the directory vouches for. Raises NotSignedIn, StaffUnavailable, AuditUnavailable."""
    found = await port.staff.by_user_name(vouched.user_name)
    if found is None:
        await _note(port, None, "unknown")
        raise NotSignedIn("the directory vouches for somebody who is not staff here")
    if not await port.staff.bind_subject(found.staff_id, vouched.subject):
        await _note(port, found, "other_subject")
        raise NotSignedIn("the user name belongs to another person of the directory")
    if found.disabled:
        await _note(port, found, "disabled")
        raise NotSignedIn("the account is disabled")
    found = await _with_roles(port, found, vouched)
    await _forget_given_password(port, found)
    return await port.sign_in.by_directory(found, source)


async def _with_roles(port: DirectoryPort, staff: Staff, vouched: Vouched) -> Staff:
    """Give the roles of the directory's groups, where it decides about roles."""
    if not port.roles:
        return staff
    roles = {port.roles[group] for group in vouched.groups if group in port.roles}
    if roles == staff.roles:
        return staff
    draft = StaffDraft(
        staff.user_name, staff.display_name, tuple(roles), staff.number, staff.team, staff.language
    )
    try:
        return await port.office.change(WHO, staff.staff_id, draft)
    except StaffFault as fault:
        await _note(port, staff, "no_role")
        raise NotSignedIn(f"the directory's groups give no role that can be: {fault}") from fault


async def _forget_given_password(port: DirectoryPort, staff: Staff) -> None:
    """Replace a one-time password that nobody changed: it would ask for a change at every sign-in."""
    if (await port.staff.credential(staff.staff_id)).must_change:
        hashed = await port.passwords.hash(secrets.token_urlsafe(32))
        now, by = port.clock.now(), By(WHO)
        await port.staff.set_password(staff.staff_id, hashed, now, must_change=False, by=by)


async def _note(port: DirectoryPort, staff: Staff | None, why: str) -> None:
    who = staff.staff_id if staff else "unknown"
    subject = f"staff:{staff.staff_id}" if staff else ""
    data = {"step": "directory", "why": why}
    row = AuditRow(port.clock.now(), who, "sign_in_failed", subject, outcome="refused", data=data)
    await port.audit.record(row)


def _refused(shared: Shared, request: Request, error: str, status: int) -> Response:
    return shared.render.page(
        request, "sign_in/page.html", status, go_to="/", error=error, told="", token="", directory=True
    )
