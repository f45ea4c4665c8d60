"""Browsers: SIP over WSS with the certificate that was made at set-up, and what they are offered."""

import datetime
import ssl
from pathlib import Path

import httpx
import pytest

from asterisk_conf import certificate
from asterisk_conf.settings import Wss
from domain.accounts import Account, AccountKind
from tests.conftest import NewAsterisk
from tests.office import AGENT, Office, Records, opened
from tests.real_asterisk import RealAsterisk, free_port
from tests.small_browser import SmallBrowser

pytestmark = pytest.mark.asterisk


def _browser(office: Office, account: Account, secret: str) -> SmallBrowser:
    wss = office.asterisk.settings.wss
    assert wss is not None
    return SmallBrowser("localhost", wss.port, wss.certificate, account.account, secret)


async def test_a_browser_registers_and_is_offered_encrypted_sound(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.BROWSER)
    async with _browser(office, account, secret) as browser:
        assert await browser.register() == 200
        await office.until(lambda: office.accounts.is_reachable(account.account))
        await office.ring("leg-w", account)
        invite = await browser.next_invite()
    assert "m=audio" in invite
    for needed in (
        "UDP/TLS/RTP/SAVPF 8 ",
        "a=fingerprint:SHA-256 ",
        "a=ice-ufrag:",
        "a=rtcp-mux",
        "opus/48000",
    ):
        assert needed in invite, needed
    assert AGENT not in invite
    # A closed tab is seen at once: its connection is gone.
    assert await office.until(lambda: not office.accounts.is_reachable(account.account)) < 1.0


async def test_a_browser_with_a_wrong_or_revoked_secret_is_refused(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.BROWSER)
    async with _browser(office, account, "wrong") as browser:
        assert await browser.register() in (401, 403)
    await office.accounts.revoke(account.account)
    async with _browser(office, account, secret) as browser:
        assert await browser.register() in (401, 403)


async def test_nobody_commands_through_the_browsers_port_from_elsewhere(asterisk: RealAsterisk) -> None:
    wss = asterisk.settings.wss
    assert wss is not None
    trust = ssl.create_default_context(cafile=wss.certificate)
    login = (asterisk.user, asterisk.password)
    for source, status in (("127.0.0.1", 200), ("127.0.0.2", 403)):
        transport = httpx.AsyncHTTPTransport(verify=trust, local_address=source)
        async with httpx.AsyncClient(transport=transport, auth=login) as http:
            answer = await http.get(f"https://127.0.0.1:{wss.port}/ari/asterisk/ping")
            assert answer.status_code == status, source


async def test_a_renewed_certificate_is_shown_and_no_connection_is_lost(
    new_asterisk: NewAsterisk, records: Records, tmp_path: Path
) -> None:
    wss = Wss("127.0.0.1", free_port(), tmp_path / "certificate.pem", tmp_path / "key.pem")
    age = certificate.VALID - certificate.RENEW + datetime.timedelta(days=1)
    certificate.ensure(wss.certificate, wss.key, wss.host, lambda: certificate.utc_now() - age)
    asterisk = await new_asterisk(wss=wss)
    async with opened(asterisk, records) as office:
        account, secret = await office.accounts.create(AGENT, AccountKind.BROWSER)
        async with _browser(office, account, secret) as browser:  # trusts the old one alone
            assert await browser.register() == 200
            assert certificate.ensure(wss.certificate, wss.key, wss.host)
            assert await asterisk.embedded.start(), "not adopted"
            other, other_secret = await office.accounts.create(AGENT, AccountKind.BROWSER)
            async with _browser(office, other, other_secret) as later:  # trusts the new one alone
                assert await later.register() == 200
            await office.ring("leg-x", account)
            assert "m=audio" in await browser.next_invite()
