"""Signing in: user name and password, then a code where one is enrolled.

Whoever the name belongs to, and whether it belongs to anybody, the answer and its time are the same. The
trail has every attempt before its outcome is told.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.audit import AuditRow, AuditTrail
from domain.clock import Clock
from domain.staff import Credential, Staff, StaffStore
from domain.staff_sessions import SessionEnd
from web.sign_in_codes import Codes
from web.sign_in_delays import Delays
from web.sign_in_passwords import Passwords
from web.sign_in_sessions import StaffSessions
from web.visitor import Visitor

CODE_WITHIN = 300.0  # seconds between the password and its code
NOBODY = "0" * 32
MOST_WAITING = 5_000  # people between password and code


class NotSignedIn(Exception):
    """User name, password or code do not fit. It is not told which."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an attempt comes from."""

    address: str
    browser: str  # the user agent
    device: str = field(default="", repr=False)  # what a browser was given at an earlier sign-in


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody is in."""

    staff: Staff
    session_id: str
    cookie: str = field(repr=False)
    device: str = field(repr=False)  # to be kept by the browser for a year
    must_change: bool


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password fits; a code is asked for. `token` says for whom."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Waiting:
    staff_id: str
    until: float  # monotonic
    password_at: datetime


class SignIn:
    """Lets people in. Every method raises StaffUnavailable and AuditUnavailable."""

    def __init__(
        self,
        staff: StaffStore,
        sessions: StaffSessions,
        passwords: Passwords,
        delays: Delays,
        audit: AuditTrail,
        clock: Clock,
        fingerprint: Callable[[str], bytes],
    ) -> None:
        """`fingerprint`: a keyed one (`storage.vault.Vault.lookup_key`), for browsers that are known."""
        self._staff = staff
        self._sessions = sessions
        self._passwords = passwords
        self._delays = delays
        self._audit = audit
        self._clock = clock
        self._fingerprint = fingerprint
        self.codes = Codes(staff, clock)
        self._waiting: dict[str, _Waiting] = {}

    async def with_password(self, user_name: str, password: str, source: Source) -> Admitted | CodeNeeded:
        """Try a password. Raises NotSignedIn, TooManyAtOnce."""
        name = user_name.strip().casefold()[:64]
        found = await self._staff.by_user_name(name)
        async with self._delays.attempt(self._counted_as(name, found, source), source.address) as attempt:
            credential = await self._credential(found)
            known = credential.password_hash if credential else None
            verified = await self._passwords.verify(known, password)
            if found is None or credential is None or not verified.fits or found.disabled:
                attempt.failed()
                await self._note("sign_in_failed", found, "refused", {"step": "password"})
                raise NotSignedIn
            if verified.stronger:
                await self._staff.rehash(found.staff_id, credential.password_hash, verified.stronger)
            if credential.totp_since is not None:
                return CodeNeeded(self._wait(found.staff_id, credential.changed_at))
            attempt.succeeded()
            return await self._admit(found, source, credential.must_change, "password")

    async def _credential(self, staff: Staff | None) -> Credential | None:
        """Look up what somebody signs in with; for nobody it takes as long."""
        try:
            return await self._staff.credential(staff.staff_id if staff else NOBODY)
        except KeyError:
            return None

    async def with_code(self, token: str, code: str, source: Source) -> Admitted:
        """Try the code that was asked for. Raises NotSignedIn, TooManyAtOnce."""
        waiting = self._waiting.get(token)
        if waiting is None or waiting.until < self._clock.monotonic():
            raise NotSignedIn
        found = await self._staff.by_id(waiting.staff_id)
        name = self._counted_as(f"code {waiting.staff_id}", found, source)
        async with self._delays.attempt(name, source.address) as attempt:
            credential = await self._staff.credential(waiting.staff_id)
            fits = await self.codes.check(waiting.staff_id, code)
            unchanged = credential.changed_at == waiting.password_at
            if found is None or found.disabled or not fits or not unchanged:
                attempt.failed()
                await self._note("sign_in_failed", found, "refused", {"step": "code"})
                raise NotSignedIn
            self._waiting.pop(token, None)
            attempt.succeeded()
            self._delays.succeeded(self._counted_as(found.user_name, found, source))
            return await self._admit(found, source, credential.must_change, "code")

    async def by_directory(self, staff: Staff, source: Source) -> Admitted:
        """Let somebody in whom the directory vouches for. Raises NotSignedIn: the account is disabled."""
        if staff.disabled:
            await self._note("sign_in_failed", staff, "refused", {"step": "directory"})
            raise NotSignedIn
        return await self._admit(staff, source, must_change=False, how="directory")

    async def new_session(self, staff: Staff, source: Source, why: str) -> Admitted:
        """Begin another session for somebody who is signed in: after a change of the password."""
        return await self._admit(staff, source, must_change=False, how=why)

    async def sign_out(self, visitor: Visitor) -> None:
        """End the visitor's session."""
        await self._note("signed_out", visitor.staff, "done", {})
        await self._sessions.end(visitor.session_id, SessionEnd.SIGNED_OUT)

    async def _admit(self, staff: Staff, source: Source, must_change: bool, how: str) -> Admitted:
        await self._note("signed_in", staff, "done", {"how": how})
        cookie, session = await self._sessions.begin(staff, source.browser)
        known = self._is_known(source.device, staff.staff_id)
        device = source.device if known else self._device(staff.staff_id)
        return Admitted(staff, session.session_id, cookie, device, must_change)

    def _wait(self, staff_id: str, password_at: datetime) -> str:
        now = self._clock.monotonic()
        self._waiting = {key: one for key, one in self._waiting.items() if one.until >= now}
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
        token = secrets.token_urlsafe(32)
        self._waiting[token] = _Waiting(staff_id, now + CODE_WITHIN, password_at)
        return token

    def _counted_as(self, name: str, staff: Staff | None, source: Source) -> str:
        """Return under which name failures count: a browser that is known counts by itself."""
        if staff is not None and self._is_known(source.device, staff.staff_id):
            return f"device {source.device.partition('.')[0]}"
        return f"name {name}"

    def _device(self, staff_id: str) -> str:
        device = secrets.token_hex(16)
        return f"{device}.{self._fingerprint(f'device/{staff_id}/{device}').hex()}"

    def _is_known(self, token: str, staff_id: str) -> bool:
        device, _, proof = token.partition(".")
        wanted = self._fingerprint(f"device/{staff_id}/{device}").hex()
        return bool(device) and hmac.compare_digest(proof.encode(), wanted.encode())

    async def _note(self, act: str, staff: Staff | None, outcome: str, data: Mapping[str, str]) -> None:
        who = staff.staff_id if staff else "unknown"
        subject = f"staff:{staff.staff_id}" if staff else ""
        await self._audit.record(AuditRow(self._clock.now(), who, act, subject, outcome=outcome, data=data))
