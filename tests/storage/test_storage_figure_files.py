"""Files of figures: made by a process of their own on a real installation, and why there is none."""

import asyncio
import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest

from acd.skills import office_day
from domain.clock import SystemClock
from reporting.asking import Dimension, FiguresUnavailable, Interval, NotAsked, Question
from service import figure_files
from service.apart import run_apart
from service.figure_files import AT_ONCE, WITHIN, FigureFiles
from service.settings import load_settings
from storage.database import Database
from storage.vault import Vault
from tests.storage.figure_world import SARI, FigureWorld, clock, stay
from web.figure_file import FigureFile, FileNotMade
from web.figure_people import Person

YESTERDAY = office_day(SystemClock().now()) - timedelta(days=1)


@pytest.fixture
async def home(tmp_path: Path, sqlite_url: str) -> Path:
    Vault.create(tmp_path / "secrets" / "master_key")
    database = Database.open(sqlite_url)
    world = FigureWorld(database)
    await world.put(
        [
            *stay("call-1", "efin", clock("09:00:00", YESTERDAY), 30, "answered"),
            *stay("call-2", "kup", clock("09:01:00", YESTERDAY), 60, "caller_hung_up"),
        ]
    )
    database.close()
    return tmp_path


def _files(home: Path, within: float = WITHIN) -> FigureFiles:
    return FigureFiles(home / "figure-files", load_settings({"KRING_HOME": str(home)}), within)


def _job(first: date = YESTERDAY, last: date = YESTERDAY, form: str = "csv") -> FigureFile:
    question = Question(first, last, (Dimension.QUEUE,), Interval.WHOLE)
    people = (Person(SARI, "Melati", "a" * 32, "alfa"),)
    return FigureFile(question, form, "en", people, {})  # type: ignore[arg-type] # one of two


async def test_a_file_is_made_apart_and_has_no_name_afterwards(home: Path) -> None:
    files = _files(home)
    with await files.made(_job()) as file:
        rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
    head, lines = rows[0], {row[1]: row for row in rows[1:]}
    assert len(lines) == 2  # of two queues
    found = [sum(int(row[head.index(name)]) for row in lines.values()) for name in ("Answered", "Abandoned")]
    assert found == [1, 1]
    with await files.made(_job(form="xlsx")) as book:
        assert book.read(2) == b"PK"
    assert list((home / "figure-files").iterdir()) == []


async def test_why_there_is_no_file_is_told(home: Path) -> None:
    files = _files(home)
    with pytest.raises(NotAsked) as refused:
        await files.made(_job(YESTERDAY, YESTERDAY - timedelta(days=1)))
    assert refused.value.word == "first_after_last"
    (home / "secrets" / "master_key").rename(home / "secrets" / "gone")
    with pytest.raises(FiguresUnavailable, match="master_key"):
        await files.made(_job())
    with pytest.raises(FileNotMade, match="slow"):
        await _files(home, 0.01).made(_job())
    assert list((home / "figure-files").iterdir()) == []


async def test_few_files_are_made_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def apart(*words: str, **options: object) -> tuple[int, bytes]:
        begun.release()
        await go_on.wait()
        return 1, b""

    monkeypatch.setattr(figure_files, "run_apart", apart)
    files = _files(home)
    running = [asyncio.create_task(files.made(_job())) for _ in range(AT_ONCE)]
    for _ in running:
        await begun.acquire()
    with pytest.raises(FileNotMade, match="busy"):
        await files.made(_job())
    go_on.set()
    ended = await asyncio.gather(*running, return_exceptions=True)
    assert [str(one) for one in ended] == ["failed"] * AT_ONCE
    with pytest.raises(FileNotMade, match="failed"):  # there is room again
        await files.made(_job())


async def test_a_process_ends_with_who_waits_for_it(tmp_path: Path) -> None:
    assert await run_apart("this", within=20) != (0, b"")  # a module that writes
    code, _ = await run_apart("no_such_module", within=20, silent=True)
    assert code == 1
    with pytest.raises(TimeoutError):
        await run_apart("http.server", "0", "--bind", "127.0.0.1", within=0.5, silent=True)
