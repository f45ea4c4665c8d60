"""The permission matrix of the application as the service joins it."""

from pathlib import Path

from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.permission_matrix import matrix, undeclared
from tests.web.whole_pages import whole_pages
from web.guard import SOCKET

ASKED = ("POST", "/api/floor/requests")
ABOUT = ({"request": "end_wrap_up", "agent": OWN}, {"request": "end_wrap_up", "agent": COLLEAGUE})
WAITING = ("GET", "/api/floor/explain/{call_id}")  # who waits is of no team yet


async def test_every_route_every_role_own_and_other_team(migrated_staff: Path, tmp_path: Path) -> None:
    async with whole_pages(migrated_staff, tmp_path) as whole:
        assert undeclared(whole.app, whole.guard) == []
        outcome = await matrix(
            whole.app,
            whole.guard,
            scoped={ASKED: ABOUT},
            unscoped=[WAITING],
            queries={(SOCKET, "/sip"): f"account=a{'0' * 15}"},
            by_rule=[
                ("POST", "/api/calls/{call_id}/data-requests"),
                ("POST", "/api/calls/{call_id}/code-proofs"),
            ],
            visitors=whole.visitors,
        )
    print(f"{outcome} of {len(whole.guard.permissions)} routes")  # noqa: T201 - the count is asked for
    assert outcome.wrong == []
    assert outcome.unproven == []
