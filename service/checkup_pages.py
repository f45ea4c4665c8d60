"""What `kring doctor` looks at of the pages: their files, how they are served, who may sign in."""

import asyncio
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from service.findings import Finding
from service.settings import Settings


def pages(settings: Settings) -> Iterator[Finding]:
    """Whether styles and scripts are built from their sources as they are now."""
    from web.assets import Assets
    from web.build import is_current

    if Assets.load().trouble is not None:
        yield Finding("pages", "not built: styles and scripts are missing", "make install")
    elif not is_current():
        yield Finding("pages", "built before their sources changed", "make install, and start again")
    else:
        yield Finding("pages", "styles and scripts are built")


def transport(settings: Settings) -> Iterator[Finding]:
    """Whether passwords and taxpayers' data leave this machine by HTTPS only."""
    if _on_loopback(settings):
        how = "HTTPS" if settings.pages_by_tls else "HTTP"
        yield Finding("https", f"pages are served on this machine only, by {how}")
    elif settings.pages_by_tls:
        by = "a certificate of your own" if settings.web_certificate else "the certificate made at set-up"
        yield Finding("https", f"pages go by HTTPS, with {by}")
    else:
        yield Finding(
            "https",
            f"pages leave this machine ({settings.web_host}) without HTTPS: passwords can be read on the "
            "way, and browsers give no microphone",
            "set KRING_WEB_TLS=auto; behind a proxy that ends TLS set KRING_WEB_HOST=127.0.0.1",
        )


def sign_ins(settings: Settings) -> Iterator[Finding]:
    """Whether administrators can sign in, with a code where the pages leave this machine."""
    from service.first_sign_in import first_sign_in

    if settings.database_url is None and not (settings.home / "kring.db").exists():
        return  # told by `database`
    found = _administrators(settings)
    if isinstance(found, str):
        yield Finding("sign-ins", found, "see `database` and `secrets` above")
        return
    if not found.all:
        remedy = "kring staff create USER --name NAME --role administrator"
        yield Finding("sign-ins", "there is no administrator", remedy)
        return
    strict = not _on_loopback(settings)
    if first_sign_in(settings) is not None:
        told = "the first administrator's one-time password was not changed yet"
        yield Finding("sign-ins", told, "sign in with it and choose another" if strict else None)
    without = found.all - found.with_code
    if without:
        yield Finding(
            "sign-ins",
            f"administrators who sign in without a code: {without} of {found.all}",
            "each of them: own account, authenticator (or by the directory)" if strict else None,
        )
    else:
        yield Finding("sign-ins", f"administrators: {found.all}, each with a code")


@dataclass(frozen=True, slots=True)
class _Administrators:
    """How many may sign in, and how many of them need a code as well."""

    all: int
    with_code: int


def _administrators(settings: Settings) -> _Administrators | str:
    """Count administrators; a text: why they cannot be read."""
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
        return "who may sign in cannot be read"
    try:
        return asyncio.run(count(DurableStaff(database, vault)))
    except (StaffUnavailable, VaultProblem):
        return "who may sign in cannot be read"
    finally:
        database.close()


def _on_loopback(settings: Settings) -> bool:
    return ipaddress.ip_address(settings.web_host).is_loopback
