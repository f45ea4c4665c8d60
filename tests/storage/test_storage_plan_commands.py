"""`kring plan`, as a planner uses it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.working_days import office_day
from service import plan_part
from service.cli import main
from service.plan_process import Answer, Job, done
from storage.vault import Vault

FIRST = office_day(datetime.now(UTC)) + timedelta(days=2)  # tomorrow may have come before the test ends
LAST = FIRST + timedelta(days=9)  # whichever holidays there are, some of these days are open


@pytest.fixture(autouse=True)
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    monkeypatch.setenv("KRING_DATABASE_URL", sqlite_url)
    (tmp_path / "secrets").mkdir()
    Vault.create(tmp_path / "secrets" / "master_key")

    async def inside(job: Job) -> Answer:
        return done(job)

    monkeypatch.setattr(plan_part, "run_process", inside)
    return tmp_path


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["plan", *words])


def made(*words: str) -> dict[str, object]:
    result = kring("make", f"{FIRST}", f"{LAST}", "--calls", "120", "--json", *words)
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.output)
    return found


def test_a_plan_is_made_kept_listed_and_shown() -> None:
    found = made("--keep", "Uji", "--level", "90", "--shrinkage", "20")
    plan_id, plan = str(found["plan_id"]), found["plan"]
    assert isinstance(plan, dict)
    assert (plan["asked"]["target"]["level"], plan["asked"]["shrinkage"]) == (0.9, 0.2)
    [row] = [json.loads(line) for line in kring("list", "--json").output.splitlines()]
    assert (row["plan_id"], row["name"]) == (plan_id, "Uji")
    shown = kring("show", plan_id[:12])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) == 1 + len(plan["days"]) + 2  # head, days, assumed, id
    day = plan["days"][0]["day"]
    slots = kring("show", plan_id, "--day", day).output.splitlines()
    assert len(slots) == 1 + len(plan["days"][0]["slots"])
    assert date.fromisoformat(day) >= FIRST


def test_numbers_are_changed() -> None:
    plan_id = str(made()["plan_id"])
    result = kring("what-if", plan_id, "volume=200", "handle=180", "--json")
    assert result.exit_code == 0, result.output
    columns = json.loads(result.output)["columns"]
    assert len(columns) == 4
    assert columns[1]["calls"] == pytest.approx(2 * columns[0]["calls"])
    assert "volume=2 + handle=180" in kring("what-if", plan_id, "volume=200", "handle=180").output


def test_a_day_is_tried() -> None:
    found = made()
    plan = found["plan"]
    assert isinstance(plan, dict)
    result = kring("simulate", str(found["plan_id"]), plan["days"][0]["day"])
    assert result.exit_code == 0, result.output
    assert "Simulator, enough agents" in result.output


def test_the_schedule_stands_beside_a_plan() -> None:
    found = made()
    plan = found["plan"]
    assert isinstance(plan, dict)
    day, plan_id = plan["days"][0]["day"], str(found["plan_id"])
    result = kring("cover", plan_id, "--first", day, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    [beside] = told["days"]
    assert (beside["day"], beside["shifts"], beside["rostered_hours"], beside["level"]) == (day, 0, 0, 0)
    assert (
        beside["required_hours"]
        == beside["short_hours"]
        == sum(one["scheduled"] / 2 for one in plan["days"][0]["slots"])
    )
    assert set(told["notes"]) == {"no_shifts", "pool"}
    lines = kring("cover", plan_id, "--first", day).output.splitlines()
    assert len(lines) == 2 + 2 + len(beside["slots"]) + 2
    assert "Some days have no schedule" in lines[-2]
    week = kring("cover", plan_id, "--last", f"{LAST}")
    assert week.exit_code == 0 and len(week.output.splitlines()) == 1 + len(plan["days"]) + 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("make", f"{FIRST}", f"{LAST}"), "calls: Too little history"),
        (("make", f"{LAST}", f"{FIRST}", "--calls", "100"), "last: The last day must not be before"),
        (("make", f"{FIRST}", f"{LAST}", "--calls", "100", "--within", "1"), "within: No number of agents"),
        (("show", "0" * 32), "kring plan list"),
        (("what-if", "0" * 32, "agents=3"), "There is no plan"),
        (("cover", "0" * 32), "There is no plan"),
    ],
)
def test_what_is_wrong_is_told_with_its_remedy(words: tuple[str, ...], told: str) -> None:
    result = kring(*words)
    assert result.exit_code == 1
    assert told in result.output


def test_what_cannot_be_set_beside_is_told() -> None:
    plan_id = str(made()["plan_id"])
    assert "team: There is no such team" in kring("cover", plan_id, "--team", "gama").output
    assert "queue: The plan does not know" in kring("cover", plan_id, "--queue", "efin").output
    assert "first: This day is not in the plan" in kring("cover", plan_id, "--first", "2020-01-01").output
    assert "last: 31 days at most" in kring("cover", plan_id, "--last", "2099-01-01").output


def test_a_change_is_written_as_name_and_number() -> None:
    plan_id = str(made()["plan_id"])
    assert "Remedy: one of volume" in kring("what-if", plan_id, "agents=3").output
    assert "`many` is no number" in kring("what-if", plan_id, "volume=many").output
    assert "Outside any sensible range" in kring("what-if", plan_id, "volume=1").output
