"""A talk between the trunk and a real browser: WSS, DTLS-SRTP, sound both ways."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from domain.accounts import AccountKind
from service.phone.client import Telephone
from storage.database import Database
from storage.vault import Vault
from tests.browser.browser import browser
from tests.office import AGENT, Office, opened
from tests.real_asterisk import RealAsterisk

pytestmark = pytest.mark.asterisk

QUIET, BEEP = 100, 1000  # root mean square; Chromium's made-up microphone beeps once a second


@pytest.fixture
async def office(asterisk: RealAsterisk, tmp_path: Path) -> AsyncIterator[Office]:
    database = Database.open(f"sqlite:///{tmp_path / 'kring.db'}")
    async with opened(asterisk, (database, Vault.create(tmp_path / "key"))) as running:
        yield running
    database.close()


async def test_a_browser_and_a_caller_hear_each_other_encrypted(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.BROWSER)
    wss = office.asterisk.settings.wss
    assert wss is not None
    login = {"wss": f"wss://localhost:{wss.port}/ws", "account": account.account, "secret": secret}
    async with browser(login, wss.certificate) as page, Telephone(office.asterisk.sip) as outside:
        await page.says(lambda event: event["name"] == "registered")
        await office.until(lambda: office.accounts.is_reachable(account.account))
        calling = asyncio.create_task(outside.call("1500200", keep_audio=True))
        caller_leg = (await office.next_in()).channel.id
        await office.client.channels.answer(caller_leg)
        caller = await calling
        caller.speaks(700)
        await office.ring("leg-browser", account)
        await office.next_in(15.0)
        bridge = await office.client.bridges.create(type="mixing")
        await office.client.bridges.add_channel(bridge.id, channel=[caller_leg, "leg-browser"])
        sound = await page.says(lambda event: event.get("energy", 0) > 0.1)
        assert (sound["codec"], sound["dtls"]) == ("audio/PCMA", "connected")
        await asyncio.sleep(2.0)
        tenths = np.frombuffer(bytes(caller.audio), dtype="<i2").astype(float)
        tenths = tenths[: len(tenths) // 800 * 800].reshape(-1, 800)
        loud = np.sqrt((tenths**2).mean(axis=1))
        assert loud.max() > BEEP
        assert loud[:3].max() < QUIET  # before the browser was there, the caller heard nothing
        await caller.hang_up()
        await office.client.channels.hangup("leg-browser")
        await page.says(lambda event: event["name"] == "ended")
        await office.client.bridges.destroy(bridge.id)
