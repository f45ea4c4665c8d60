"""Agents' accounts on a real Asterisk, with real phones: made, used, revoked, watched."""

import asyncio
import time

import pytest

import ari
from asterisk_conf import accounts as shape
from domain.accounts import Account, AccountKind, secret_digest
from domain.clock import SystemClock
from service.accounts import Reconciled, UnknownAccount
from service.phone.client import Telephone
from service.phone.station import BUSY
from tests.conftest import NewAsterisk
from tests.office import AGENT, Office, Records, opened

pytestmark = pytest.mark.asterisk

CALLER_HERTZ, AGENT_HERTZ = 700, 1100


async def test_an_account_is_made_rung_and_heard_and_then_revoked(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    assert office.accounts.agent_of(account.account) == AGENT
    async with office.phone(account, secret) as phone, Telephone(office.asterisk.sip) as outside:
        assert phone.is_registered
        await office.until(lambda: office.phones == [(AGENT, account.account, True)])
        calling = asyncio.create_task(outside.call("1500200", listens=True))
        caller_leg = (await office.next_in()).channel.id
        await office.client.channels.answer(caller_leg)
        caller = await calling
        await office.ring("leg-1", account)
        ringing = await phone.rings()
        ringing.answer()
        assert (await office.next_in()).channel.id == "leg-1"
        codec = await office.client.channels.get_channel_var("leg-1", variable="CHANNEL(audionativeformat)")
        assert codec.value == "(alaw)"
        bridge = await office.client.bridges.create(type="mixing")
        await office.client.bridges.add_channel(bridge.id, channel=[caller_leg, "leg-1"])
        caller.speaks(CALLER_HERTZ)
        ringing.speaks(AGENT_HERTZ)
        await ringing.hears_tone(CALLER_HERTZ)
        await caller.hears_tone(AGENT_HERTZ)
        # Revoked in the middle: the talk goes on until the agent ends it, and then it is over for good.
        revoked = await office.accounts.revoke(account.account)
        assert revoked.revoked_at is not None
        assert office.phones[-1] == (AGENT, account.account, False)
        await asyncio.sleep(0.5)
        await ringing.hears_tone(CALLER_HERTZ)
        await caller.hears_tone(AGENT_HERTZ)
        await ringing.hang_up()
        await office.until(lambda: "leg-1" in office.destroyed)
        assert office.destroyed["leg-1"].cause == 16
        with pytest.raises(ari.AriError):
            await office.ring("leg-2", account)
        await caller.hang_up()
        await office.client.bridges.destroy(bridge.id)
    async with office.phone(account, secret) as phone:
        assert phone.status in (401, 403)
    with pytest.raises(UnknownAccount, match="kring agent account list"):
        await office.accounts.revoke("a000000000000000")


async def test_a_wrong_secret_is_refused(office: Office) -> None:
    account, _ = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, "wrong") as phone:
        assert phone.status in (401, 403)
    assert not office.accounts.is_reachable(account.account)
    assert office.phones == []


async def test_others_hear_every_frame_while_accounts_come_and_go(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with (
        office.phone(account, secret, keep_audio=True) as phone,
        Telephone(office.asterisk.sip) as outside,
    ):
        calling = asyncio.create_task(outside.call("1500200", listens=True))
        caller_leg = (await office.next_in()).channel.id
        await office.client.channels.answer(caller_leg)
        caller = await calling
        caller.speaks(CALLER_HERTZ)
        await office.ring("leg-3", account)
        ringing = await phone.rings()
        ringing.answer()
        await office.next_in()
        bridge = await office.client.bridges.create(type="mixing")
        await office.client.bridges.add_channel(bridge.id, channel=[caller_leg, "leg-3"])
        await ringing.hears_tone(CALLER_HERTZ)
        before, start = len(ringing.tone_windows(CALLER_HERTZ)), time.monotonic()
        for number in range(50):
            kind = AccountKind.BROWSER if number % 2 else AccountKind.DESK
            made, _ = await office.accounts.create(f"{number}", kind)
            await office.accounts.revoke(made.account)
        assert len(await office.store.all()) == 51
        await asyncio.sleep(max(0.0, 2.0 - (time.monotonic() - start)))
        heard = ringing.tone_windows(CALLER_HERTZ)[before:]
        assert len(heard) >= 15
        assert heard.count(False) <= 1, heard
        assert phone.is_registered
        assert office.accounts.is_reachable(account.account)
        assert "leg-3" not in office.destroyed
        await ringing.hang_up()
        await caller.hang_up()
        await office.client.bridges.destroy(bridge.id)


async def test_what_an_agent_dials_is_a_code_or_404(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, secret) as phone:
        for code in ("*11", "*123"):
            dialling = asyncio.create_task(phone.dials(code))
            arrived = await office.next_in()
            assert arrived.args == ["desk", account.account, code]
            await office.client.channels.hangup(arrived.channel.id)
            await dialling
        for number in ("1500200", "08123456789", "*1", "*1234", "*1a", "s", "kring-desk", "999"):
            call = await phone.dials(number)
            assert call.ended is not None
            assert call.ended.status == 404, number
        assert office.started.empty()


async def test_a_phone_without_network_is_seen_and_so_is_its_return(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    limit = shape.QUALIFY + shape.QUALIFY_ANSWER + 1
    async with office.phone(account, secret) as phone:
        await office.until(lambda: office.accounts.is_reachable(account.account))
        phone.loses_network()
        await office.until(lambda: not office.accounts.is_reachable(account.account), limit)
        phone.finds_network()
        await office.until(lambda: office.accounts.is_reachable(account.account), limit)
        await office.ring("leg-4", account)
        (await phone.rings()).answer(BUSY)
        await office.until(lambda: "leg-4" in office.destroyed)
        assert office.destroyed["leg-4"].cause == 17
    assert [reachable for *_, reachable in office.phones[:3]] == [True, False, True]


async def test_a_phone_that_signs_off_is_seen_at_once(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, secret) as phone:
        await office.until(lambda: office.accounts.is_reachable(account.account))
        await phone.signs_off()
        assert await office.until(lambda: not office.accounts.is_reachable(account.account)) < 1.0


async def test_a_restarted_asterisk_gets_its_accounts_again_and_loses_strangers(
    new_asterisk: NewAsterisk, records: Records
) -> None:
    asterisk = await new_asterisk()
    async with opened(asterisk, records) as office:
        account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
        async with office.phone(account, secret) as phone:
            await office.until(lambda: office.accounts.is_reachable(account.account))
            await asterisk.embedded.stop()
            await asterisk.embedded.start()
            await office.client.ready()
            # Its registration outlived the restart: it is reachable without registering again.
            await office.until(lambda: office.accounts.is_reachable(account.account), 6.0)
            await office.ring("leg-6", account)
            (await phone.rings()).answer(BUSY)
        gone = Account("a" + "0" * 15, "1", AccountKind.DESK, secret_digest("a", "b"), SystemClock().now())
        await office.store.add(gone)
        assert (await office.accounts.reconcile()).pushed == 1
        await office.store.revoke(gone.account, SystemClock().now())
        assert (await office.accounts.reconcile()).removed == 1
        assert await office.accounts.reconcile() == Reconciled(pushed=0, removed=0)
        assert asterisk.embedded.problems() == []
