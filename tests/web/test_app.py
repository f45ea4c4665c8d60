"""What every area of the application shares: addresses for machines, headers, who gets in at all."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.web.app_parts import SECRET, application, client
from tests.web.service_double import ServiceDouble
from web.app import LARGEST_BODY
from web.operations import LiveCall
from web.parts import Shared
from web.permissions import Permission


class _Stream:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def service() -> ServiceDouble:
    return ServiceDouble()


@pytest.fixture
async def browser(service: ServiceDouble) -> AsyncIterator[httpx.AsyncClient]:
    async with client(application([_echo], service=service, hosts=["phone.example"])) as browser:
        yield browser


def _echo(shared: Shared) -> None:
    @shared.guard.post("/api/echo", Permission.PUBLIC)
    async def echo(body: dict[str, str]) -> dict[str, str]:
        return body


async def test_alive_is_not_ready(browser: httpx.AsyncClient, service: ServiceDouble) -> None:
    service.reasons = ("Asterisk is not connected",)
    assert (await browser.get("/healthz")).text == "ok\n"
    answer = await browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": ["Asterisk is not connected"], "asterisk": "22.10.1"}
    service.reasons = ()
    assert (await browser.get("/readyz")).status_code == 200


async def test_metrics_are_told_on_this_machine_only(service: ServiceDouble) -> None:
    app = application(service=service)
    async with client(app) as here:
        answer = await here.get("/metrics")
    assert answer.text == "kring_ready 1.0\n"
    assert answer.headers["content-type"].startswith("text/plain; version=")
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as elsewhere:
        assert (await elsewhere.get("/metrics")).status_code == 403
        assert (await elsewhere.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8080", 200), ("phone.example", 200), ("evil.example", 400), ("phone.example.evil", 400)],
)
async def test_only_the_names_of_this_service_are_answered(
    browser: httpx.AsyncClient, host: str, status: int
) -> None:
    assert (await browser.get("/healthz", headers={"host": host})).status_code == status


async def test_pages_are_not_kept_nor_framed_and_run_no_foreign_script(browser: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/api/none", "/readyz"):
        headers = (await browser.get(path)).headers
        assert headers["cache-control"] == "no-store"
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in headers
    by_own_certificate = await browser.get("https://127.0.0.1:8080/healthz")
    assert "strict-transport-security" not in by_own_certificate.headers


async def test_a_body_of_no_use_is_not_read(browser: httpx.AsyncClient) -> None:
    small = await browser.post("/api/echo", json={"a": "b"})
    assert small.json() == {"a": "b"}
    large = await browser.post("/api/echo", json={"a": "b" * LARGEST_BODY})
    assert large.status_code == 413


async def test_the_api_is_described_to_who_is_signed_in(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/openapi.json")).status_code == 401
    mine = await browser.get("/api/openapi.json", headers={"authorization": f"Bearer {SECRET}"})
    assert "/api/echo" in mine.json()["paths"]
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await browser.get(path)).status_code == 404


async def test_live_calls_are_listed_for_programs(browser: httpx.AsyncClient, service: ServiceDouble) -> None:
    since = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
    service.inside = [LiveCall("a", since, "main", "welcome", "en")]
    assert (await browser.get("/api/calls")).status_code == 401
    mine = await browser.get("/api/calls", headers={"authorization": f"Bearer {SECRET}"})
    assert mine.json() == {
        "calls": [
            {
                "call_id": "a",
                "since": "2026-03-31T02:00:00+00:00",
                "flow": "main",
                "step": "welcome",
                "language": "en",
                "queue": None,
            }
        ]
    }


async def test_what_never_ends_is_ended_with_the_application() -> None:
    stream = _Stream()
    app = application([lambda shared: stream, lambda shared: None])
    app.state.close()
    assert stream.closed
