"""Administration of staff `/petugas`, and the same for programs below `/api/staff`."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from domain.staff import Staff, StaffRole
from web.parts import Shared
from web.permissions import Permission
from web.staff_change_routes import add_change_routes
from web.staff_drafts import StaffDraft
from web.staff_office import StaffOffice
from web.staff_views import StaffView, kept, put, who_of

_VIEW, _MANAGE = Permission.STAFF_VIEW, Permission.STAFF_MANAGE
_TAGS: dict[str, Any] = {"tags": ["staff"]}


class StaffBody(BaseModel):
    """A person as they are to be."""

    user_name: str = Field(max_length=40)
    display_name: str = Field(max_length=80)
    # A form with one chosen role sends it alone.
    roles: Annotated[list[StaffRole], BeforeValidator(lambda one: [one] if isinstance(one, str) else one)]
    number: str = Field("", max_length=20, description="Staff number on the floor; an agent needs one")
    team: str = Field("", max_length=40)
    language: str = Field("id", pattern="^(id|en)$")

    def draft(self) -> StaffDraft:
        """Return what the office keeps."""
        return StaffDraft(
            self.user_name, self.display_name, self.roles, self.number, self.team, self.language
        )


class StaffList(BaseModel):
    """Everybody, by user name."""

    staff: list[StaffView]


class OneTimePassword(BaseModel):
    """A password that is shown only now and must be changed at the first sign-in."""

    person: StaffView
    password: str


class SessionsEnded(BaseModel):
    """How many sessions were ended."""

    ended: int


def add_staff_pages(shared: Shared, office: StaffOffice) -> None:
    """Add the routes."""
    add_change_routes(shared, office)
    pages = _Pages(shared, office)
    pages.add_views()
    pages.add_writing()
    pages.add_acts()


class _Pages:
    def __init__(self, shared: Shared, office: StaffOffice) -> None:
        self._shared = shared
        self._office = office
        self._guard = shared.guard

    def add_views(self) -> None:
        guard, office, render = self._guard, self._office, self._shared.render

        @guard.get("/petugas", _VIEW, include_in_schema=False)
        async def staff_page(request: Request) -> Response:
            people = await kept(office.all())
            return render.page(request, "staff/page.html", model=_listed(people), roles=list(StaffRole))

        @guard.get("/petugas/{staff_id}", _VIEW, include_in_schema=False)
        async def person_page(request: Request, staff_id: str) -> Response:
            person = StaffView.of(await self._found(staff_id))
            return render.page(request, "staff/person.html", model=person, roles=list(StaffRole))

        @guard.get("/api/staff", _VIEW, response_model=StaffList, **_TAGS)
        async def list_staff(request: Request) -> Response:
            """List everybody, by user name."""
            return render.reply(request, _listed(await kept(office.all())), "staff/list.html")

        @guard.get("/api/staff/{staff_id}", _VIEW, response_model=StaffView, **_TAGS)
        async def show_staff(request: Request, staff_id: str) -> Response:
            """Show one person."""
            person = StaffView.of(await self._found(staff_id))
            return render.reply(request, person, "staff/person_form.html", roles=list(StaffRole))

    def add_writing(self) -> None:
        guard, office, render = self._guard, self._office, self._shared.render

        @guard.post("/api/staff", _MANAGE, response_model=OneTimePassword, **_TAGS)
        async def create_staff(request: Request, body: StaffBody) -> Response:
            """Make somebody; the one-time password is in this answer only."""
            person, password = await put(office.create(who_of(request), body.draft()))
            return self._password(request, person, password)

        @guard.post("/api/staff/{staff_id}", _MANAGE, response_model=StaffView, **_TAGS)
        async def change_staff(request: Request, staff_id: str, body: StaffBody) -> Response:
            """Change somebody; with other roles, team or number their sessions end."""
            work = office.change(who_of(request), staff_id, body.draft())
            person = StaffView.of(await put(work))
            return render.reply(
                request, person, "staff/person_form.html", roles=list(StaffRole), told="staff.kept"
            )

    def add_acts(self) -> None:
        guard, office, render = self._guard, self._office, self._shared.render

        @guard.post("/api/staff/{staff_id}/reset", _MANAGE, response_model=OneTimePassword, **_TAGS)
        async def reset_staff(request: Request, staff_id: str) -> Response:
            """Give a one-time password; it is in this answer only. Sessions and the code end."""
            password = await kept(office.reset(who_of(request), staff_id))
            return self._password(request, await self._found(staff_id), password)

        async def set_disabled(request: Request, staff_id: str, disabled: bool) -> Response:
            work = office.set_disabled(who_of(request), staff_id, disabled=disabled)
            person = StaffView.of(await put(work))
            return render.reply(
                request, person, "staff/person_form.html", roles=list(StaffRole), told="staff.kept"
            )

        @guard.post("/api/staff/{staff_id}/disable", _MANAGE, response_model=StaffView, **_TAGS)
        async def disable_staff(request: Request, staff_id: str) -> Response:
            """Shut somebody out at once."""
            return await set_disabled(request, staff_id, disabled=True)

        @guard.post("/api/staff/{staff_id}/enable", _MANAGE, response_model=StaffView, **_TAGS)
        async def enable_staff(request: Request, staff_id: str) -> Response:
            """Let somebody in again."""
            return await set_disabled(request, staff_id, disabled=False)

        @guard.post("/api/staff/{staff_id}/end-sessions", _MANAGE, response_model=SessionsEnded, **_TAGS)
        async def end_staff_sessions(request: Request, staff_id: str) -> Response:
            """End all sessions of somebody."""
            ended = await kept(office.end_sessions(who_of(request), staff_id))
            return render.reply(request, SessionsEnded(ended=ended), "staff/sessions_ended.html")

    def _password(self, request: Request, person: Staff, password: str) -> Response:
        model = OneTimePassword(person=StaffView.of(person), password=password)
        return self._shared.render.reply(request, model, "staff/password.html")

    async def _found(self, staff_id: str) -> Staff:
        return await kept(self._office.find(staff_id))


def _listed(people: Sequence[Staff]) -> StaffList:
    return StaffList(staff=[StaffView.of(one) for one in people])
