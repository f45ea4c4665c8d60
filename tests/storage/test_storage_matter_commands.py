"""`kring matters`, as a person uses it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.complaint_referrals import Wish, refer
from desk.complaints import file_complaint, load_complaints
from desk.matter_codes import shown_code
from desk.matters_work import load_work
from desk.standing import Rung
from service.cli import main
from storage.database import Database
from storage.matters import DurableMatters
from storage.vault import Vault
from tests.unit.matter_world import NUMBER, Office, act, origin

AGO = datetime.now(UTC) - timedelta(days=60)
OFFICE = Office()


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["matters", *words])


@pytest.fixture
def code(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put an old complaint on record that was sent to a unit; return its code."""
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    vault = Vault.create(tmp_path / "secrets" / "master_key")
    database = Database.open(sqlite_url)
    said = {"reporter": "Contoh Rahasia", "contact": NUMBER, "what": "Antrean"}
    made = file_complaint(load_complaints(), OFFICE, origin(Rung.ANONYMOUS, AGO), "service", said)

    async def write() -> None:
        book = DurableMatters(database, vault)
        await book.open(made)
        asked = act(AGO, note="Rahasia juga")
        rule = load_work().at(AGO)
        await book.change(refer(rule, OFFICE, made.matter, [made.event], "klip", Wish("kitsda"), asked))

    asyncio.run(write())
    database.close()
    return shown_code(made.matter.code)


def test_matters_are_listed_and_shown_without_what_was_said(code: str) -> None:
    listed, shown = kring("list"), kring("show", code.lower())
    assert (listed.exit_code, shown.exit_code) == (0, 0), shown.output
    assert listed.output.splitlines()[1].split()[:4] == [code, "complaint", "service", "completeness"]
    assert "klip -> kitsda  awaited until" in shown.output
    whole = kring("show", code, "--json").output
    assert [event["what"] for event in json.loads(whole)["trail"]] == ["opened", "referred"]
    assert "ahasia" not in listed.output + shown.output + whole
    assert kring("list", "--kind", "case").stderr == "No matter.\n"
    for wrong, word in (("XXXX", "CODE"), ("BBBB-BBBB", "No matter")):
        refused = kring("show", wrong)
        assert refused.exit_code == 1
        assert word in refused.output


def test_an_overdue_clock_is_an_alarm_and_an_exit_code(code: str) -> None:
    before = kring("alarms")
    assert (before.exit_code, before.stderr) == (0, "No clock is near its end.\n")
    after = kring("alarms", "--look")
    assert after.exit_code == 1
    assert after.output.splitlines()[1].split()[:2] == ["escalated", code]
    step, unit = sorted(json.loads(kring("alarms", "--json").output), key=lambda one: one["unit"])
    assert (step["signal"], step["unit"], unit["signal"], unit["unit"]) == (
        "escalated",
        "",
        "escalated",
        "kitsda",
    )
    assert unit["days_left"] < 0


def test_loads_and_statistics_are_told_and_nothing_is_given_to_nobody(code: str) -> None:
    assert json.loads(kring("load", "--json").output) == {"workers": [], "unassigned": 1}
    assert kring("spread").output.split() == [code, "service", "nobody", "nobody", "can"]
    first = (AGO - timedelta(days=1)).date().isoformat()
    found = json.loads(kring("statistics", "--from", first, "--json").output)
    assert (found["received"], found["open"], found["open_late"]) == (1, 1, 1)
    [asked] = found["asked"]
    assert (asked["name"], asked["open"], asked["open_late"]) == ("kitsda", 1, 1)
    text = kring("statistics", "--from", first)
    assert "1 complaints received, 0 closed, 1 open, 1 of these late" in text.output
    assert kring("statistics", "--from", "2030-01-01", "--to", "2029-01-01").exit_code == 1
