"""The status page, its API, and the switch of the line."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from domain.audit import AuditUnavailable
from tests.web.floor_double import AGENT
from tests.web.page_parts import PageParts, page_app
from tests.web.service_double import ServiceDouble
from web.errors import add_error_handlers
from web.operations import Line, LiveCall
from web.status_pages import add_status_routes


@pytest.fixture
def service() -> ServiceDouble:
    return ServiceDouble()


@pytest.fixture
def parts(service: ServiceDouble) -> PageParts:
    made = page_app([partial(add_status_routes, operations=service)])
    add_error_handlers(made.app, made.shared.render)
    return made


async def test_the_page_shows_line_queues_agents_and_calls_without_names(
    parts: PageParts, service: ServiceDouble
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=3)
    service.inside = [
        LiveCall("a", since, "main", "welcome"),
        LiveCall("b", since, "main", "<script>", "id", "efin"),
        LiveCall("c", since, "main", "<script>", "id", "efin"),
    ]
    async with parts.client("supervisor") as client:
        page = (await client.get("/status")).text
    assert 'Panggilan di dalam: <span class="number">3</span>' in page
    assert '<th scope="row"><code>main / &lt;script&gt;</code></th><td class="number">2</td>' in page
    cells = "".join(f'<td class="number">{value}</td>' for value in ("3", "0:42", "1:35", "0", "2"))
    assert f'<span title="efin">Lupa EFIN</span></th><td>Indonesia</td>{cells}' in page
    assert '<th scope="row">jeda</th><td>bebas</td><td class="number">1</td>' in page
    assert "sip:1500200@127.0.0.1:5060" in page
    assert AGENT not in page
    assert "Melati" not in page


async def test_why_the_service_is_not_ready_is_told_in_the_readers_language(
    parts: PageParts, service: ServiceDouble
) -> None:
    service.reasons = ("2 sounds have no audio, first kring/id/a", "the moon is full")
    async with parts.client("supervisor", page=True) as client:
        piece = (await client.get("/api/status")).text
    assert '<li class="row">2 bunyi tidak punya suara, pertama kring/id/a</li>' in piece
    assert '<li class="row" lang="en">the moon is full</li>' in piece


async def test_programs_get_the_same_as_json(parts: PageParts, service: ServiceDouble) -> None:
    service.reasons = ("Asterisk is not connected",)
    async with parts.client("auditor") as client:
        found = (await client.get("/api/status")).json()
    assert (found["ready"], found["reasons"]) == (False, ["Asterisk is not connected"])
    assert found["line"] == {"open": True, "shut": False, "until": None}
    assert found["facts"] == {"asterisk": "22.10.1"}
    assert found["queues"][0]["longest"] == pytest.approx(42.0)


async def test_one_click_closes_the_line_another_reopens_it_and_both_are_on_record(
    parts: PageParts, service: ServiceDouble
) -> None:
    async with parts.client("supervisor", page=True) as client:
        piece = (await client.post("/api/line/close")).text
        assert service.shut
        assert "Ditutup oleh administrator" in piece
        assert 'hx-post="/api/line/open"' in piece
        assert "<html" not in piece
        assert "Buka kembali" not in (await client.post("/api/line/open")).text
    assert not service.shut
    assert [(row.act, row.subject) for row in parts.audit.rows] == [
        ("line_closed", "line:1500200"),
        ("line_opened", "line:1500200"),
    ]
    assert parts.audit.rows[0].who == "s" * 32


async def test_the_line_stays_as_it_is_while_the_trail_cannot_be_written(
    parts: PageParts, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: object, row: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(type(parts.audit), "record", broken)
    async with parts.client("supervisor") as client:
        answer = await client.post("/api/line/close")
    assert answer.status_code == 503
    assert "nothing was shown or done" in answer.json()["error"]
    assert not service.shut


@pytest.mark.parametrize(("role", "sees", "switches"), [("agent", 403, 403), ("planner", 200, 403)])
async def test_who_may_not_switch_the_line_is_not_offered_it(
    parts: PageParts, service: ServiceDouble, role: str, sees: int, switches: int
) -> None:
    async with parts.client(role) as client:
        page = await client.get("/status")
        assert page.status_code == sees
        assert "/api/line/" not in page.text
        assert (await client.post("/api/line/close")).status_code == switches
    assert not service.shut


async def test_the_next_change_is_told_in_western_indonesian_time(
    parts: PageParts, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def line() -> Line:
        return Line(open=True, shut=False, until=datetime(2026, 3, 31, 9, 0, tzinfo=UTC))

    monkeypatch.setattr(service, "line", line)
    async with parts.client("supervisor") as client:
        assert "sampai 31.03.2026 16.00 WIB" in (await client.get("/status")).text
