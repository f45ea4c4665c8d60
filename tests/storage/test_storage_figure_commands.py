"""`kring figures`, as a person uses it."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from acd.skills import office_day
from domain.clock import SystemClock
from domain.floor_log import Phase
from reporting.rollup import Key, make_cells, pack
from service import figures_process
from service.cli import main
from storage.database import Database
from storage.figure_tables import figure_days
from storage.vault import Vault
from tests.storage.figure_world import SARI, FigureWorld, clock, leg, offer, stay

YESTERDAY = office_day(SystemClock().now()) - timedelta(days=1)
# Midnight may pass while the test runs, and yesterday may have been the last day of a month.
ROLLED_UP = re.compile(r"[12] days and [01] months rolled up in .* s; 0 days left\n")


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["figures", *words])


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    Vault.create(tmp_path / "secrets" / "master_key")
    database = Database.open(sqlite_url)
    nine = clock("09:00:00", YESTERDAY)

    async def write() -> None:
        world = FigureWorld(database)
        await world.put(
            [
                *stay("call-1", "efin", nine, 30, "answered"),
                *offer("leg-1", "call-1", SARI, nine + timedelta(seconds=25)),
                *leg("leg-1", "call-1", SARI, nine + timedelta(seconds=25),
                     (Phase.RING, 4), (Phase.JOIN, 1), (Phase.TALK, 90), (Phase.WRAP_UP, 20)),
            ]
        )  # fmt: skip
        world.call("call-1", nine, nine + timedelta(minutes=3))

    asyncio.run(write())
    database.close()
    return tmp_path


def test_figures_are_shown_rolled_up_and_checked(home: Path) -> None:
    day = ["--from", YESTERDAY.isoformat()]
    shown = kring("show", *day, "--by", "queue", "--figure", "aht", "--figure", "service_level")
    assert shown.exit_code == 0, shown.output
    assert [line.split() for line in shown.output.splitlines()] == [
        ["from", "queue", "incoming", "ACD", "calls", "AHT", "Service", "level"],
        ["efin", "1", "1", "111.0", "0.0", "%"],
    ]
    counted = kring("show", *day, "--recompute", "--json", "--only", f"agent={SARI}")
    assert json.loads(counted.output)["counts"] == {
        "acd_calls": 1, "ring_ms": 4000, "acd_ms": 91_000, "talk_ms": 90_000, "wrap_up_ms": 20_000,
        "interactions": 1,
    }  # fmt: skip

    assert figures_process.one_round() == 0
    # Rows of the last minutes are looked at again: others may have been stored beside them.
    assert ROLLED_UP.fullmatch(kring("rollup").output)
    checked = kring("check", *day, "--to", YESTERDAY.isoformat())
    assert (checked.exit_code, checked.output) == (0, "1 of 1 days have a roll-up; 0 differ\n")
    assert kring("show", *day, "--by", "queue", "--figure", "aht", "--figure", "service_level").output == (
        shown.output
    )


def test_a_roll_up_that_is_wrong_is_found_and_made_anew(home: Path) -> None:
    assert kring("rollup").exit_code == 0
    database = Database.open(f"sqlite:///{home}/kring.db")
    wrong = pack(make_cells({(Key(queue="efin"), 0, "incoming"): 2}))
    database.write_now(lambda c: c.execute(sa.update(figure_days).values(cells=wrong)))
    database.close()

    found = kring("check", "--from", YESTERDAY.isoformat())
    assert found.exit_code == 1
    assert f"{YESTERDAY}: the roll-up differs" in found.output
    assert ROLLED_UP.fullmatch(kring("rollup", "--anew").output)
    assert kring("check", "--from", YESTERDAY.isoformat()).exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", "agents"], "agents: no such group; there are agent, team"),
        (["--only", "queue"], "--only queue: write GROUP=VALUE"),
        (["--from", "2025-06-03", "--to", "2025-06-02"], "the first day is after the last one"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(home: Path, words: list[str], told: str) -> None:
    result = kring("show", *words)
    assert (result.exit_code, told in result.output) == (1, True), result.output


def test_a_drawn_year_never_mixes_with_real_calls(home: Path) -> None:
    result = kring("import-year", "--days", "3")
    assert result.exit_code == 1
    assert "There are calls on record already" in result.output
