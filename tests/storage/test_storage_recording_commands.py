"""`kring recordings`, as a person uses it; and what the scan finds."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from domain.clock import SystemClock
from recording.recordings import AlarmKind
from recording.scan import Found, Stray
from recording.sound_store import object_key
from service.cli import main
from service.recording_checks import check_all
from service.recording_keeping import CHECK_PROCESS
from service.settings import CHECKOUT
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_scan import Scanner
from storage.recording_tables import recordings
from storage.staff_tables import audit_trail
from storage.vault import Vault
from tests.storage.keeping_world import KeepingWorld

OLD = 1_000_000_000  # seconds since 1970: long settled


def kring(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["recordings", *words])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture
def world(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeepingWorld:
    (tmp_path / "kring.db").write_bytes(migrated_file.read_bytes())
    Vault.create(tmp_path / "secrets" / "master_key")
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    monkeypatch.setenv("KRING_RECORDING_ANCHORS", str(tmp_path / "second"))
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    # Commands ask the machine's clock: for them the recordings are settled, and not due yet.
    return KeepingWorld(database, tmp_path, SystemClock().now() - timedelta(days=60))


def strays(world: KeepingWorld) -> list[Found]:
    scanner = Scanner(world.database, world.plain, world.store, SystemClock())
    return list(asyncio.run(scanner.scan()))


def plain(world: KeepingWorld, name: str) -> Path:
    path = world.plain.root / name
    path.write_bytes(b"RIFF")
    os.utime(path, (OLD, OLD))
    return path


def stored(world: KeepingWorld, key: str) -> Path:
    asyncio.run(world.put(key, b"stray"))
    path = world.home / "recordings" / key
    os.utime(path, (OLD, OLD))
    return path


def test_a_person_lists_shows_and_checks(world: KeepingWorld) -> None:
    one = asyncio.run(world.sealed(spare=False))
    assert one in kring("list") and "sealed" in kring("list", "--state", "sealed")
    assert "No recordings" in kring("list", "--state", "lost")
    shown = kring("show", one[:8])
    for said in (f"call-{one[:8]}", "sealed (always)", "mark         talk", "manifest     1", "keep until"):
        assert said in shown
    assert "0 wrong; anchored up to row 1." in kring("manifest", "check")
    assert "1 recordings read, 0 wrong." in kring("verify", one[:8])
    assert "1 recordings read, 0 wrong." in kring("verify", "--all")
    assert kring("scan").endswith("0 found.\n")
    assert "write at least" in kring("show", "ab", code=1)
    assert "No recording begins so" in kring("show", "x" * 32, code=1)
    assert "name recordings, or say --all" in kring("verify", code=2)
    with world.database.engine.connect() as connection:
        acts = connection.execute(sa.select(audit_trail.c.act)).scalars().all()
    assert acts.count("recording_shown") == 1 and acts.count("recordings_listed") == 3


def test_a_person_holds_releases_and_destroys_with_a_second_one(
    world: KeepingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = asyncio.run(world.sealed())
    assert "is none of" in kring("hold", one, "--reason", "liked", code=1)
    assert "is held: legal:ND-7" in kring("hold", one, "--reason", "legal:ND-7")
    assert "It was not destroyed (held" in kring("destroy", one, "--reason", "court_order", "--ask", code=1)
    assert "held for legal:ND-7; nothing was changed" in kring("release", one, "--reason", "scored", code=1)
    assert "not held" in kring("release", one, "--reason", "legal:ND-7")
    assert "not_due" in kring("destroy", one, "--reason", "retention", code=1)
    monkeypatch.setenv("SUDO_USER", "ani")
    assert "kring recordings destroy" in kring("destroy", one, "--reason", "court_order", "--ask")
    assert one in kring("asked")
    assert "same_person" in kring("destroy", one, "--reason", "court_order", code=1)
    monkeypatch.setenv("SUDO_USER", "budi")
    assert "It stays." in kring("destroy", one, "--reason", "court_order", "--deny")
    kring("destroy", one, "--reason", "court_order", "--ask")
    monkeypatch.setenv("SUDO_USER", "citra")
    assert "is destroyed (court_order)" in kring("destroy", one, "--reason", "court_order")
    assert asyncio.run(world.sound(one)) is None
    assert "nothing left to hold" in kring("hold", one, "--reason", "scored", code=1)
    assert "0 wrong" in kring("manifest", "check")


def test_the_table_is_shown_and_what_is_due_is_destroyed(world: KeepingWorld) -> None:
    one = asyncio.run(world.sealed())
    assert "0 are due" in kring("retention")
    past = sa.update(recordings).values(keep_until=world.clock.now())
    world.database.write_now(lambda connection: connection.execute(past))
    shown = kring("retention")
    assert "12 months" in shown and "(assumed)" in shown and "1 are due" in shown
    assert "1 recordings destroyed." in kring("retention", "--run")
    assert asyncio.run(world.sound(one)) is None


def test_keys_are_rotated_and_sounds_stay_as_they_are(world: KeepingWorld) -> None:
    one, other = asyncio.run(world.sealed()), asyncio.run(world.sealed())
    before = asyncio.run(world.book.get(one))
    assert before is not None
    clear = world.keys.unwrap(one, before.key_version, before.wrapped_key)
    assert "Version 2: 2 keys wrapped." in kring("keys", "rotate")
    after = asyncio.run(world.book.get(one))
    assert after is not None and after.key_version == 2 and after.wrapped_key != before.wrapped_key
    assert world.keys.unwrap(one, 2, after.wrapped_key) == clear
    moved = sa.update(recordings).where(recordings.c.recording_id == other)
    world.database.write_now(
        lambda connection: connection.execute(moved.values(wrapped_key=after.wrapped_key))
    )
    assert other in kring("keys", "rotate", code=1)  # the key of another recording is refused
    assert "0 wrong" in kring("manifest", "check")


def test_what_does_not_fit_is_found_both_ways(world: KeepingWorld) -> None:
    async def story() -> tuple[str, str, str, str, str]:
        sealed, gone = await world.sealed(spare=False), await world.sealed(spare=False)
        waits, unsigned = await world.stopped(), await world.sealed(spare=False)
        spare = await world.sealed(spare=True)
        return sealed, gone, waits, unsigned, spare

    sealed, gone, waits, unsigned, spare = asyncio.run(story())
    stranger = uuid4().hex
    plain(world, f"{stranger}-caller.wav")
    plain(world, f"{sealed}-agent.wav")
    plain(world, "notes.txt")
    stored(world, object_key(stranger, "1"))
    (world.home / "recordings" / object_key(gone, "1")).unlink()
    (world.home / "recordings" / object_key(spare, "0")).touch()
    os.utime(world.home / "recordings" / object_key(spare, "0"), (OLD, OLD))
    other = sa.update(recordings).where(recordings.c.recording_id == unsigned).values(object_key="xx")
    world.database.write_now(lambda connection: connection.execute(other))
    expected = {
        (Stray.PLAIN_WITHOUT_ROW, stranger),
        (Stray.PLAIN_LEFT, sealed),
        (Stray.FOREIGN_FILE, ""),
        (Stray.OBJECT_WITHOUT_ROW, stranger),
        (Stray.ROW_WITHOUT_OBJECT, gone),
        (Stray.ROW_WITHOUT_PLAIN, waits),
        (Stray.ROW_WITHOUT_OBJECT, unsigned),
        (Stray.ROW_EDITED, unsigned),
        (Stray.OBJECT_SPARE, spare),
    }
    assert {(one.stray, one.recording_id) for one in strays(world)} == expected
    said = kring("scan", code=1)
    assert "9 found." in said and "notes.txt" not in said
    assert (world.plain.root / f"{sealed}-agent.wav").exists()  # nothing is removed by looking
    mended = kring("scan", "--mend", code=1)
    assert "2 files and objects removed" in mended and "7 found." in mended
    assert asyncio.run(world.sound(spare)) is not None
    left = {(one.stray, one.recording_id) for one in strays(world)}
    assert left == expected - {(Stray.PLAIN_LEFT, sealed), (Stray.OBJECT_SPARE, spare)}
    alarms = DurableAlarms(world.database, SystemClock())
    kinds = {one.kind for one in asyncio.run(alarms.open())}
    assert {AlarmKind.STRAY_FILE, AlarmKind.MISSING_OBJECT, AlarmKind.TAMPERED, AlarmKind.LOST} <= kinds


def test_what_is_young_is_on_its_way(world: KeepingWorld) -> None:
    (world.plain.root / f"{uuid4().hex}-caller.wav").write_bytes(b"RIFF")
    asyncio.run(world.put(object_key(uuid4().hex, "1"), b"new"))
    assert strays(world) == []


@pytest.mark.parametrize("place", [0, 10, 40])
def test_a_byte_that_was_changed_in_the_store_is_found(world: KeepingWorld, place: int) -> None:
    one = asyncio.run(world.sealed(spare=False))
    path = world.home / "recordings" / object_key(one, "1")
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))
    assert "is not what was sealed" in kring("verify", one, code=1)
    path.write_bytes(bytes(data[:-1]))
    assert [found.stray for found in strays(world)] == [Stray.OBJECT_SIZE]


def test_alarms_of_a_check_end_when_it_is_well_again(world: KeepingWorld) -> None:
    asyncio.run(world.sealed(spare=False))
    alarms = DurableAlarms(world.database, SystemClock())
    scanner = Scanner(world.database, world.plain, world.store, SystemClock())
    stray = plain(world, f"{uuid4().hex}-caller.wav")

    async def story() -> None:
        found = await check_all(world.manifest, scanner, alarms)
        assert not found.sound and found.report.sound
        assert [one.kind for one in await alarms.open()] == [AlarmKind.STRAY_FILE]
        stray.unlink()
        assert (await check_all(world.manifest, scanner, alarms)).sound
        assert await alarms.open() == []

    asyncio.run(story())


def checked_by_night() -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        (sys.executable, "-m", CHECK_PROCESS),
        cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_process_of_the_night_raises_what_it_finds(world: KeepingWorld) -> None:
    asyncio.run(world.sealed(spare=False))
    plain(world, f"{uuid4().hex}-caller.wav")
    done = checked_by_night()
    assert done.returncode == 0, done.stderr
    assert "recordings checked" in done.stderr
    assert "stray_file  scan:plain_without_row" in kring("alarms", code=1)
    (world.home / "secrets" / "recording_keys").unlink()
    done = checked_by_night()
    assert done.returncode == 1 and "Remedy" in done.stderr


def test_a_restore_is_accepted_with_a_reason(world: KeepingWorld) -> None:
    asyncio.run(world.sealed(spare=False))
    assert "Row 2 says so" in kring("manifest", "accept", "--reason", "a rehearsal")
    assert "2 rows, 0 wrong; anchored up to row 2." in kring("manifest", "check")
    assert "0 open." in kring("alarms")


def test_what_is_missing_is_told_with_its_remedy(world: KeepingWorld) -> None:
    asyncio.run(world.sealed())
    (world.home / "secrets" / "recording_keys").rename(world.home / "away")
    assert "Remedy: restore it from a backup" in kring("manifest", "check", code=1)
    (world.home / "recordings").rename(world.home / "unmounted")
    assert "Remedy" in kring("scan", code=1)
