"""One's own account: password, second step, sessions, language."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.audit import AuditRow, AuditTrail
from domain.clock import Clock
from domain.staff import By, Credential
from domain.staff_changes import StaffAct, StaffBook
from domain.staff_sessions import SessionEnd, StaffSession
from web.sign_in import Admitted, NotSignedIn, SignIn, Source
from web.sign_in_delays import Delays
from web.sign_in_passwords import Passwords, fault_of
from web.sign_in_sessions import StaffSessions
from web.visitor import Visitor

SHOWN = timedelta(days=7)  # for which ended sessions are listed


class PasswordRefused(Exception):
    """A new password is not good enough. `word`: a text `password.…`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class OwnAccount:
    """What everybody may do about themselves. Raises StaffUnavailable and AuditUnavailable."""

    def __init__(
        self,
        staff: StaffBook,
        sessions: StaffSessions,
        passwords: Passwords,
        delays: Delays,
        sign_in: SignIn,
        audit: AuditTrail,
        clock: Clock,
        on_password: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_password(user_name)` is called after a password was changed by its owner."""
        self._staff = staff
        self._sessions = sessions
        self._passwords = passwords
        self._delays = delays
        self._sign_in = sign_in
        self._codes = sign_in.codes
        self._audit = audit
        self._clock = clock
        self._on_password = on_password

    async def credential(self, visitor: Visitor) -> Credential:
        """Return what the visitor signs in with."""
        return await self._staff.credential(visitor.staff.staff_id)

    async def change_password(self, visitor: Visitor, old: str, new: str, source: Source) -> Admitted:
        """Change the password; all sessions end, and a new one begins in this browser.

        Raises PasswordRefused; NotSignedIn: the old one does not fit; TooManyAtOnce.
        """
        staff = visitor.staff
        if (word := fault_of(new, staff.user_name)) is not None:
            raise PasswordRefused(word)
        if new == old:
            raise PasswordRefused("same")
        await self.check_password(visitor, old, source)
        hashed = await self._passwords.hash(new)
        await self._note(visitor, "password_changed")
        by = By(staff.staff_id)
        await self._staff.set_password(staff.staff_id, hashed, self._clock.now(), must_change=False, by=by)
        await self._sessions.end_all(staff.staff_id, SessionEnd.PASSWORD_CHANGED)
        self._on_password(staff.user_name)
        return await self._sign_in.new_session(staff, source, "password_changed")

    async def check_password(self, visitor: Visitor, password: str, source: Source) -> None:
        """Ask for the password again before something that matters. Raises NotSignedIn, TooManyAtOnce."""
        staff_id = visitor.staff.staff_id
        async with self._delays.attempt(f"own {staff_id}", source.address) as attempt:
            credential = await self._staff.credential(staff_id)
            if not (await self._passwords.verify(credential.password_hash, password)).fits:
                attempt.failed()
                await self._note(visitor, "password_check_failed", "refused")
                raise NotSignedIn
            attempt.succeeded()

    async def begin_code(self, visitor: Visitor, password: str, source: Source) -> str:
        """Begin to enrol an authenticator; return its secret. Raises NotSignedIn, TooManyAtOnce."""
        await self.check_password(visitor, password, source)
        enrolled = (await self.credential(visitor)).totp_since is not None
        await self._note(visitor, "code_begun", kept=StaffAct.CODE_ENDED if enrolled else None)
        await self._codes.end(visitor.staff.staff_id)
        return await self._codes.begin(visitor.staff.staff_id)

    async def confirm_code(self, visitor: Visitor, code: str, source: Source) -> Sequence[str]:
        """Enrol with the first code; return recovery codes. Raises NotSignedIn, TooManyAtOnce."""
        staff_id = visitor.staff.staff_id
        async with self._delays.attempt(f"own {staff_id}", source.address) as attempt:
            codes = await self._codes.confirm(staff_id, code)
            if codes is None:
                attempt.failed()
                raise NotSignedIn
            attempt.succeeded()
        await self._note(visitor, "code_enrolled", kept=StaffAct.CODE_ENROLLED)
        return codes

    async def end_code(self, visitor: Visitor, password: str, source: Source) -> None:
        """Sign in without a code from now on. Raises NotSignedIn, TooManyAtOnce."""
        await self.check_password(visitor, password, source)
        await self._note(visitor, "code_ended", kept=StaffAct.CODE_ENDED)
        await self._codes.end(visitor.staff.staff_id)

    async def new_recovery_codes(self, visitor: Visitor, password: str, source: Source) -> Sequence[str]:
        """Replace the recovery codes. Raises NotSignedIn, TooManyAtOnce; KeyError: no code is enrolled."""
        await self.check_password(visitor, password, source)
        if (await self.credential(visitor)).totp_since is None:
            raise KeyError("code")
        await self._note(visitor, "recovery_codes_made", kept=StaffAct.RECOVERY_CODES_MADE)
        return await self._codes.new_recovery_codes(visitor.staff.staff_id)

    async def recovery_codes_left(self, visitor: Visitor) -> int:
        """Return how many recovery codes are unused."""
        return await self._staff.recovery_codes_left(visitor.staff.staff_id)

    async def sessions(self, visitor: Visitor) -> Sequence[StaffSession]:
        """Return open sessions and those that ended lately, newest first."""
        return await self._sessions.of(visitor.staff.staff_id, self._clock.now() - SHOWN)

    async def end_session(self, visitor: Visitor, session_id: str) -> None:
        """End one of one's own sessions. Raises KeyError: none of theirs."""
        found = await self._sessions.find(session_id)
        if found is None or found.staff_id != visitor.staff.staff_id:
            raise KeyError(session_id)
        await self._note(visitor, "session_revoked")
        await self._sessions.end(session_id, SessionEnd.REVOKED)

    async def end_other_sessions(self, visitor: Visitor) -> int:
        """End all sessions but this one; return how many."""
        await self._note(visitor, "sessions_revoked", kept=StaffAct.SESSIONS_ENDED)
        staff_id = visitor.staff.staff_id
        return await self._sessions.end_all(staff_id, SessionEnd.REVOKED, keep=visitor.session_id)

    async def set_language(self, staff_id: str, language: str) -> None:
        """Choose the language of one's pages."""
        found = await self._staff.by_id(staff_id)
        if found is not None and found.language != language:
            await self._staff.change(replace(found, language=language), self._clock.now(), By(staff_id))
            self._sessions.forget(staff_id)

    async def _note(
        self, visitor: Visitor, act: str, outcome: str = "done", kept: StaffAct | None = None
    ) -> None:
        """Leave a row on the trail, and with `kept` one on the account's own record."""
        who, now = visitor.staff.staff_id, self._clock.now()
        await self._audit.record(AuditRow(now, who, act, f"staff:{who}", outcome=outcome))
        if kept is not None:
            await self._staff.note(who, kept, now, By(who))
