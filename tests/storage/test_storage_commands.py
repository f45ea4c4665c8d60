"""`kring calls` and `kring line`, as a person uses them."""

import asyncio
import csv
import io
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain.calls import Call, CallEvent, EventKind
from service.cli import main
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.vault import Vault

START = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
FIRST, SECOND = "0197" + "a" * 28, "0198" + "b" * 28
NPWP = "3171991501909876"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    return tmp_path


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def event(call_id: str, seq: int, kind: EventKind, **data: str) -> CallEvent:
    return CallEvent(call_id, seq, START + timedelta(seconds=seq), kind, data)


@pytest.fixture
def recorded(home: Path, sqlite_url: str) -> Path:
    async def write(database: Database, vault: Vault) -> None:
        log = DurableCallLog(database, vault, asyncio.get_running_loop())
        first = Call(FIRST, "channel-1", "1500200", "628110004321", "v1", START)
        await log.open(first, [event(FIRST, 1, EventKind.STARTED, dialled="1500200")])
        await log.append(
            [
                event(FIRST, 2, EventKind.PROMPT, prompt="welcome", language="id", playback="p1"),
                CallEvent(FIRST, 3, START, EventKind.KEY, {}, {"key": "7"}),
                event(FIRST, 4, EventKind.TIMER, timer="t1"),
                CallEvent(
                    FIRST,
                    5,
                    START,
                    EventKind.COLLECTED,
                    {"step": f"npwp_{NPWP}", "digits": "16", "result": "ok", "masked": "************9876"},
                    {"npwp": NPWP},
                ),
                event(FIRST, 6, EventKind.QUEUED, queue="=cmd|efin"),
                event(FIRST, 7, EventKind.ENDED, reason="caller_hung_up"),
            ]
        )
        second = Call(SECOND, "channel-2", "1500200", None, "v1", START + timedelta(hours=1))
        await log.open(second, [event(SECOND, 1, EventKind.STARTED, dialled="1500200")])
        await log.close()

    vault = Vault.create(home / "secrets" / "master_key")
    database = Database.open(sqlite_url)
    asyncio.run(write(database, vault))
    database.close()
    return home


def test_calls_are_listed_newest_first(recorded: Path) -> None:
    lines = kring("calls", "list").output.splitlines()
    assert [line.split()[2] for line in lines] == [SECOND, FIRST]
    assert lines[1].startswith("2025-06-03 09:00:00")
    assert "…4321" in lines[1]
    assert lines[1].endswith("7 s  penelepon menutup telepon")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--since", "2025-06-03T09:30"], [SECOND]),
        (["--until", "2025-06-03T09:30"], [FIRST]),
        (["--since", "2025-06-04"], []),
        (["--since", "2h"], []),
        (["--running"], [SECOND]),
        (["--limit", "1"], [SECOND]),
    ],
)
def test_the_list_is_narrowed(recorded: Path, options: list[str], expected: list[str]) -> None:
    found = [
        json.loads(line)["call_id"] for line in kring("calls", "list", "--json", *options).stdout.splitlines()
    ]
    assert found == expected


def test_a_call_is_shown_as_a_timeline_in_both_languages(recorded: Path) -> None:
    indonesian = kring("calls", "show", "0197").output
    english = kring("calls", "show", FIRST, "--lang", "en", "--all").output
    assert "Panggilan masuk ke 1500200" in indonesian
    assert "09:00:02" in indonesian
    assert "Diputar: welcome (id)" in indonesian
    assert "Batas waktu" not in indonesian
    assert "Panggilan berakhir: penelepon menutup telepon" in indonesian
    assert "The caller pressed a key (•)" in english
    assert "Time limit t1 ran out" in english
    assert "************9876" in english


def test_no_command_shows_a_personal_number(recorded: Path) -> None:
    for words in (
        ["calls", "list"],
        ["calls", "list", "--json"],
        ["calls", "show", "0197", "--all"],
        ["calls", "show", "0197", "--json"],
        ["calls", "export", "--csv"],
        ["calls", "export", "--json"],
    ):
        result = kring(*words)
        assert result.exit_code == 0, result.output
        assert "4321" in result.output
        assert NPWP not in result.output
        assert "628110004321" not in result.output
        assert '"key": "7"' not in result.output


@pytest.mark.parametrize(
    ("call", "told"), [("09", "No call has this id"), ("01", "give more"), ("%", "No call")]
)
def test_an_id_that_fits_no_single_call_is_told(recorded: Path, call: str, told: str) -> None:
    result = kring("calls", "show", call)
    assert result.exit_code == 1
    assert told in result.output


def test_the_csv_has_a_line_per_event_and_no_formula(recorded: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(kring("calls", "export", "--csv").stdout)))
    assert [(row["call_id"], row["seq"]) for row in rows] == [
        *((FIRST, str(seq)) for seq in range(1, 8)),
        (SECOND, "1"),
    ]
    assert rows[0]["started_at"] == "2025-06-03T09:00:00.000+07:00"
    assert rows[0]["caller"] == "…4321"
    assert json.loads(rows[4]["data"])["masked"] == "************9876"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_an_export_goes_into_a_new_file_that_others_cannot_read(recorded: Path, tmp_path: Path) -> None:
    target = tmp_path / "calls.json"
    assert kring("calls", "export", "--json", "--since", "2025-06-03", "--output", str(target)).exit_code == 0
    calls = [json.loads(line) for line in target.read_text().splitlines()]
    assert [len(call["events"]) for call in calls] == [7, 1]
    assert calls[0]["end_reason"] == "caller_hung_up"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    again = kring("calls", "export", "--output", str(target))
    assert again.exit_code == 1
    assert str(target) in again.output


def test_without_an_installation_the_remedy_is_named() -> None:
    result = kring("calls", "list")
    assert result.exit_code == 1
    assert "make run" in result.output


def test_the_line_is_closed_and_opened_on_record(recorded: Path) -> None:
    assert kring("line", "close").exit_code == 2
    assert "reason" in kring("line", "close", "--reason", " ").output
    assert "by sari since" in kring("line", "close", "--reason", "banjir", "--who", "sari").output
    status = kring("line", "status")
    assert status.exit_code == 1
    assert "closed (shut)" in status.output
    assert "banjir" in status.output
    assert kring("line", "open", "--who", "budi").exit_code == 0
    assert "(shut)" not in kring("line", "status").output
    lines = kring("line", "history").output.splitlines()
    assert [line.split(maxsplit=3)[3] for line in lines] == ["opened  budi", "closed  sari  banjir"]


def test_a_line_that_is_always_open_is_open(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRING_HOURS", "always")
    assert kring("line", "status").exit_code == 0
    kring("line", "close", "--reason", "banjir")
    assert kring("line", "status").exit_code == 1


def test_the_hours_are_printed_and_a_day_can_differ(recorded: Path) -> None:
    week = ["line", "hours", "--from", "2025-02-28", "--days", "4"]
    assert kring(*week).output.splitlines() == [
        "2025-02-28 Fri  08:00-16:00",
        "2025-03-01 Sat  weekend  Ramadan",
        "2025-03-02 Sun  weekend  Ramadan",
        "2025-03-03 Mon  08:00-15:00  Ramadan",
    ]
    short = ["line", "day", "2025-02-28", "working", "--opens", "09:00", "--closes", "12:00", "--about", "x"]
    assert kring(*short).output == "2025-02-28: 09:00-12:00\n"
    assert "2025-02-28 Fri  09:00-12:00" in kring(*week).output
    kring("line", "day", "2025-02-28", "remove")
    assert "2025-02-28 Fri  08:00-16:00" in kring(*week).output
    assert kring("line", "day", "2025-02-28", "holiday", "--opens", "09:00").exit_code == 2
