"""`kring callbacks`, as a person uses it."""

import asyncio
import csv
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain.calls import Call, CallEvent, EventKind
from service.cli import main
from storage.call_log import DurableCallLog
from storage.callbacks import DurableCallbacks
from storage.database import Database
from storage.vault import Vault

LOST_AT = datetime.now(UTC) - timedelta(minutes=30)
ANI, ABROAD = "628110000123", "442079460123"


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["callbacks", *words])


def lost_call(call_id: str, caller: str) -> tuple[Call, list[CallEvent]]:
    steps = [
        (EventKind.STARTED, {"dialled": "1500200"}),
        (EventKind.QUEUED, {"queue": "efin"}),
        (EventKind.ENDED, {"reason": "lost"}),
    ]
    events = [CallEvent(call_id, seq, LOST_AT, kind, data) for seq, (kind, data) in enumerate(steps, 1)]
    return Call(call_id, f"channel-{call_id}", "1500200", caller, "v1", LOST_AT), events


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    vault = Vault.create(tmp_path / "secrets" / "master_key")
    database = Database.open(sqlite_url)

    async def write() -> None:
        log = DurableCallLog(database, vault, asyncio.get_running_loop())
        await log.open(*lost_call("call-1", ANI))
        await log.open(*lost_call("call-2", ABROAD))
        await log.close()

    asyncio.run(write())
    database.close()
    return tmp_path


def test_lost_callers_are_listed_masked_and_written_in_full_for_their_reader_alone(home: Path) -> None:
    target = home / "lost.csv"
    result = kring("lost", "--since", "2h", "--output", str(target))
    assert result.exit_code == 0, result.output
    assert [line.split()[:4] for line in result.output.splitlines()] == [
        ["call-1", "…0123", "efin", "waiting"],
        ["call-2", "…0123", "efin", "waiting"],
    ]
    assert ANI not in result.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [row["number"] for row in csv.DictReader(target.open())] == [ANI, ABROAD]
    again = kring("lost", "--since", "2h", "--output", str(target))
    assert again.exit_code == 1
    assert "Remedy: name a new file" in again.output
    assert "No call was lost" in kring("lost", "--since", "5m").output


def test_lost_callers_are_booked_once_in_their_old_places(home: Path, sqlite_url: str) -> None:
    assert "1 of 2 are booked." in kring("lost", "--since", "2h", "--book").output
    assert "1 of 2 are booked." in kring("lost", "--since", "2h", "--book").output
    listed = kring("list").output
    assert len(listed.splitlines()) == 1
    assert "…0123" in listed
    assert ANI not in listed
    database = Database.open(sqlite_url)
    book = DurableCallbacks(database, Vault.load(home / "secrets" / "master_key"))
    [one] = asyncio.run(book.open())
    assert (one.number, one.queue, one.since) == (ANI, "efin", LOST_AT)
    asyncio.run(book.taken("call-1", datetime.now(UTC)))
    database.close()
    assert "being called" in kring("list").output
    assert kring("withdraw", "call-1").exit_code == 1


def test_a_callback_is_withdrawn_once(home: Path) -> None:
    kring("lost", "--since", "2h", "--book")
    assert kring("withdraw", "call-1").exit_code == 0
    again = kring("withdraw", "call-1")
    assert again.exit_code == 1
    assert "Remedy" in again.output
    assert "Nobody waits" in kring("list").output
