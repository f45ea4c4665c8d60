"""The first administrator: made at set-up, with a one-time password in a file until it is changed."""

import asyncio
import os
from pathlib import Path

from argon2 import PasswordHasher

from domain.audit import AuditRow
from domain.clock import SystemClock
from domain.ids import new_id
from domain.staff import Credential, Staff, StaffRole
from service.settings import Settings
from storage.audit import DurableAudit
from storage.database import Database
from storage.staff import DurableStaff
from storage.vault import Vault
from web.sign_in_passwords import one_time_password

FILE = "first_login"
USER_NAME = "admin"


def make_first_administrator(settings: Settings, database: Database, vault: Vault) -> bool:
    """Make an administrator where there is no staff at all; return whether one was made. Blocking.

    Raises storage.database.DatabaseProblem, domain.staff.StaffUnavailable, OSError.
    """
    return asyncio.run(_make(settings, database, vault))


def first_sign_in(settings: Settings) -> tuple[str, str] | None:
    """Return user name and one-time password of the first administrator; None once it was changed."""
    try:
        user_name, password = _path(settings).read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return None
    return user_name, password


def forget_first_sign_in(settings: Settings, user_name: str) -> None:
    """Remove the file: this user's password was changed."""
    found = first_sign_in(settings)
    if found is not None and found[0] == user_name:
        _path(settings).unlink(missing_ok=True)


async def _make(settings: Settings, database: Database, vault: Vault) -> bool:
    people, now = DurableStaff(database, vault), SystemClock().now()
    if await people.all():
        return False
    password = one_time_password()
    person = Staff(
        new_id(), USER_NAME, "Administrator", frozenset({StaffRole.ADMINISTRATOR}), language=settings.language
    )
    # The file first: an administrator whose password nobody knows would shut everybody out.
    _write(_path(settings), f"{USER_NAME}\n{password}\n")
    await DurableAudit(database).record(
        AuditRow(now, "system", "staff_created", f"staff:{person.staff_id}", "set_up")
    )
    await people.add([(person, Credential(PasswordHasher().hash(password), True, now))])
    return True


def _path(settings: Settings) -> Path:
    return settings.secrets_folder / FILE


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
