"""Staff on a real database, with a clock that a test moves and hashes that cost little."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from domain.ids import new_id
from domain.staff import Credential, Staff, StaffRole
from storage.audit import DurableAudit
from storage.database import Database
from storage.staff import DurableStaff
from storage.staff_sessions import DurableSessions
from storage.vault import Vault
from tests.web import app_parts
from tests.web.floor_double import FloorDouble
from web.app import Area
from web.audit_pages import add_audit_pages
from web.parts import Shared
from web.sign_in import SignIn
from web.sign_in_delays import Delays
from web.sign_in_pages import SignInPort, add_sign_in_routes
from web.sign_in_passwords import Passwords
from web.sign_in_sessions import StaffSessions, csrf_of
from web.staff_account import OwnAccount
from web.staff_account_pages import add_account_pages
from web.staff_office import StaffOffice
from web.staff_pages import add_staff_pages

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
PASSWORD = "tahu isi dan tempe mendoan"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(slots=True)
class StaffClock:
    """A clock that a test moves."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    passed: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.passed

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)

    slept: list[float] = field(default_factory=list)


class StaffWorld:
    """Everything that lets people in."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.clock = StaffClock()
        self.database, self.vault = database, vault
        self.people, self.audit = DurableStaff(database, vault), DurableAudit(database)
        self.store = DurableSessions(database, self.people)
        self.sessions = StaffSessions(self.store, self.audit, self.clock)
        self.passwords = Passwords(CHEAP)
        self.delays = Delays(self.clock, self.clock.sleep)
        self.sign_in = SignIn(
            self.people, self.sessions, self.passwords, self.delays, self.audit, self.clock, vault.lookup_key
        )
        self.changed_passwords: list[str] = []
        self.own = OwnAccount(
            self.people, self.sessions, self.passwords, self.delays, self.sign_in, self.audit, self.clock,
            self.changed_passwords.append,
        )  # fmt: skip
        self.office = StaffOffice(self.people, self.sessions, self.passwords, self.audit, self.clock)

    @classmethod
    def open(cls, migrated: Path, folder: Path) -> "StaffWorld":
        """Return a world on a copy of an empty database."""
        shutil.copy(migrated, folder / "kring.db")
        return cls(Database.open(f"sqlite:///{folder}/kring.db"), Vault.create(folder / "key"))

    async def person(
        self, user_name: str, *roles: StaffRole, number: str = "", team: str = "", must_change: bool = False
    ) -> Staff:
        """Keep somebody whose password is PASSWORD."""
        staff = Staff(new_id(), user_name, f"Contoh {user_name}", frozenset(roles), number, team)
        hashed = await self.passwords.hash(PASSWORD)
        await self.people.add([(staff, Credential(hashed, must_change, self.clock.now()))])
        return staff

    def app(self, *areas: Area, floor: FloorDouble | None = None) -> FastAPI:
        """Return the application with signing in, staff, the trail, and these areas."""
        return app_parts.application(
            [self._own, *areas], sessions=self.sessions, audit=self.audit, floor=floor
        )

    def _own(self, shared: Shared) -> None:
        add_sign_in_routes(shared, SignInPort(self.sign_in, self.sessions, self.own.set_language))
        add_account_pages(shared, self.own)
        add_staff_pages(shared, self.office)
        add_audit_pages(shared, self.audit, self.people)

    def close(self) -> None:
        """Let threads and connections go."""
        self.passwords.close()
        self.database.close()


def browser(app: FastAPI, user_agent: str = BROWSER) -> httpx.AsyncClient:
    """Return a browser that asks for pages."""
    return app_parts.client(app, {"user-agent": user_agent, "accept": "text/html"})


async def enter(
    client: httpx.AsyncClient, user_name: str, password: str = PASSWORD, to: str = ""
) -> httpx.Response:
    """Fill in the sign-in page; the client has the session and its token from now on."""
    answer = await client.post("/masuk", data={"user_name": user_name, "password": password, "ke": to})
    cookie = client.cookies.get("kring_session")
    if cookie:
        client.headers["x-csrf-token"] = csrf_of(cookie)
    return answer
