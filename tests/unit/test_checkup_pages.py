"""`kring doctor` on the pages: built, by HTTPS, and who may sign in."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.ids import new_id
from domain.staff import Credential, Staff, StaffRole
from service import checkup, checkup_pages
from service.first_sign_in import forget_first_sign_in, make_first_administrator
from service.secrets import MASTER_KEY, make_master_key, make_secrets
from service.settings import Settings, load_settings
from storage.database import Database
from storage.staff import DurableStaff
from storage.vault import Vault
from web import assets, build
from web.checkup_port import Finding, Severity
from web.checkup_texts import tell

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"KRING_HOME": str(tmp_path)})


@pytest.fixture
def records(settings: Settings) -> Iterator[tuple[Database, Vault]]:
    """The records of an installation that was set up."""
    make_secrets(settings)
    make_master_key(settings)
    database = Database.open(settings.database)
    vault = Vault.load(settings.secrets_folder / MASTER_KEY)
    make_first_administrator(settings, database, vault)
    yield database, vault
    database.close()


def _found(findings: Iterator[Finding]) -> list[tuple[str, bool]]:
    return [(finding.code, finding.severity is Severity.GOOD) for finding in findings]


def _outside(settings: Settings) -> Settings:
    return replace(settings, web_host="192.0.2.5")


def test_pages_that_are_missing_or_older_than_their_sources_are_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(build, "source_digest", lambda source_maps=False: "as it is now")
    monkeypatch.setattr(build, "_built_digest", lambda: "as it is now")
    monkeypatch.setattr(assets.Assets, "trouble", None)
    assert _found(checkup_pages.pages(settings)) == [("pages", True)]
    monkeypatch.setattr(build, "_built_digest", lambda: "as it was")
    [older] = checkup_pages.pages(settings)
    assert (older.code, tell(older, "en").remedy) == ("pages_old", "make install, and start again")
    monkeypatch.setattr(assets.Assets, "trouble", assets.MISSING)
    [missing] = checkup_pages.pages(settings)
    assert tell(missing, "id").remedy == "make install"


def test_pages_that_leave_the_machine_in_clear_are_found(settings: Settings) -> None:
    assert _found(checkup_pages.transport(settings)) == [("https_here", True)]
    outside = _outside(settings)
    assert _found(checkup_pages.transport(outside)) == [("https_made", True)]
    [clear] = checkup_pages.transport(replace(outside, web_tls="off"))
    assert "KRING_WEB_TLS" in str(tell(clear, "en").remedy)


def test_before_set_up_there_is_nothing_to_say_of_sign_ins(settings: Settings) -> None:
    assert list(checkup_pages.sign_ins(settings)) == []


def test_a_first_password_and_missing_codes_are_faults_where_pages_leave_the_machine(
    settings: Settings, records: tuple[Database, Vault]
) -> None:
    first, without = ("first_password", False), ("without_code", False)
    here = [("first_password_here", True), ("without_code_here", True)]
    assert _found(checkup_pages.sign_ins(settings)) == here
    assert _found(checkup_pages.sign_ins(_outside(settings))) == [first, without]
    forget_first_sign_in(settings, "admin")
    assert _found(checkup_pages.sign_ins(_outside(settings))) == [without]
    people = DurableStaff(*records)
    [admin] = asyncio.run(people.all())
    asyncio.run(people.set_totp(admin.staff_id, "A" * 32, None))
    assert _found(checkup_pages.sign_ins(_outside(settings))) == [without], "not confirmed yet"
    asyncio.run(people.set_totp(admin.staff_id, "A" * 32, NOW))
    [with_code] = checkup_pages.sign_ins(_outside(settings))
    assert tell(with_code, "id").found == "Administrator: 1, semua dengan kode"


def test_an_installation_without_an_administrator_is_found(
    settings: Settings, records: tuple[Database, Vault]
) -> None:
    people = DurableStaff(*records)
    [admin] = asyncio.run(people.all())
    asyncio.run(people.change(replace(admin, disabled=True), NOW))
    other = Staff(new_id(), "sari", "Contoh", frozenset({StaffRole.AGENT}), "90000001")
    asyncio.run(people.add([(other, Credential("no hash", False, NOW))]))
    [nobody] = checkup_pages.sign_ins(settings)
    assert nobody.code == "no_administrator"
    assert "kring staff create" in str(tell(nobody, "en").remedy)


def test_staff_that_cannot_be_read_are_told_and_nothing_breaks(
    settings: Settings, records: tuple[Database, Vault]
) -> None:
    (settings.secrets_folder / MASTER_KEY).unlink()
    [unreadable] = checkup_pages.sign_ins(settings)
    assert (unreadable.code, unreadable.severity) == ("staff_unreadable", Severity.WRONG)


def test_the_doctor_looks_at_the_pages() -> None:
    assert {checkup_pages.pages, checkup_pages.transport, checkup_pages.sign_ins} <= set(checkup.CHECKS)
