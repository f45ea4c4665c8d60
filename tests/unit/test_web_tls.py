"""Pages by HTTPS: when, with which certificate, and how this installation's own programs come in."""

import asyncio
import http.client
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from asterisk_conf import certificate
from service import checkup
from service.alive import is_alive
from service.banner import web_address
from service.parts import WebPart, listen
from service.secrets import make_secrets
from service.settings import Settings, SettingsError, load_settings, shown
from service.tree import StartFailed
from service.web_trust import web_trust
from tests.real_asterisk import free_port
from web.shell import Shell


def _settings(home: Path, **values: str) -> Settings:
    given = {f"KRING_{name.upper()}": value for name, value in values.items()}
    return load_settings({"KRING_HOME": str(home), **given})


@pytest.mark.parametrize(
    ("values", "by_tls"),
    [
        ({}, False),
        ({"web_host": "::1"}, False),
        ({"web_tls": "on"}, True),
        ({"web_host": "0.0.0.0"}, True),  # noqa: S104 - a setting
        ({"web_host": "192.0.2.5"}, True),
        ({"web_host": "192.0.2.5", "web_tls": "off"}, False),
    ],
)
def test_pages_go_by_https_unless_they_stay_on_this_machine(
    tmp_path: Path, values: dict[str, str], by_tls: bool
) -> None:
    settings = _settings(tmp_path, **values)
    assert settings.pages_by_tls is by_tls
    assert web_address(settings).startswith("https://" if by_tls else "http://")
    assert settings.strict_transport is False


def test_a_certificate_of_ones_own_is_used_and_holds_browsers_to_https(tmp_path: Path) -> None:
    mine, key = str(tmp_path / "mine.pem"), str(tmp_path / "key.pem")
    settings = _settings(tmp_path, web_tls="on", web_certificate=mine, web_key=key)
    assert settings.web_files == (Path(mine), Path(key))
    assert settings.strict_transport is True
    with pytest.raises(SettingsError, match="web_certificate, web_key: one is no use without the other"):
        _settings(tmp_path, web_tls="on", web_certificate=mine)
    with pytest.raises(SettingsError, match="has no use while pages are served without TLS"):
        _settings(tmp_path, web_certificate=mine, web_key=key)


async def test_browsers_are_held_to_https_only_where_that_was_asked_for() -> None:
    for strict in (True, False):
        transport = httpx.ASGITransport(app=Shell(FastAPI(), strict_transport=strict))
        async with httpx.AsyncClient(transport=transport) as browser:
            by_tls = await browser.get("https://127.0.0.1:8080/")
            plain = await browser.get("http://127.0.0.1:8080/")
        assert ("strict-transport-security" in by_tls.headers) is strict
        assert "strict-transport-security" not in plain.headers


def _found(settings: Settings) -> set[tuple[str, str]]:
    """Return what the check of the installation finds of certificates: code and file."""
    return {(one.code, Path(str(one.values["path"])).name) for one in checkup.certificate(settings)}


def test_a_certificate_is_made_at_set_up_and_looked_after(tmp_path: Path) -> None:
    settings = _settings(tmp_path, web_host="192.0.2.5", wss_name="phone.example")
    assert "web_certificate.pem" in make_secrets(settings)
    assert make_secrets(settings) == []
    made, key = settings.web_files
    assert list(certificate.problems(made, key, "phone.example")) == []
    assert ("certificate", "web_certificate.pem") in _found(settings)
    made.unlink()
    assert ("certificate_unfit", "web_certificate.pem") in _found(settings)


async def test_the_command_line_trusts_the_pages_certificate_and_no_other(tmp_path: Path) -> None:
    settings = _settings(tmp_path, web_tls="on", web_port=str(free_port()))
    make_secrets(settings)
    assert not is_alive(settings)
    async with _served(settings):
        assert await asyncio.to_thread(is_alive, settings)
        assert await asyncio.to_thread(_ask, settings, web_trust(settings)) == "https"
        other = _settings(tmp_path / "other", web_tls="on")
        make_secrets(other)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(_ask, settings, web_trust(other))


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.pem").write_text("nothing")
    listener = listen("127.0.0.1", free_port())
    with pytest.raises(StartFailed, match=r"web_certificate = .*mine\.pem.*cannot be used"):
        WebPart(FastAPI(), listener, (tmp_path / "mine.pem", tmp_path / "mine.pem"))
    listener.close()


def test_ice_servers_are_read_and_their_secrets_not_shown(tmp_path: Path) -> None:
    settings = _settings(tmp_path, ice_servers="stun:192.0.2.1:3478, turn:user:s3cret@relay.example:3478")
    assert shown(settings, "ice_servers") == "stun:192.0.2.1:3478, turn:relay.example:3478"
    for bad in ("stun:", "relay.example", "turn:relay.example:3478", "stun:user:s3cret@relay.example"):
        with pytest.raises(SettingsError, match="write stun:HOST:PORT") as raised:
            _settings(tmp_path, ice_servers=bad)
        assert "s3cret" not in str(raised.value)


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[None]:
    app = FastAPI()
    app.state.close = lambda: None

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    part = WebPart(app, listen(settings.web_host, settings.web_port), settings.web_files)
    await part.begin()
    try:
        yield
    finally:
        await part.end()


def _ask(settings: Settings, trust: ssl.SSLContext | None) -> str:
    assert trust is not None
    connection = http.client.HTTPSConnection("127.0.0.1", settings.web_port, timeout=20, context=trust)
    try:
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
    finally:
        connection.close()
    return "https"
