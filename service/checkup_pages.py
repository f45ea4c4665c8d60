"""What `kring doctor` looks at of the pages: their files, how they are served, who may sign in."""

import asyncio
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from service.findings import good, wrong
from service.settings import Settings
from web.checkup_port import Finding


def pages(settings: Settings) -> Iterator[Finding]:
    """Whether styles and scripts are built from their sources as they are now."""
    from web.assets import Assets
    from web.build import is_current

    if Assets.load().trouble is not None:
        yield wrong("pages", "pages_none")
    elif not is_current():
        yield wrong("pages", "pages_old")
    else:
        yield good("pages", "pages")


def transport(settings: Settings) -> Iterator[Finding]:
    """Whether passwords and taxpayers' data leave this machine by HTTPS only."""
    if _on_loopback(settings):
        yield good("https", "https_here", how="HTTPS" if settings.pages_by_tls else "HTTP")
    elif settings.pages_by_tls:
        yield good("https", "https_own") if settings.web_certificate else good("https", "https_made")
    else:
        yield wrong("https", "https_none", host=settings.web_host)


def sign_ins(settings: Settings) -> Iterator[Finding]:
    """Whether administrators can sign in, with a code where the pages leave this machine."""
    from service.first_sign_in import first_sign_in

    if settings.database_url is None and not (settings.home / "kring.db").exists():
        return  # told by `database`
    found = _administrators(settings)
    if found is None:
        yield wrong("sign_ins", "staff_unreadable")
        return
    if not found.all:
        yield wrong("sign_ins", "no_administrator")
        return
    here = _on_loopback(settings)
    if first_sign_in(settings) is not None:
        yield good("sign_ins", "first_password_here") if here else wrong("sign_ins", "first_password")
    if without := found.all - found.with_code:
        make, code = (good, "without_code_here") if here else (wrong, "without_code")
        yield make("sign_ins", code, count=without, all=found.all)
    else:
        yield good("sign_ins", "with_code", all=found.all)


@dataclass(frozen=True, slots=True)
class _Administrators:
    """How many may sign in, and how many of them need a code as well."""

    all: int
    with_code: int


def _administrators(settings: Settings) -> _Administrators | None:
    """Count administrators; None: they cannot be read."""
    from domain.staff import StaffRole, StaffUnavailable
    from service.secrets import MASTER_KEY
    from service.settings import SettingsError
    from storage.database import Database, DatabaseProblem
    from storage.staff import DurableStaff
    from storage.vault import Vault, VaultProblem

    async def count(people: DurableStaff) -> _Administrators:
        able = [
            one for one in await people.all() if StaffRole.ADMINISTRATOR in one.roles and not one.disabled
        ]
        kept = [await people.credential(one.staff_id) for one in able]
        return _Administrators(len(kept), sum(one.totp_since is not None for one in kept))

    try:
        vault = Vault.load(settings.secrets_folder / MASTER_KEY)
        database = Database.open(settings.database)
    except (DatabaseProblem, SettingsError, VaultProblem, OSError):
        return None
    try:
        return asyncio.run(count(DurableStaff(database, vault)))
    except (StaffUnavailable, VaultProblem):
        return None
    finally:
        database.close()


def _on_loopback(settings: Settings) -> bool:
    return ipaddress.ip_address(settings.web_host).is_loopback
