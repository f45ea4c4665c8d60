"""Lists of 1.2 million rows (the calls of 2021) from file to complete report: CSV, and XLSX of two sheets.

The peer reads the same file with the usual reader and puts its cells into one table, with no check, key,
seal or report: what a first version would be.
"""

import asyncio
import csv
import os
import re
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from bench.figures import Report, at_least, at_most, ratio_at_most
from bench.list_import_files import HEADER, Expected, write_csv, write_xlsx
from desk.working_days import office_day
from dialer.imports import Inspection
from dialer.lists import ListState, Order, Requester
from domain.clock import SystemClock
from service.list_imports import ListImports
from storage.database import Database
from storage.list_tables import contact_keys, contacts, refused_rows
from storage.lists import DurableLists
from storage.vault import Vault
from tests.postgres import running

ROWS = 1_200_000
CSV_SECONDS, XLSX_SECONDS = 60.0, 120.0
MEMORY = 500.0  # MB, of all processes that read and write the list, at the same moment
CSV_PEER, XLSX_PEER = 15.0, 8.0  # times as long as the peer, which checks nothing
_SAMPLED = 0.1  # seconds
_STARTS = 5.0  # seconds that processes take to start, of a short round
_POSTGRES = {"listen_addresses": "", "shared_buffers": "256MB", "max_wal_size": "4GB"}


@dataclass(slots=True)
class Loaded:
    """What a load took."""

    seconds: float
    cpu: float  # seconds, of all processes that read and wrote it
    memory: float  # MB, the greatest sum of what was resident
    complete: float  # share of what the report and the tables had to hold, and held


def run(report: Report) -> None:
    """Measure; print seconds, memory and the ratio to the peer of the same run."""
    count = 60_000 if report.short else ROWS
    with TemporaryDirectory(prefix="kring-lists-") as name:
        folder = Path(name)
        report.progress(f"two files of {count} rows are being made")
        text, book = folder / "list.csv", folder / "list.xlsx"
        of_text, of_book = write_csv(text, count), write_xlsx(book, count, 2)
        peers = {path: _peer(path, reader) for path, reader in ((text, _plain_csv), (book, _calamine))}
        for database, opened in (("sqlite", _sqlite), ("postgresql", _postgres)):
            for path, expected, seconds, limit in (
                (text, of_text, CSV_SECONDS, CSV_PEER),
                (book, of_book, XLSX_SECONDS, XLSX_PEER),
            ):
                kind = path.suffix[1:]
                report.progress(f"{kind} on {database}: {path.stat().st_size >> 20} MB are being loaded")
                with opened(folder) as url:
                    loaded = asyncio.run(_load(folder, url, path, expected))
                scale = count / ROWS
                name = f"list_import.{kind}.{database}"
                _report(report, name, count, loaded, seconds * scale)
                if database == "sqlite":
                    note = "the peer: the usual reader and executemany, no check, key, seal or report"
                    report.add(ratio_at_most(f"{name}.peer", loaded.seconds, peers[path], limit, "s", note))


def _report(report: Report, name: str, count: int, loaded: Loaded, bound: float) -> None:
    if report.short:
        bound += _STARTS
    note = (
        f"{count} rows; from the order to the complete report; {loaded.cpu:.1f} s of CPU in two processes, "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    report.add(at_most(name, loaded.seconds, bound, "s", note))
    report.add(at_most(f"{name}.memory", loaded.memory, MEMORY, "MB", "all processes together"))
    report.add(at_least(f"{name}.complete", loaded.complete, 1.0, "share", "counts, reasons, rows, keys"))


async def _load(folder: Path, url: str, path: Path, expected: Expected) -> Loaded:
    database, vault = Database.open(url), Vault.load_or_create(folder / "key")
    imports = ListImports(database, vault, url, folder / "key", folder / "uploads", SystemClock())
    await imports.start()
    found: Inspection = await imports.inspect(path, path.name)
    today = office_day(datetime.now(UTC))
    order = Order(
        "Bench",
        Requester.DIRECTORATE_REGULAR,
        "Unit",
        "ND-1",
        "UU KUP",
        today,
        today + timedelta(30),
        "bench",
    )
    begun, cpu = time.monotonic(), _cpu()
    list_id = await imports.begin(order, found.proposed, path, path.name, "bench")
    greatest = 0.0
    while (await imports.progress(list_id)).state is ListState.LOADING:
        greatest = max(greatest, _in_memory())
        await asyncio.sleep(_SAMPLED)
    seconds = time.monotonic() - begun
    await imports.stop()
    cpu = _cpu() - cpu
    complete = await _complete(database, DurableLists(database, vault), list_id, expected)
    database.close()
    return Loaded(seconds, cpu, greatest, complete)


async def _complete(database: Database, lists: DurableLists, list_id: str, expected: Expected) -> float:
    """Return the share of what had to be found that was found."""
    one = await lists.get(list_id)
    tables = [
        database.read_now(
            lambda connection, table=table: connection.execute(  # type: ignore[misc]
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
        )
        for table in (contacts, refused_rows)
    ]
    keyed = database.read_now(
        lambda connection: connection.execute(
            sa.select(sa.func.count(sa.distinct(contact_keys.c.contact_id)))
        ).scalar_one()
    )
    found: list[object] = [one.state, one.counts.read, one.counts.accepted, *tables, keyed]
    wanted = [ListState.LOADED, expected.rows, expected.accepted, expected.accepted]
    wanted += [expected.rows - expected.accepted, expected.accepted]
    found += [one.reasons.get(reason) for reason in expected.reasons] + [len(one.reasons)]
    wanted += [*expected.reasons.values(), len(expected.reasons)]
    return sum(a == b for a, b in zip(found, wanted, strict=True)) / len(wanted)


def _cpu() -> float:
    """Return the CPU time of processes below this one that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _in_memory() -> float:
    """Return the memory of the processes that read a list, in MB; what they share counts once."""
    total, family = 0, {os.getpid()}
    for path in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) not in family:
                continue
            if b"service.list_worker" not in (path / "cmdline").read_bytes():
                continue
            family.add(int(path.name))
            shared = (path / "smaps_rollup").read_text()
            total += int(re.findall(r"^Pss:\s+(\d+)", shared, re.MULTILINE)[0])  # kB
        except (OSError, IndexError):
            continue  # it has just ended
    return total / 1024


def _peer(path: Path, reader: Callable[[Path], Iterator[Sequence[object]]]) -> float:
    """Put all cells of a file into a table; return the seconds."""
    begun = time.monotonic()
    database = sqlite3.connect(path.with_suffix(".peer"))
    columns = ", ".join(f"c{at}" for at in range(len(HEADER)))
    places = ", ".join("?" * len(HEADER))
    with database:
        database.execute(f"CREATE TABLE list ({columns})")
        database.executemany(f"INSERT INTO list VALUES ({places})", reader(path))  # noqa: S608 - our own names
    database.close()
    seconds = time.monotonic() - begun
    path.with_suffix(".peer").unlink()
    return seconds


def _plain_csv(path: Path) -> Iterator[Sequence[object]]:
    with path.open(encoding="cp1252", newline="") as file:
        yield from csv.reader(file, delimiter=";")


def _calamine(path: Path) -> Iterator[Sequence[object]]:
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        yield from book.get_sheet_by_name(name).iter_rows()


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    with TemporaryDirectory(dir=folder) as own:
        yield f"sqlite:///{own}/kring.db"


@contextmanager
def _postgres(_: Path) -> Iterator[str]:
    with running(_POSTGRES) as server:
        yield server.new_database()
