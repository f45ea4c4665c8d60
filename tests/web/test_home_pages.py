"""Where somebody begins."""

import pytest

from domain.staff import StaffRole
from tests.web.page_parts import page_app, visitor
from web.errors import add_error_handlers
from web.home_pages import add_home_routes, first_page


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("nobody", "/masuk"),
        ("agent", "/agen"),
        ("supervisor", "/status"),
        ("campaign_manager", "/kampanye"),
        ("administrator", "/status"),
        ("quality", "/tugas-nilai"),
        ("quality_lead", "/tugas-nilai"),
        ("privacy_officer", "/berkas"),
        ("unit", "/pengaduan-unit"),
    ],
)
async def test_the_first_page_is_one_that_the_roles_open(role: str, path: str) -> None:
    parts = page_app([add_home_routes])
    async with parts.client(role) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, path)


def test_everybody_has_a_first_page() -> None:
    found = {first_page(visitor(role)) for role in StaffRole}
    assert found == {"/agen", "/kampanye", "/berkas", "/tugas-nilai", "/status", "/pengaduan-unit"}


async def test_a_program_learns_who_is_signed_in_and_what_is_open() -> None:
    parts = page_app([add_home_routes])
    add_error_handlers(parts.app, parts.shared.render)
    async with parts.client("team_leader") as client, parts.client("nobody") as stranger:
        found = (await client.get("/api/session")).json()
        assert (await stranger.get("/api/session")).status_code == 401
    assert (found["roles"], found["team"], found["language"]) == (["team_leader"], "alfa", "id")
    assert found["permissions"]["call_view"] == "team"
    assert "staff_manage" not in found["permissions"]
    assert "csrf" not in found
