"""Administration of staff: the same for pages, programs and the command line.

Every change is on the trail before it is made, is kept with before and after, and ends the sessions of
whom it concerns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.audit import AuditRow, AuditTrail
from domain.clock import Clock
from domain.ids import new_id
from domain.staff import By, Credential, Staff, StaffMoved, StaffTaken
from domain.staff_changes import StaffAct, StaffBook, StaffChange, undoing_of
from domain.staff_sessions import SessionEnd
from web.sign_in_codes import Codes
from web.sign_in_passwords import Passwords, one_time_password
from web.sign_in_sessions import StaffSessions
from web.staff_drafts import StaffDraft, StaffFault
from web.staff_undo import check_administrator_stays, without


@dataclass(frozen=True, slots=True)
class StaffEvent:
    """A change on record, and how it stands now."""

    change: StaffChange
    undone_by: int  # the number of the change that took it back; 0: none
    refused: str  # why it cannot be undone: a word of `staff_fault.…`; empty: it can


class StaffOffice:
    """Makes and changes staff. Every method raises StaffUnavailable and AuditUnavailable.

    `who` is the staff_id of who asks, or `cli:NAME`.
    """

    def __init__(
        self,
        staff: StaffBook,
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
            await self._staff.add(new, By(who))
        except StaffTaken as taken:
            raise StaffFaults({taken.at: StaffFault(taken.what, f"{taken.what}_taken")}) from taken
        return list(zip(people, secrets, strict=True))

    async def change(self, who: str, staff_id: str, draft: StaffDraft) -> Staff:
        """Change all of a person but the password; other rights end their sessions. Raises StaffFault."""
        before = await self.find(staff_id)
        after = draft.person(staff_id, disabled=before.disabled)
        check_administrator_stays(before, after, await self.all())
        roles = {"roles": " ".join(sorted(after.roles))} if after.roles != before.roles else {}
        changed = [name for name in ("user_name", "display_name", "number", "team", "language")
                   if getattr(before, name) != getattr(after, name)]  # fmt: skip
        await self._note(who, "staff_changed", before, {"fields": " ".join(changed), **roles})
        await self._keep(before, after, By(who))
        return after

    async def reset(self, who: str, staff_id: str, *, must_change: bool = True) -> str:
        """Give somebody a one-time password, take their second step away; return the password."""
        person, secret = await self.find(staff_id), one_time_password()
        hashed, by, now = await self._passwords.hash(secret), By(who), self._clock.now()
        await self._note(who, "password_reset", person, {})
        await self._staff.set_password(staff_id, hashed, now, must_change=must_change, by=by)
        if (await self._staff.credential(staff_id)).totp_since is not None:
            await self._staff.note(staff_id, StaffAct.CODE_RESET, now, by)
        await self._codes.end(staff_id)
        await self._sessions.end_all(staff_id, SessionEnd.PASSWORD_CHANGED)
        return secret

    async def set_disabled(self, who: str, staff_id: str, *, disabled: bool) -> Staff:
        """Shut somebody out at once, or let them in again. Raises StaffFault."""
        before = await self.find(staff_id)
        if disabled and who == staff_id:
            raise StaffFault("disabled", "yourself")
        after = replace(before, disabled=disabled)
        check_administrator_stays(before, after, await self.all())
        await self._note(who, "staff_disabled" if disabled else "staff_enabled", before, {})
        await self._keep(before, after, By(who))
        return after

    async def end_sessions(self, who: str, staff_id: str) -> int:
        """End all sessions of somebody; return how many."""
        person = await self.find(staff_id)
        await self._note(who, "sessions_revoked", person, {})
        await self._staff.note(staff_id, StaffAct.SESSIONS_ENDED, self._clock.now(), By(who))
        return await self._sessions.end_all(staff_id, SessionEnd.REVOKED)

    async def changes(self, who: str, before: int = 0, most: int = 50) -> Sequence[StaffEvent]:
        """Return what became of all accounts, newest first; `before`: older than this number."""
        return await self._events(who, await self._staff.changes(before, most))

    async def changes_of(self, who: str, staff_id: str) -> Sequence[StaffEvent]:
        """Return what became of an account, newest first. Raises KeyError: no such person."""
        await self.find(staff_id)
        return await self._events(who, await self._staff.changes_of([staff_id]))

    async def undo_preview(self, who: str, number: int) -> tuple[Staff, Staff]:
        """Return the person as they stand and as they would stand. Raises StaffFault; KeyError: no change."""
        change = await self._staff.change_of_number(number)
        if change is None:
            raise KeyError(number)
        return without(change, await self._staff.changes_of([change.staff_id]), await self.all(), who)

    async def undo(self, who: str, number: int, why: str = "") -> Staff:
        """Take a change back and leave later ones: a change itself. Raises StaffFault; KeyError: none."""
        before, after = await self.undo_preview(who, number)
        await self._note(who, "staff_undone", before, {"change": str(number)})
        await self._keep(before, after, By(who, why, number))
        return after

    async def _events(self, who: str, found: Sequence[StaffChange]) -> Sequence[StaffEvent]:
        everybody = await self.all()
        histories: dict[str, list[StaffChange]] = {}
        for one in await self._staff.changes_of({change.staff_id for change in found}):
            histories.setdefault(one.staff_id, []).append(one)
        return [_event(change, histories[change.staff_id], everybody, who) for change in found]

    async def _keep(self, before: Staff, after: Staff, by: By) -> None:
        """Change somebody unless they were changed meanwhile; other rights end their sessions."""
        staff_id = before.staff_id
        try:
            await self._staff.change(after, self._clock.now(), by, was=before)
        except StaffTaken as taken:
            raise StaffFault(taken.what, f"{taken.what}_taken") from taken
        except StaffMoved as moved:
            raise StaffFault("undo", "undo_meanwhile") from moved
        self._sessions.forget(staff_id)
        if before.disabled != after.disabled:
            await self._sessions.end_all(staff_id, SessionEnd.DISABLED)
        elif (before.roles, before.team, before.number) != (after.roles, after.team, after.number):
            await self._sessions.end_all(staff_id, SessionEnd.RIGHTS_CHANGED)

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


def _event(
    change: StaffChange, history: Sequence[StaffChange], everybody: Sequence[Staff], who: str
) -> StaffEvent:
    undone_by = undoing_of(history).get(change.number, 0)
    try:
        without(change, history, everybody, who)
    except StaffFault as fault:
        return StaffEvent(change, undone_by, fault.word)
    return StaffEvent(change, undone_by, "")
