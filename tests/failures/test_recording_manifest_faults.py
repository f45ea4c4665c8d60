"""Tampering with the manifest in a real database, and with its anchors: the right row is named every time.

Each fault is done the way somebody with every right on the database would do it: triggers do not stop them.
"""
# ruff: noqa: S608 - the statements are this file's own, and are there to do harm

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from domain.clock import SystemClock
from recording.anchors import Anchored, AnchorFolder, AnchorPlaces
from recording.manifest import Act, Entry, Finding, Head, Report, Row, Wrong
from storage.database import Database, DatabaseProblem
from storage.recording_manifest import append_in
from storage.recording_tables import recording_manifest
from tests.faults import Fault, FaultLog
from tests.postgres import PostgresServer, postgres
from tests.storage.conftest import migrated_file
from tests.storage.keeping_world import KeepingWorld

__all__ = ["migrated_file", "postgres"]

ROWS = 9
PLACES = (1, 5, 9)
COLUMNS = "number, at, recording_id, act, digest, detail, key_version, mac"


@dataclass
class Tamper:
    """A world with ROWS rows of manifest, and hands that may do anything to its tables."""

    world: KeepingWorld
    rows: Sequence[Any] = ()  # as they were written

    def restore(self) -> None:
        """Put every row back as it was written; nothing is wrong then."""
        self.run("DELETE FROM recording_manifest")
        table = recording_manifest.insert()
        self.world.database.write_now(lambda connection: connection.execute(table, self.rows))
        assert self.check().sound

    def run(self, *statements: str) -> int:
        """Run statements with the triggers away; return how many rows they touched."""
        touched = 0

        def work(connection: Any) -> None:
            nonlocal touched
            on_sqlite = connection.dialect.name == "sqlite"
            if on_sqlite:
                for name in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS recording_manifest_no_{name}")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in statements:
                touched += connection.exec_driver_sql(statement).rowcount

        self.world.database.write_now(work)
        return touched

    def renumber(self, first: int, by: int) -> int:
        """Move all rows from `first` on by one number, without two ever having the same."""
        return self.run(
            f"UPDATE recording_manifest SET number = -number WHERE number >= {first}",
            f"UPDATE recording_manifest SET number = -number + {by} WHERE number < 0",
        )

    def check(self) -> Report:
        return asyncio.run(self.world.manifest.check())

    def only(self) -> Finding:
        report = self.check()
        assert len(report.findings) == 1, report.findings
        return report.findings[0]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def tamper(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tamper]:
    if request.param == "sqlite":
        source: Path = request.getfixturevalue("migrated_file")
        (tmp_path / "kring.db").write_bytes(source.read_bytes())
        url = f"sqlite:///{tmp_path}/kring.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    world = KeepingWorld(database, tmp_path)
    fill(world, ROWS)
    every = recording_manifest.select()
    rows = database.read_now(lambda connection: connection.execute(every).mappings().all())
    yield Tamper(world, [dict(row) for row in rows])
    database.close()


def fill(world: KeepingWorld, many: int, detail: str = "") -> None:
    """Append and anchor rows, one commit each, as the service does."""

    async def story() -> None:
        for number in range(many):
            if number == 4 and not detail:
                world.rotate_keys()
            entry = Entry(f"{number:032x}", Act.SEALED, world.clock.now(), "d" * 64, detail)
            append: Callable[[Connection], Row] = partial(append_in, entry=entry, keys=world.keys)
            await world.manifest.write(append)

    asyncio.run(story())


def test_nothing_is_found_in_an_untouched_one(tamper: Tamper) -> None:
    report = tamper.check()
    assert (report.findings, report.rows, report.anchored) == ((), ROWS, ROWS)


CHANGES = (
    "at = '2026-03-02T02:00:01.000000+00:00'",
    "recording_id = 'ffffffffffffffffffffffffffffffff'",
    "act = 'destroyed'",
    "digest = ''",
    "detail = 'x'",
    "key_version = 3 - key_version",
    "key_version = 77",
)


def test_an_edited_row_is_named(tamper: Tamper, faults: FaultLog) -> None:
    for change, place in product(CHANGES, PLACES):
        assert tamper.run(f"UPDATE recording_manifest SET {change} WHERE number = {place}") == 1
        found = tamper.only()
        faults.tampered(
            Fault.MANIFEST_EDITED,
            found=(found.number, found.until, found.wrong) == (place, place, Wrong.CHANGED),
        )
        assert (found.number, found.until, found.wrong) == (place, place, Wrong.CHANGED), change
        tamper.restore()


def test_a_row_whose_columns_are_no_values_of_their_kind_is_named(tamper: Tamper) -> None:
    if not tamper.world.database.is_sqlite:
        with pytest.raises(DatabaseProblem):  # PostgreSQL keeps to the kind itself
            tamper.run("UPDATE recording_manifest SET at = 'once' WHERE number = 3")
        return
    for number, change in ((3, "at = 'once'"), (5, "mac = 'text'"), (7, "key_version = 'x'")):
        assert tamper.run(f"UPDATE recording_manifest SET {change} WHERE number = {number}") == 1
        found = tamper.only()
        assert (found.number, found.wrong) == (number, Wrong.CHANGED)
        tamper.restore()


def test_a_deleted_row_is_named(tamper: Tamper, faults: FaultLog) -> None:
    for place, close_up in product(PLACES[:-1], (False, True)):
        assert tamper.run(f"DELETE FROM recording_manifest WHERE number = {place}") == 1
        if close_up:
            assert tamper.renumber(place, -1) == 2 * (ROWS - place)
        found = tamper.only()
        faults.tampered(
            Fault.ROW_DELETED, found=(found.number, found.until, found.wrong) == (place, place, Wrong.MISSING)
        )
        assert (found.number, found.until, found.wrong) == (place, place, Wrong.MISSING)
        tamper.restore()


def test_a_cut_at_the_end_is_named(tamper: Tamper, faults: FaultLog) -> None:
    for first in PLACES:
        assert tamper.run(f"DELETE FROM recording_manifest WHERE number >= {first}") == ROWS - first + 1
        found = tamper.only()
        faults.tampered(
            Fault.MANIFEST_CUT, found=(found.number, found.until, found.wrong) == (first, ROWS, Wrong.CUT)
        )
        assert (found.number, found.until, found.wrong) == (first, ROWS, Wrong.CUT)
        came, _ = asyncio.run(tamper.world.manifest.anchor())
        assert came is Anchored.AHEAD  # the service sees it within a minute
        tamper.restore()


def test_exchanged_rows_are_named(tamper: Tamper, faults: FaultLog) -> None:
    for one, other in ((1, 2), (1, 9), (4, 6), (8, 9)):
        touched = tamper.run(
            f"UPDATE recording_manifest SET number = -1 WHERE number = {one}",
            f"UPDATE recording_manifest SET number = {one} WHERE number = {other}",
            f"UPDATE recording_manifest SET number = {other} WHERE number = -1",
        )
        assert touched == 3
        found = [(each.number, each.wrong, each.other) for each in tamper.check().findings]
        faults.tampered(
            Fault.MANIFEST_SWAPPED,
            found=found == [(one, Wrong.EXCHANGED, other), (other, Wrong.EXCHANGED, one)],
        )
        assert found == [(one, Wrong.EXCHANGED, other), (other, Wrong.EXCHANGED, one)]
        tamper.restore()


def test_an_inserted_row_is_named(tamper: Tamper, faults: FaultLog) -> None:
    for place, detail in product((*PLACES, ROWS + 1), ("detail", "'forged'")):
        tamper.renumber(place, 1)
        source = 3 if place > 3 else 4  # a copy of the third row as it was written, or one that says more
        assert tamper.run(
            f"INSERT INTO recording_manifest ({COLUMNS}) SELECT {place}, at, recording_id, act, digest, "
            f"{detail}, key_version, mac FROM recording_manifest WHERE number = {source}"
        )
        found = tamper.only()
        faults.tampered(Fault.MANIFEST_EDITED, found=(found.number, found.wrong) == (place, Wrong.INSERTED))
        assert (found.number, found.wrong) == (place, Wrong.INSERTED)
        tamper.restore()


def test_an_older_copy_of_the_whole_table_is_named(tamper: Tamper, faults: FaultLog) -> None:
    # Going back to a copy that was made after `kept` rows is a table that has only these.
    kept = 5
    assert tamper.run(f"DELETE FROM recording_manifest WHERE number > {kept}") == ROWS - kept
    found = tamper.only()
    faults.tampered(Fault.MANIFEST_CUT, found=(found.number, found.wrong) == (kept + 1, Wrong.CUT))
    assert (found.number, found.wrong) == (kept + 1, Wrong.CUT)
    fill(tamper.world, ROWS - kept, "another history")  # and going on with it
    found = tamper.only()
    faults.tampered(
        Fault.MANIFEST_CUT,
        found=(found.number, found.until, found.wrong) == (kept + 1, ROWS, Wrong.ROLLED_BACK),
    )
    assert (found.number, found.until, found.wrong) == (kept + 1, ROWS, Wrong.ROLLED_BACK)


def test_a_restore_that_is_accepted_is_on_record_and_sound_again(tamper: Tamper) -> None:
    world = tamper.world
    assert tamper.run("DELETE FROM recording_manifest WHERE number > 5") == ROWS - 5
    head = asyncio.run(world.manifest.accept("disk broke, backup of Monday", "cli:ani"))
    report = tamper.check()
    assert (report.findings, report.rows, report.anchored, head.number) == ((), 6, 6, 6)
    for name in ("anchors", "second"):  # what was anchored before is still there
        (aside,) = (world.home / name).glob("until-*/*.anchors")
        assert len(aside.read_text().splitlines()) == ROWS
    fill(world, 2, "after it")
    assert tamper.check().sound
    assert tamper.run("UPDATE recording_manifest SET detail = 'x' WHERE number = 3") == 1
    assert tamper.only().number == 3  # accepting forgives nothing that is wrong in the table itself


def test_anchors_that_are_all_gone_are_not_begun_anew(tamper: Tamper) -> None:
    places = AnchorPlaces([AnchorFolder(tamper.world.home / name, tamper.world.keys) for name in ("a", "b")])
    now = tamper.world.clock.now()
    assert places.append(Head(5, os.urandom(32)), now) is Anchored.WRITTEN
    assert places.append(Head(500, os.urandom(32)), now) is Anchored.WRITTEN
    (tamper.world.home / "a" / "2026-03.anchors").unlink()
    # One place that is new, or was cleared, begins with what the other one has.
    assert places.append(Head(501, os.urandom(32)), now) is Anchored.WRITTEN
    for name in ("a", "b"):
        (tamper.world.home / name / "2026-03.anchors").unlink()
    assert places.append(Head(502, os.urandom(32)), now) is Anchored.GONE
    assert places.read().newest == 0


def test_a_copy_of_the_database_file_from_before_is_named(migrated_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "kring.db"
    path.write_bytes(migrated_file.read_bytes())
    database = Database.open(f"sqlite:///{path}")
    world = KeepingWorld(database, tmp_path)
    fill(world, 4)
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    fill(world, 3, "later")
    database.close()
    for left in tmp_path.glob("kring.db*"):
        left.unlink()
    (tmp_path / "copy.db").rename(path)
    again = Database.open(f"sqlite:///{path}")
    found = Tamper(KeepingWorld(again, tmp_path)).only()
    again.close()
    assert (found.number, found.until, found.wrong) == (5, 7, Wrong.CUT)


def _lines(tamper: Tamper) -> tuple[Path, list[str]]:
    (path,) = (tamper.world.home / "anchors").glob("*.anchors")
    return path, path.read_text().splitlines(keepends=True)


EDITS: dict[str, Callable[[str], str]] = {
    "number": lambda line: " ".join(["77", *line.split(" ")[1:]]),
    "time": lambda line: line.replace("T02:", "T03:"),
    "version": lambda line: " ".join([*line.split(" ")[:2], "9", *line.split(" ")[3:]]),
    "link": lambda line: _flipped(line, 3),
    "seal": lambda line: _flipped(line, 4),
    "chain": lambda line: _flipped(line, 5),
    "nothing": lambda line: "\n",
    "noise": lambda line: "\xff\x00 not a line\n",
}


def _flipped(line: str, field: int) -> str:
    parts = line.rstrip("\n").split(" ")
    parts[field] = ("0" if parts[field][0] != "0" else "1") + parts[field][1:]
    return " ".join(parts) + "\n"


def test_an_edited_anchor_is_named(tamper: Tamper, faults: FaultLog) -> None:
    path, lines = _lines(tamper)
    both = (path, tamper.world.home / "second" / path.name)
    for edit, place, files in product(EDITS, PLACES, (both[:1], both[1:], both)):
        changed = EDITS[edit](lines[place - 1])
        assert changed != lines[place - 1]
        for file in files:
            file.write_text("".join([*lines[: place - 1], changed, *lines[place:]]), encoding="latin-1")
        found = tamper.only()
        faults.tampered(Fault.MANIFEST_EDITED, found=(found.number, found.wrong) == (place, Wrong.ANCHOR))
        assert (found.number, found.wrong) == (place, Wrong.ANCHOR), edit
        for file in files:
            file.write_text("".join(lines))
    assert tamper.check().sound


def test_an_anchor_taken_out_is_named_at_the_next_one(tamper: Tamper, faults: FaultLog) -> None:
    path, lines = _lines(tamper)
    for place in PLACES[:-1]:
        for file in (path, tamper.world.home / "second" / path.name):
            file.write_text("".join([*lines[: place - 1], *lines[place:]]))
        found = tamper.only()
        faults.tampered(Fault.ROW_DELETED, found=(found.number, found.wrong) == (place + 1, Wrong.ANCHOR))
        assert (found.number, found.wrong) == (place + 1, Wrong.ANCHOR)


def test_anchors_cut_at_the_end_are_named(tamper: Tamper, faults: FaultLog) -> None:
    path, lines = _lines(tamper)
    second = tamper.world.home / "second" / path.name
    for left in (1, 5, 8):
        path.write_text("".join(lines[:left]))
        found = tamper.only()  # by the second place
        faults.tampered(Fault.MANIFEST_CUT, found=(found.number, found.wrong) == (left + 1, Wrong.ANCHOR))
        assert (found.number, found.wrong) == (left + 1, Wrong.ANCHOR)
        path.write_text("".join(lines))
    for left in (0, 5, 8):
        for file in (path, second):
            file.write_text("".join(lines[:left]))
        assert tamper.check().sound  # what a crash explains is minutes old at most
        tamper.world.clock.move(timedelta(hours=1))
        found = tamper.only()
        faults.tampered(Fault.MANIFEST_CUT, found=(found.number, found.wrong) == (left + 1, Wrong.ANCHOR))
        assert (found.number, found.wrong) == (left + 1, Wrong.ANCHOR)
        tamper.world.clock.move(timedelta(hours=-1))


def test_a_line_that_a_power_cut_left_half_written_is_no_tampering(tamper: Tamper) -> None:
    path, lines = _lines(tamper)
    path.write_text("".join(lines[:-1]) + lines[-1][:40])
    (tamper.world.home / "second" / path.name).write_text("".join(lines[:-1]) + lines[-1][:40])
    assert tamper.check().sound
    assert asyncio.run(tamper.world.manifest.anchor())[0] is Anchored.WRITTEN
    report = tamper.check()
    assert report.sound and report.anchored == ROWS


def test_many_writers_anchor_one_chain(tmp_path: Path, tamper: Tamper) -> None:
    folder = AnchorFolder(tmp_path / "many", tamper.world.keys)
    heads = [Head(number, os.urandom(32)) for number in range(1, 61)]
    todo = iter(heads)
    lock, came = threading.Lock(), []

    def write() -> None:
        while True:
            with lock:
                head = next(todo, None)
                if head is None:
                    return
                came.append(folder.append(head, SystemClock().now()))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = folder.read()
    assert set(came) == {Anchored.WRITTEN} and found.spoilt == ()
    assert found.links == {head.number: head.link for head in heads}
