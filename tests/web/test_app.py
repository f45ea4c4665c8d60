import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.clock import SystemClock
from tests.web.service_double import ServiceDouble
from web.app import create_app
from web.operations import LiveCall


@pytest.fixture
def service() -> ServiceDouble:
    return ServiceDouble()


@pytest.fixture
async def browser(service: ServiceDouble) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(service, SystemClock())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


async def _token(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', (await browser.get("/")).text)
    assert found
    return found.group(1)


async def test_alive_is_not_ready(browser: httpx.AsyncClient, service: ServiceDouble) -> None:
    service.reasons = ("Asterisk is not connected",)
    assert (await browser.get("/healthz")).status_code == 200
    answer = await browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": ["Asterisk is not connected"], "asterisk": "22.10.1"}
    service.reasons = ()
    assert (await browser.get("/readyz")).status_code == 200


async def test_the_status_page_counts_calls_by_step_and_queue(
    browser: httpx.AsyncClient, service: ServiceDouble
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=3)
    service.inside = [
        LiveCall("a", since, "main", "welcome"),
        LiveCall("b", since, "main", "<script>", "id", "efin"),
        LiveCall("c", since, "main", "<script>", "id", "efin"),
    ]
    page = (await browser.get("/")).text
    assert "Panggilan di dalam: 3" in page
    assert '<td>main / &lt;script&gt;</td><td class="number">2</td>' in page
    assert '<td>efin</td><td class="number">2</td><td class="number">3 mnt</td>' in page
    assert "sip:1500200@127.0.0.1:5060" in page
    assert "Saluran buka" in page


async def test_live_calls_are_listed_for_programs(browser: httpx.AsyncClient, service: ServiceDouble) -> None:
    since = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
    service.inside = [LiveCall("a", since, "main", "welcome", "en")]
    assert (await browser.get("/api/calls")).json() == {
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


async def test_metrics_can_be_scraped(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/metrics")
    assert answer.text == "kring_ready 1.0\n"
    assert answer.headers["content-type"].startswith("text/plain; version=")


async def test_one_click_closes_the_line_and_another_reopens_it(
    browser: httpx.AsyncClient, service: ServiceDouble
) -> None:
    token = await _token(browser)
    assert (await browser.post("/line/close", data={"token": token})).status_code == 303
    assert service.shut
    assert "Saluran ditutup oleh administrator" in (await browser.get("/")).text
    await browser.post("/line/open", data={"token": await _token(browser)})
    assert not service.shut


@pytest.mark.parametrize(
    ("headers", "right_token"),
    [
        ({}, False),
        ({"origin": "http://evil.example"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"host": "evil.example"}, True),
    ],
)
async def test_another_site_cannot_close_the_line(
    browser: httpx.AsyncClient, service: ServiceDouble, headers: dict[str, str], right_token: bool
) -> None:
    token = await _token(browser)
    answer = await browser.post(
        "/line/close", data={"token": token if right_token else "0" * 64}, headers=headers
    )
    assert answer.status_code in (400, 403)
    assert not service.shut


async def test_a_stolen_token_is_worth_nothing_without_its_cookie(
    browser: httpx.AsyncClient, service: ServiceDouble
) -> None:
    token = await _token(browser)
    browser.cookies.clear()
    assert (await browser.post("/line/close", data={"token": token})).status_code == 403
    assert not service.shut


async def test_pages_are_not_kept_nor_framed(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/")).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
