"""Administration of staff: the same for pages, programs and the command line.

Every change is on the trail before it is made, and ends the sessions of whom it concerns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.audit import AuditRow, AuditTrail
from domain.clock import Clock
from domain.ids import new_id
from domain.staff import Credential, Staff, StaffRole, StaffStore, StaffTaken
from domain.staff_sessions import SessionEnd
from web.sign_in_codes import Codes
from web.sign_in_passwords import Passwords, one_time_password
from web.sign_in_sessions import StaffSessions
from web.staff_drafts import StaffDraft, StaffFault


class StaffOffice:
    """Makes and changes staff. Every method raises StaffUnavailable and AuditUnavailable.

    `who` is the staff_id of who asks, or `cli:NAME`.
    """

    def __init__(
        self,
        staff: StaffStore,
        sessions: StaffSessions,
        passwords: Passwords,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._staff = staff
        self._sessions = sessions
        self._passwords = passwords
        self._audit = audit
        self._clock = clock
        self._codes = Codes(staff, clock)

    async def all(self) -> Sequence[Staff]:
        """Return everybody, by user name."""
        return await self._staff.all()

    async def find(self, staff_id: str) -> Staff:
        """Return one person. Raises KeyError: no such person."""
        found = await self._staff.by_id(staff_id)
        if found is None:
            raise KeyError(staff_id)
        return found

    async def named(self, user_name: str) -> Staff:
        """Return who signs in with this name. Raises KeyError: nobody."""
        found = await self._staff.by_user_name(user_name.strip().casefold())
        if found is None:
            raise KeyError(user_name)
        return found

    async def create(self, who: str, draft: StaffDraft) -> tuple[Staff, str]:
        """Make somebody; return them and their one-time password. Raises StaffFault."""
        try:
            return (await self.create_all(who, [draft]))[0]
        except StaffFaults as faults:
            raise faults.faults[0] from faults

    async def create_all(
        self, who: str, drafts: Sequence[StaffDraft], *, must_change: bool = True
    ) -> Sequence[tuple[Staff, str]]:
        """Make several people, all or none, with passwords that they must change first.

        Raises StaffFaults with every wrong draft.
        """
        people: list[Staff] = []
        faults: dict[int, StaffFault] = {}
        for place, draft in enumerate(drafts):
            try:
                people.append(draft.person(new_id()))
            except StaffFault as fault:
                faults[place] = fault
        faults = faults or _twice(people)
        if faults:
            raise StaffFaults(faults)
        secrets = [one_time_password() for _ in people]
        now = self._clock.now()
        new = [
            (person, Credential(await self._passwords.hash(secret), must_change, now))
            for person, secret in zip(people, secrets, strict=True)
        ]
        for person in people:
            await self._note(who, "staff_created", person, {"roles": " ".join(sorted(person.roles))})
        try:
            await self._staff.add(new)
        except StaffTaken as taken:
            raise StaffFaults({taken.at: StaffFault(taken.what, f"{taken.what}_taken")}) from taken
        return list(zip(people, secrets, strict=True))

    async def change(self, who: str, staff_id: str, draft: StaffDraft) -> Staff:
        """Change all of a person but the password; other rights end their sessions. Raises StaffFault."""
        before = await self.find(staff_id)
        after = draft.person(staff_id, disabled=before.disabled)
        if StaffRole.ADMINISTRATOR in before.roles - after.roles:
            await self._check_not_last(before)
        roles = {"roles": " ".join(sorted(after.roles))} if after.roles != before.roles else {}
        changed = [name for name in ("user_name", "display_name", "number", "team", "language")
                   if getattr(before, name) != getattr(after, name)]  # fmt: skip
        await self._note(who, "staff_changed", before, {"fields": " ".join(changed), **roles})
        await self._keep(after)
        if (before.roles, before.team, before.number) != (after.roles, after.team, after.number):
            await self._sessions.end_all(staff_id, SessionEnd.RIGHTS_CHANGED)
        return after

    async def reset(self, who: str, staff_id: str, *, must_change: bool = True) -> str:
        """Give somebody a one-time password, take their second step away; return the password."""
        person, secret = await self.find(staff_id), one_time_password()
        hashed = await self._passwords.hash(secret)
        await self._note(who, "password_reset", person, {})
        await self._staff.set_password(staff_id, hashed, self._clock.now(), must_change=must_change)
        await self._codes.end(staff_id)
        await self._sessions.end_all(staff_id, SessionEnd.PASSWORD_CHANGED)
        return secret

    async def set_disabled(self, who: str, staff_id: str, *, disabled: bool) -> Staff:
        """Shut somebody out at once, or let them in again. Raises StaffFault."""
        before = await self.find(staff_id)
        if disabled and who == staff_id:
            raise StaffFault("disabled", "yourself")
        if disabled and StaffRole.ADMINISTRATOR in before.roles:
            await self._check_not_last(before)
        await self._note(who, "staff_disabled" if disabled else "staff_enabled", before, {})
        after = replace(before, disabled=disabled)
        await self._keep(after)
        await self._sessions.end_all(staff_id, SessionEnd.DISABLED)
        return after

    async def end_sessions(self, who: str, staff_id: str) -> int:
        """End all sessions of somebody; return how many."""
        person = await self.find(staff_id)
        await self._note(who, "sessions_revoked", person, {})
        return await self._sessions.end_all(staff_id, SessionEnd.REVOKED)

    async def _check_not_last(self, person: Staff) -> None:
        others = [
            one
            for one in await self._staff.all()
            if StaffRole.ADMINISTRATOR in one.roles and not one.disabled and one.staff_id != person.staff_id
        ]
        if not others:
            raise StaffFault("roles", "last_administrator")

    async def _keep(self, person: Staff) -> None:
        try:
            await self._staff.change(person, self._clock.now())
        except StaffTaken as taken:
            raise StaffFault(taken.what, f"{taken.what}_taken") from taken
        self._sessions.forget(person.staff_id)

    async def _note(self, who: str, act: str, person: Staff, data: Mapping[str, str]) -> None:
        kept = {name: value for name, value in data.items() if value}
        await self._audit.record(AuditRow(self._clock.now(), who, act, f"staff:{person.staff_id}", data=kept))


class StaffFaults(Exception):
    """Several drafts cannot be kept; none was. `faults`: by place, from 0."""

    def __init__(self, faults: Mapping[int, StaffFault]) -> None:
        super().__init__("; ".join(f"{place + 1}: {fault}" for place, fault in faults.items()))
        self.faults = faults


def _twice(people: Sequence[Staff]) -> dict[int, StaffFault]:
    faults: dict[int, StaffFault] = {}
    for field in ("user_name", "number"):
        seen: set[str] = set()
        for place, person in enumerate(people):
            value = getattr(person, field)
            if value and value in seen:
                faults.setdefault(place, StaffFault(field, f"{field}_taken"))
            seen.add(value)
    return faults
