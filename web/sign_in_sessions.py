"""Who is signed in: sessions by cookie, on the database, with a short memory in front of it.

The cookie holds 256 random bits and is kept nowhere but in the browser; the database has its hash. A
session ends when it was idle too long, at an absolute age, when somebody ends it, and when its cookie
comes from another browser than the one it was given to.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.audit import AuditRow, AuditTrail, AuditUnavailable
from domain.clock import Clock
from domain.ids import new_id
from domain.staff import Staff, StaffUnavailable
from domain.staff_sessions import SessionEnd, SessionStore, SignedIn, StaffSession
from web.browsers import browser_name
from web.visitor import SessionsUnavailable, Visitor

log = logging.getLogger(__name__)

MEMORY = 2.0  # seconds for which a session is not looked up again: as long as a revocation elsewhere takes
SEEN_EVERY = timedelta(seconds=60)  # at most so often a session's use is written
KEPT = timedelta(days=90)  # for which ended sessions stay on the list
COOKIE_BYTES = 32

Ear = Callable[[str, SessionEnd], None]  # session_id, why


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long sessions last."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)


@dataclass(slots=True)
class _Known:
    """A session as it was looked up."""

    found: SignedIn
    looked_at: float  # monotonic
    seen_at: datetime
    written_at: datetime


class StaffSessions:
    """A `web.visitor.Sessions`. Begins and ends sessions and tells who listens."""

    def __init__(
        self, store: SessionStore, audit: AuditTrail, clock: Clock, limits: SessionLimits = SessionLimits()
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._limits = limits
        self._known: dict[bytes, _Known] = {}
        self._looking: dict[bytes, asyncio.Task[SignedIn | None]] = {}
        self._turn = 0  # of what was ended here: a look-up that began before must not be remembered
        self._ears: list[Ear] = []
        self._works: Callable[[Staff], bool] = lambda _: False

    async def begin(self, staff: Staff, browser: str) -> tuple[str, StaffSession]:
        """Begin a session in a browser (its user agent); return the cookie's value and the session.

        Raises StaffUnavailable.
        """
        cookie, now = secrets.token_urlsafe(COOKIE_BYTES), self._clock.now()
        session = StaffSession(
            new_id(), staff.staff_id, browser_name(browser), _fingerprint(browser), now, now,
            now + self._limits.longest,
        )  # fmt: skip
        await self._store.add(session, _hash(cookie))
        return cookie, session

    async def visitor(self, cookie: str, browser: str) -> Visitor | None:
        """Return who holds this cookie; None: ended, revoked or disabled. Raises SessionsUnavailable."""
        key = _hash(cookie)
        try:
            known = await self._look(key)
            if known is None:
                return None
            if (why := self._over(known, browser)) is not None:
                await self._end_found(known.found, why)
                return None
            await self._use(known)
        except (StaffUnavailable, AuditUnavailable) as error:
            raise SessionsUnavailable(str(error)) from error
        found = known.found
        return Visitor(found.staff, found.session.session_id, csrf_of(cookie), found.must_change)

    async def end_of(self, cookie: str) -> SessionEnd | None:
        """Return why the session of a cookie is over; None: there is none, or it is not over."""
        try:
            found = await self._store.by_cookie(_hash(cookie)) if cookie else None
        except StaffUnavailable:
            return None
        return None if found is None else found.session.end

    async def of(self, staff_id: str, since: datetime) -> Sequence[StaffSession]:
        """Return a person's open sessions and those that ended after `since`, newest first."""
        return await self._store.of(staff_id, since)

    async def find(self, session_id: str) -> StaffSession | None:
        """Return a session by its id."""
        return await self._store.by_id(session_id)

    async def end(self, session_id: str, why: SessionEnd) -> bool:
        """End a session at once; False: it was over already. Raises StaffUnavailable."""
        return bool(await self._end([session_id], why))

    async def end_all(self, staff_id: str, why: SessionEnd, keep: str = "") -> int:
        """End a person's sessions but one; return how many. Raises StaffUnavailable."""
        mine = [one for one in await self._store.open_of(staff_id) if one != keep]
        self.forget(staff_id)
        return len(await self._end(mine, why))

    def forget(self, staff_id: str) -> None:
        """Look a person up anew at the next request: something about them changed."""
        self._turn += 1
        self._known = {key: one for key, one in self._known.items() if one.found.staff.staff_id != staff_id}

    def used_while(self, works: Callable[[Staff], bool]) -> None:
        """Count a session as used while `works(its owner)`: an agent who waits for calls is not idle."""
        self._works = works

    def on_end(self, ear: Ear) -> None:
        """Call `ear(session_id, why)` when a session ends, here or elsewhere. It raises nothing."""
        self._ears.append(ear)

    async def sweep(self) -> None:
        """End what is overdue and notice what was ended elsewhere; to be called every few seconds."""
        try:
            now = self._clock.now()
            # Half the time: who works is marked as seen well before a restart could find them idle.
            for found in await self._store.overdue(now, now - self._limits.idle / 2):
                await self._look_after(found, now)
            open_here = {one.found.session.session_id: key for key, one in self._known.items()}
            for session_id in await self._store.ended(list(open_here)) if open_here else ():
                self._known.pop(open_here[session_id], None)
                self._tell(session_id, SessionEnd.REVOKED)
            await self._store.remove_ended_before(now - KEPT)
        except StaffUnavailable as error:
            log.warning("sessions cannot be swept now: %s", error)

    async def _look(self, key: bytes) -> _Known | None:
        known = self._known.get(key)
        if known is not None and self._clock.monotonic() - known.looked_at < MEMORY:
            return known
        while True:
            turn = self._turn
            task = self._looking.get(key)
            if task is None:  # the pieces of one page ask at the same moment
                task = self._looking[key] = asyncio.create_task(self._store.by_cookie(key))
                task.add_done_callback(lambda _: self._looking.pop(key, None))
            found = await asyncio.shield(task)
            if turn == self._turn:
                break
        if found is None or found.session.ended_at is not None or found.staff.disabled:
            self._known.pop(key, None)
            return None
        seen = max(found.session.seen_at, known.seen_at if known else found.session.seen_at)
        self._known[key] = fresh = _Known(found, self._clock.monotonic(), seen, found.session.seen_at)
        return fresh

    def _over(self, known: _Known, browser: str) -> SessionEnd | None:
        now, session = self._clock.now(), known.found.session
        if now >= session.ends_at:
            return SessionEnd.TOO_OLD
        if now - known.seen_at >= self._limits.idle and not self._works(known.found.staff):
            return SessionEnd.IDLE
        if not hmac.compare_digest(session.fingerprint, _fingerprint(browser)):
            return SessionEnd.OTHER_BROWSER
        return None

    async def _use(self, known: _Known) -> None:
        known.seen_at = now = self._clock.now()
        if now - known.written_at >= min(SEEN_EVERY, self._limits.idle / 10):
            known.written_at = now
            await self._store.seen(known.found.session.session_id, now)

    async def _end_found(self, found: SignedIn, why: SessionEnd) -> None:
        session = found.session
        if why is SessionEnd.OTHER_BROWSER:
            log.warning("a session's cookie came from another browser; the session is ended")
            subject = f"session:{session.session_id}"
            await self._audit.record(
                AuditRow(self._clock.now(), session.staff_id, "session_stolen", subject, outcome="ended")
            )
        await self._end([session.session_id], why)

    async def _end(self, session_ids: Sequence[str], why: SessionEnd) -> Sequence[str]:
        ended = await self._store.end(session_ids, self._clock.now(), why)
        self._turn += 1
        gone = set(session_ids)
        self._known = {k: one for k, one in self._known.items() if one.found.session.session_id not in gone}
        for session_id in ended:
            self._tell(session_id, why)
        return ended

    async def _look_after(self, found: SignedIn, now: datetime) -> None:
        session = found.session
        seen = max(session.seen_at, self._used_here(session.session_id) or session.seen_at)
        if session.ends_at <= now:
            await self._end([session.session_id], SessionEnd.TOO_OLD)
        elif self._works(found.staff):
            await self._store.seen(session.session_id, now)
        elif now - seen >= self._limits.idle:
            await self._end([session.session_id], SessionEnd.IDLE)

    def _used_here(self, session_id: str) -> datetime | None:
        for one in self._known.values():
            if one.found.session.session_id == session_id:
                return one.seen_at
        return None

    def _tell(self, session_id: str, why: SessionEnd) -> None:
        for ear in self._ears:
            ear(session_id, why)


def csrf_of(cookie: str) -> str:
    """Return the token that every change of this session must bring: 64 hex digits."""
    return hmac.new(cookie.encode(), b"kring/csrf", "sha256").hexdigest()


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


def _fingerprint(browser: str) -> bytes:
    return hashlib.sha256(browser.encode("utf-8", "replace")).digest()
