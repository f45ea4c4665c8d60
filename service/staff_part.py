"""Staff, their sessions and the trail of acts in the running service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from acd.states import DECLARED
from domain.clock import Clock
from domain.staff import Staff, StaffRole
from service.first_sign_in import forget_first_sign_in
from service.settings import Settings
from service.tree import Loop, StartFailed
from storage.audit import DurableAudit
from storage.database import Database
from storage.staff import DurableStaff
from storage.staff_sessions import DurableSessions
from storage.vault import Vault
from web.audit_pages import add_audit_pages
from web.floor_port import FloorPort
from web.parts import Shared
from web.sign_in import SignIn
from web.sign_in_delays import Delays
from web.sign_in_directory import DirectoryPort, add_directory_routes
from web.sign_in_oidc import Directory, DirectorySettings
from web.sign_in_pages import SignInPort, add_sign_in_routes
from web.sign_in_passwords import Passwords
from web.sign_in_sessions import SessionLimits, StaffSessions
from web.staff_account import OwnAccount
from web.staff_account_pages import add_account_pages
from web.staff_office import StaffOffice
from web.staff_pages import add_staff_pages

SWEEP_EVERY = 5.0  # seconds between two looks for sessions that are over


@dataclass(frozen=True, slots=True)
class StaffPart:
    """What lets people in and keeps the trail."""

    people: DurableStaff
    sessions: StaffSessions  # for `web.app.Behind`
    audit: DurableAudit  # likewise
    passwords: Passwords
    sign_in: SignIn
    own: OwnAccount
    office: StaffOffice
    directory: DirectoryPort | None  # OpenID Connect, where it is set

    def add_routes(self, shared: Shared) -> None:
        """Add signing in, the own account, staff and the trail to the application (an area)."""
        offered = self.directory is not None
        add_sign_in_routes(shared, SignInPort(self.sign_in, self.sessions, self.own.set_language, offered))
        if self.directory is not None:
            add_directory_routes(shared, self.directory)
        add_account_pages(shared, self.own)
        self.sessions.used_while(partial(works_on_floor, shared.floor))
        add_staff_pages(shared, self.office)
        add_audit_pages(shared, self.audit, self.people)

    def loop(self) -> Loop:
        """Return what ends sessions in time, for the service's tree."""
        return Loop("sessions", SWEEP_EVERY, self.sessions.sweep)


def works_on_floor(floor: FloorPort, person: Staff) -> bool:
    """Whether somebody is signed in on the floor with a phone that can be rung."""
    if not person.number:
        return False
    mine = [view for view in floor.agents() if view.agent == person.number]
    return any(view.declared != DECLARED.start and view.phones for view in mine)


def make_staff(database: Database, vault: Vault, settings: Settings, clock: Clock) -> StaffPart:
    """Return what lets people in, over an open database. Raises service.tree.StartFailed."""
    people, audit = DurableStaff(database, vault), DurableAudit(database)
    limits = SessionLimits(timedelta(minutes=settings.session_idle), timedelta(hours=settings.session_hours))
    sessions = StaffSessions(DurableSessions(database, people), audit, clock, limits)
    passwords, delays = Passwords(), Delays(clock)
    sign_in = SignIn(people, sessions, passwords, delays, audit, clock, vault.lookup_key)
    forget = partial(forget_first_sign_in, settings)
    own = OwnAccount(people, sessions, passwords, delays, sign_in, audit, clock, forget)
    office = StaffOffice(people, sessions, passwords, audit, clock)
    directory = _directory(settings, clock)
    port = (
        None
        if directory is None
        else DirectoryPort(
            directory,
            {group: StaffRole(role) for group, role in settings.oidc_roles},
            people,
            office,
            passwords,
            sign_in,
            audit,
            clock,
        )
    )
    return StaffPart(people, sessions, audit, passwords, sign_in, own, office, port)


def _directory(settings: Settings, clock: Clock) -> Directory | None:
    if settings.oidc_issuer is None or settings.oidc_secret_file is None:
        return None
    path = settings.oidc_secret_file
    try:
        secret = path.read_text(encoding="utf-8").strip()
        is_open = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise StartFailed(
            f"oidc_secret_file: {path} cannot be read; create it or correct its rights"
        ) from error
    if is_open:
        raise StartFailed(f"oidc_secret_file: others may read {path}; run: chmod 600 {path}")
    known = DirectorySettings(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        settings.oidc_user_claim,
        settings.oidc_groups_claim,
    )
    return Directory(known, clock)


def web_hosts(settings: Settings) -> Sequence[str]:
    """Return the names and addresses under which browsers ask for the pages, beside loopback."""
    return [host for host in (settings.web_host, settings.wss_name) if host and host not in ("0.0.0.0", "::")]  # noqa: S104 - not an address that is asked for
