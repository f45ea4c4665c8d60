"""What every store of accounts promises: in memory, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from domain.accounts import Account, AccountKind, AccountStore, AccountsUnavailable, secret_digest
from storage.accounts import DurableAccounts
from storage.database import Database, DatabaseProblem
from storage.memory import MemoryAccounts
from storage.phone_choices import DurablePhoneChoices
from storage.vault import Vault
from tests.postgres import PostgresServer

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
FIRST, SECOND = "a" + "1" * 15, "a" + "2" * 15


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, vault: Vault) -> Iterator[AccountStore]:
    if request.param == "memory":
        yield MemoryAccounts()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    yield DurableAccounts(database, vault)
    database.close()


def an_account(name: str, kind: AccountKind = AccountKind.DESK, after: int = 0) -> Account:
    return Account(name, "10001", kind, secret_digest(name, "rahasia"), NOW + timedelta(seconds=after))


async def test_accounts_come_back_oldest_first_until_they_are_revoked(store: AccountStore) -> None:
    browser, desk = an_account(FIRST, AccountKind.BROWSER, 5), an_account(SECOND)
    await store.add(browser)
    await store.add(desk)
    assert list(await store.in_force()) == [desk, browser]

    revoked = await store.revoke(SECOND, NOW + timedelta(hours=1))

    assert revoked is not None
    assert revoked.revoked_at == NOW + timedelta(hours=1)
    assert list(await store.in_force()) == [browser]
    assert list(await store.all()) == [revoked, browser]


async def test_a_name_is_given_once_even_after_it_was_revoked(store: AccountStore) -> None:
    await store.add(an_account(FIRST))
    await store.revoke(FIRST, NOW)
    with pytest.raises(ValueError, match="there already"):
        await store.add(an_account(FIRST, AccountKind.BROWSER))
    assert [account.kind for account in await store.all()] == [AccountKind.DESK]


async def test_revoking_again_keeps_the_first_time(store: AccountStore) -> None:
    await store.add(an_account(FIRST))
    first = await store.revoke(FIRST, NOW)
    again = await store.revoke(FIRST, NOW + timedelta(days=1))
    assert first == again
    assert await store.revoke(SECOND, NOW) is None


async def test_times_come_back_in_utc(store: AccountStore) -> None:
    wib = timezone(timedelta(hours=7))
    await store.add(an_account(FIRST))
    revoked = await store.revoke(FIRST, (NOW + timedelta(hours=1)).astimezone(wib))
    assert revoked is not None
    assert revoked.revoked_at == NOW + timedelta(hours=1)


async def test_no_digest_is_readable_in_the_database(database: Database, vault: Vault) -> None:
    store = DurableAccounts(database, vault)
    await store.add(an_account(FIRST))
    rows = database.read_now(lambda c: c.execute(sa.text("SELECT * FROM sip_accounts")).all())
    assert len(rows) == 1
    assert secret_digest(FIRST, "rahasia") not in repr(rows)
    move = sa.text("UPDATE sip_accounts SET account = :other")
    database.write_now(lambda c: c.execute(move, {"other": SECOND}))
    with pytest.raises(AccountsUnavailable, match="moved"):
        await store.all()


async def test_accounts_are_never_deleted(database: Database, vault: Vault) -> None:
    store = DurableAccounts(database, vault)
    await store.add(an_account(FIRST))
    with pytest.raises(DatabaseProblem):
        database.write_now(lambda c: c.execute(sa.text("DELETE FROM sip_accounts")))
    assert len(await store.all()) == 1


async def test_a_database_that_fails_is_told_as_such(database: Database, vault: Vault) -> None:
    store = DurableAccounts(database, vault)
    database.write_now(lambda c: c.execute(sa.text("ALTER TABLE sip_accounts RENAME TO away")))
    try:
        with pytest.raises(AccountsUnavailable):
            await store.add(an_account(FIRST))
        with pytest.raises(AccountsUnavailable):
            await store.in_force()
    finally:
        database.write_now(lambda c: c.execute(sa.text("ALTER TABLE away RENAME TO sip_accounts")))


async def test_an_account_of_a_page_knows_its_session(store: AccountStore) -> None:
    page = replace(an_account(FIRST, AccountKind.BROWSER), session_id="5" * 32)
    await store.add(page)
    await store.add(an_account(SECOND, after=1))
    assert [account.session_id for account in await store.in_force()] == ["5" * 32, ""]
    revoked = await store.revoke(FIRST, NOW)
    assert revoked == replace(page, revoked_at=NOW)
    assert [account.account for account in await store.all()] == [SECOND]  # a closed page is of no interest


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_a_phone_is_chosen_until_another_is(kind: str, request: pytest.FixtureRequest) -> None:
    url = (
        request.getfixturevalue("sqlite_url")
        if kind == "sqlite"
        else request.getfixturevalue("postgres").migrated_database()
    )
    database = Database.open(url)
    choices = DurablePhoneChoices(database)
    assert await choices.choice("1" * 32) is AccountKind.BROWSER
    for choice in (AccountKind.DESK, AccountKind.BROWSER, AccountKind.DESK):
        await choices.choose("1" * 32, choice, NOW)
        assert await choices.choice("1" * 32) is choice
    assert await choices.choice("2" * 32) is AccountKind.BROWSER
    database.close()
