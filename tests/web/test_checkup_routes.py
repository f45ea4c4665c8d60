"""What is wrong with the installation is told on the status page, the worst first."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.web.page_parts import PageParts, page_app
from web.checkup_port import Checked, Finding, Severity
from web.checkup_routes import add_checkup_routes

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(slots=True)
class CheckupDouble:
    checked: Checked | None = None
    is_running: bool = False
    asked: list[bool] = field(default_factory=list)

    def newest(self) -> Checked | None:
        return self.checked

    def ask(self) -> None:
        self.asked.append(True)


@pytest.fixture
def checkup() -> CheckupDouble:
    return CheckupDouble()


@pytest.fixture
def parts(checkup: CheckupDouble) -> PageParts:
    return page_app([partial(add_checkup_routes, checkup=checkup)])


async def test_findings_come_the_worst_first_with_their_remedies(
    parts: PageParts, checkup: CheckupDouble
) -> None:
    async with parts.client("supervisor") as client:
        assert (await client.get("/api/checkup")).json()["at"] is None
        checkup.checked = Checked(
            AT,
            (
                Finding("python", "python", Severity.GOOD, {"version": "3.11"}),
                Finding("backups", "backups_unnamed", Severity.WARNING),
                Finding("modules", "modules_missing", Severity.WRONG, {"names": list("abcdefg")}),
                Finding("store", "store_away", Severity.WRONG, {"place": "/x"}, "not mounted"),
            ),
        )
        model = (await client.get("/api/checkup")).json()
    assert [one["severity"] for one in model["findings"]] == ["wrong", "wrong", "warning", "good"]
    assert model["counts"] == {"wrong": 2, "warning": 1, "good": 1}
    async with parts.client("supervisor", page=True) as client:
        piece = (await client.get("/api/checkup")).text
    assert piece.index("Tidak berjalan: a, b, c, d, e, dan 2 lainnya") < piece.index("Folder cadangan")
    assert '<span lang="en">not mounted</span>' in piece
    assert "Rusak" in piece and "09.00" in piece  # WIB
    visitor = parts.sessions.visitors["supervisor"]
    reads_english = replace(visitor, staff=replace(visitor.staff, language="en"))
    parts.sessions.visitors["supervisor"] = reads_english
    async with parts.client("supervisor", page=True) as client:
        assert "not running: a, b, c, d, e and 2 more" in (await client.get("/api/checkup")).text


async def test_a_check_is_asked_for_by_who_may(parts: PageParts, checkup: CheckupDouble) -> None:
    async with parts.client("team_leader") as client:
        assert (await client.post("/api/checkup")).status_code == 403
    async with parts.client("administrator") as client:
        assert (await client.post("/api/checkup")).status_code == 200
    async with parts.client("agent") as client:
        assert (await client.get("/api/checkup")).status_code == 403
    assert checkup.asked == [True]
