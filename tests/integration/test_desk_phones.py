"""Accounts of agents' pages on a real Asterisk: made, replaced, ended with their session."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from asterisk_conf.render import render
from domain.accounts import AccountKind, AccountsUnavailable
from domain.clock import SystemClock
from domain.staff import Staff, StaffRole, StaffUnavailable
from service.accounts import Accounts
from service.desk_phones import DeskPhones, PhoneParts, PhoneSettings, hang_up_legs
from storage.accounts import DurableAccounts
from storage.database import Database
from storage.phone_choices import DurablePhoneChoices
from storage.vault import Vault
from tests.office import AGENT, Office, opened
from tests.real_asterisk import RealAsterisk
from tests.small_browser import SmallBrowser
from tests.web.test_sip_messages import message
from web.desk_phone_api import DeskPhoneState, NoDeskPhone
from web.sip_socket import Close
from web.visitor import Visitor

pytestmark = pytest.mark.asterisk


@dataclass
class Sessions:
    """Which sessions are over."""

    over: set[str] = field(default_factory=set)
    away: bool = False

    async def ended(self, session_ids: object) -> list[str]:
        if self.away:
            raise StaffUnavailable("no database")
        return sorted(self.over)


@dataclass
class Stage:
    """The phones of pages over an office."""

    office: Office
    phones: DeskPhones
    sessions: Sessions
    closed: list[tuple[str, Close]] = field(default_factory=list)

    def in_force(self) -> list[str]:
        return [one.account for one in self.office.accounts.of_sessions()]

    def browser(self, account: str, secret: str) -> SmallBrowser:
        wss = self.office.asterisk.settings.wss
        assert wss is not None
        return SmallBrowser("localhost", wss.port, wss.certificate, account, secret)


def who(session: str = "1", number: str = AGENT) -> Visitor:
    staff = Staff("s" * 32, "contoh", "Contoh Petugas", frozenset({StaffRole.AGENT}), number, "alfa")
    return Visitor(staff, session, "token")


@pytest.fixture
async def stage(asterisk: RealAsterisk, tmp_path: Path) -> AsyncIterator[Stage]:
    database, vault = Database.open(f"sqlite:///{tmp_path / 'kring.db'}"), Vault.create(tmp_path / "key")
    async with opened(asterisk, (database, vault)) as office:
        sessions = Sessions()
        parts = PhoneParts(
            office.accounts,
            DurablePhoneChoices(database),
            sessions,
            SystemClock(),
            lambda number: number == AGENT,
            hang_up_legs(office.client),
        )
        made = Stage(office, DeskPhones(parts, PhoneSettings()), sessions)
        made.phones.on_drop(lambda account, why: made.closed.append((account, why)))
        yield made
    database.close()


async def test_a_page_gets_an_account_that_registers_until_the_session_ends(stage: Stage) -> None:
    login = await stage.phones.make(who())
    assert login.socket == f"/sip?account={login.account}"
    assert stage.phones.account_of("1") == login.account
    assert stage.phones.account_of("2") is None
    async with stage.browser(login.account, login.secret) as browser:
        assert await browser.register() == 200
        await stage.office.until(lambda: stage.office.accounts.is_reachable(login.account))
        await stage.phones.forget_session("1")
        assert await browser.register() in (401, 403)
    assert stage.closed == [(login.account, Close.SESSION_OVER)]
    assert stage.phones.account_of("1") is None


async def test_who_asks_again_from_this_session_or_another_has_one_phone(stage: Stage) -> None:
    first = await stage.phones.make(who("1"))
    again = await stage.phones.make(who("1"))
    elsewhere = await stage.phones.make(who("2"))
    assert stage.in_force() == [elsewhere.account]
    assert stage.closed == [(first.account, Close.TAKEN_OVER), (again.account, Close.TAKEN_OVER)]
    assert (stage.phones.account_of("1"), stage.phones.account_of("2")) == (None, elsewhere.account)


async def test_after_a_restart_of_the_service_the_page_goes_on_with_its_account(stage: Stage) -> None:
    login = await stage.phones.make(who())
    office = stage.office
    fresh = Accounts(office.store, office.client, office.asterisk.settings, SystemClock())
    parts = stage.phones._parts
    after = DeskPhones(
        PhoneParts(fresh, parts.choices, parts.sessions, parts.clock, parts.knows, parts.hang_up),
        PhoneSettings(),
    )
    assert not after.known
    await fresh.reconcile()
    assert after.known
    assert after.account_of("1") == login.account


async def test_what_nobody_told_is_noticed_and_what_a_crash_left_is_cleared(stage: Stage) -> None:
    accounts = stage.office.accounts
    left, _ = await accounts.create(AGENT, AccountKind.BROWSER, "1")  # as if killed before it was revoked
    login = await stage.phones.make(who("1"))
    twin, _ = await accounts.create(AGENT, AccountKind.BROWSER, "1")
    own, _ = await accounts.create(AGENT, AccountKind.BROWSER)  # of an administrator: it stands by itself
    stage.sessions.away = True
    await stage.phones.sweep()
    assert stage.in_force() == [login.account, twin.account]
    stage.sessions.away = False
    await stage.phones.sweep()
    assert stage.in_force() == [twin.account]
    stage.sessions.over = {"1"}
    await stage.phones.sweep()
    assert stage.in_force() == []
    assert [one.account for one in accounts.accounts_of(AGENT)] == [own.account]
    assert stage.closed[-1] == (twin.account, Close.SESSION_OVER)
    assert stage.closed[0] == (left.account, Close.TAKEN_OVER)


async def test_a_database_that_is_away_changes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    login = await stage.phones.make(who())

    async def away(*_: object) -> None:
        raise AccountsUnavailable("no database")

    monkeypatch.setattr(DurableAccounts, "revoke", away)
    await stage.phones.forget_session("1")
    assert stage.in_force() == [login.account]
    monkeypatch.undo()
    stage.sessions.over = {"1"}
    await stage.phones.sweep()
    assert stage.in_force() == []


async def test_a_phone_on_the_desk_is_a_choice_that_lasts(stage: Stage) -> None:
    with pytest.raises(NoDeskPhone, match="no account for a phone on your desk"):
        await stage.phones.choose(who(), AccountKind.DESK)
    assert (await stage.phones.choice(who())).desk_phone is DeskPhoneState.NONE
    login = await stage.phones.make(who())
    desk, secret = await stage.office.accounts.create(AGENT, AccountKind.DESK)
    view = await stage.phones.choose(who(), AccountKind.DESK)
    assert (view.choice, view.desk_phone) == (AccountKind.DESK, DeskPhoneState.AWAY)
    assert stage.closed == [(login.account, Close.NO_ACCOUNT)]
    async with stage.office.phone(desk, secret) as phone:
        assert phone.is_registered
        await stage.office.until(lambda: stage.office.accounts.is_reachable(desk.account))
        assert (await stage.phones.choice(who("2"))).desk_phone is DeskPhoneState.REACHABLE
    with pytest.raises(NoDeskPhone, match="you chose a phone on the desk"):
        await stage.phones.make(who())
    await stage.phones.choose(who(), AccountKind.BROWSER)
    assert (await stage.phones.make(who())).account in stage.in_force()


async def test_who_is_not_on_the_floor_has_no_phone(stage: Stage) -> None:
    for number in ("", "12345678"):
        with pytest.raises(NoDeskPhone, match="not in the floor's tables") as refused:
            await stage.phones.make(who(number=number))
        assert not number or number not in str(refused.value)


async def test_an_echo_is_heard_without_the_service(stage: Stage) -> None:
    desk, secret = await stage.office.accounts.create(AGENT, AccountKind.DESK)
    async with stage.office.phone(desk, secret) as phone:
        call = await phone.dials("*43", within=20.0, hertz=900)
        assert call.answered_at is not None
        await call.hears_tone(900, 20.0)
        await call.hang_up(20.0)
    assert stage.office.started.empty()


async def test_asterisk_speaks_sip_in_plain_websockets_on_this_machine_only(stage: Stage) -> None:
    settings = stage.office.asterisk.settings
    login = await stage.phones.make(who())
    async with connect(settings.websocket_url, subprotocols=["sip"], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send(message(sender=login.account, to=login.account).decode())
        answer = await asyncio.wait_for(socket.recv(), 20.0)
        assert str(answer).startswith("SIP/2.0 401 ")
    assert settings.websocket_url.startswith("ws://127.0.0.1:")
    assert "bindaddr = 127.0.0.1\n" in render(settings, settings.home)["http.conf"]
