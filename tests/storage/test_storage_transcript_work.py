"""Transcripts made of really sealed recordings: by the worker, the service's part, the command."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, generate_latest

from domain.clock import SystemClock
from prompts.sound import Wave
from prompts.whisper import Word
from recording.recordings import Mark, MarkKind
from recording.transcripts import Made
from service import checkup, transcript_part
from service.cli import main
from service.commands import transcripts as commands
from service.machine_idle import QUIET, OthersBusy, read_machine, wait_for_quiet
from service.settings import Settings, load_settings
from service.transcript_jobs import Stopped, TranscriptJob, TranscriptTold, Tried
from service.transcript_making import Outcome
from service.transcript_part import TranscriptGround, TranscriptPart, make_transcript_parts, transcript_job
from service.transcript_worker import make_ground, work
from storage.database import Database
from storage.sound_store import StorePlace
from storage.staff_tables import audit_trail
from storage.transcripts import DurableTranscripts
from storage.vault import Vault
from tests.sealing_world import SealingWorld, voice
from tests.transcript_double import EverywhereWords

WITHIN = 60.0  # seconds; a busy machine must not fail a test
PROOF = Mark(MarkKind.SILENCED, 2000, 4000, "proof")


class World:
    """An installation with a sealed recording of six seconds, two of them silenced."""

    def __init__(self, home: Path) -> None:
        # Everything is where an installation has it.
        self.sealing = SealingWorld(
            f"sqlite:///{home}/kring.db",
            home,
            StorePlace(str(home / "recordings"), str(home / "recordings-staging")),
        )
        (home / "secrets").mkdir(exist_ok=True)
        shutil.copy(home / "recording_keys", home / "secrets" / "recording_keys")
        self.vault = Vault.create(home / "secrets" / "master_key")
        self.settings: Settings = load_settings({"KRING_HOME": str(home), "KRING_TRANSCRIPTS": "on"})
        self.job: TranscriptJob = transcript_job(self.settings)
        self.told: list[TranscriptTold] = []

    def sealed(self) -> str:
        """Seal another one; return its id."""
        quiet = np.zeros(8000, dtype="<i2")
        agent = np.concatenate([quiet, voice(5.0, 300.0)])
        recording_id = self.sealing.stopped(voice(6.0), agent, [PROOF])
        assert self.sealing.seal() == 1
        return recording_id

    def works(
        self,
        recogniser: Callable[[], EverywhereWords],
        quiet: Callable[[], bool] = lambda: True,
        restricted: bool | None = None,
    ) -> list[TranscriptTold]:
        """Let the worker work through what waits."""

        async def go(database: Database) -> None:
            ground = make_ground(self.job, database, self.vault, SystemClock())
            if restricted is not None:
                ground = replace(ground, restricted=Restricted(restricted))
            await work(self.job, ground, recogniser, quiet, self.told.append)

        self.sealing.do(go)
        return self.told

    def transcript(self, recording_id: str) -> list[tuple[str, int, int, str]] | None:
        """Return what there is, sentence by sentence."""

        async def look(database: Database) -> list[tuple[str, int, int, str]] | None:
            found = await DurableTranscripts(database, self.vault).get(recording_id)
            if found is None:
                return None
            return [(one.side, one.from_ms, one.until_ms, one.text) for one in found.sentences]

        return self.sealing.do(look)


class Restricted:
    """Says the same of every call."""

    def __init__(self, stands: bool) -> None:
        self._stands = stands

    async def call(self, call_id: str) -> bool:
        return self._stands


@pytest.fixture
def world(migrated_file: Path, tmp_path: Path) -> World:
    shutil.copy(migrated_file, tmp_path / "kring.db")
    return World(tmp_path)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await true():
            await asyncio.sleep(0.05)


def test_what_waits_is_written_down_side_by_side_without_what_was_silenced(world: World) -> None:
    recording_id = world.sealed()
    double = EverywhereWords("rahasia")
    (tried,) = world.works(lambda: double)
    assert isinstance(tried, Tried)
    assert (tried.recording_id, tried.outcome, tried.audio_ms) == (recording_id, Outcome.MADE, 6000)
    found = world.transcript(recording_id)
    assert found and {side for side, *_ in found} == {"caller", "agent"}
    assert tried.sentences == len(found)
    for _, start, end, _ in found:
        assert end <= PROOF.from_ms or (PROOF.until_ms is not None and start >= PROOF.until_ms)
    assert double.languages == ["id", "id"]
    assert world.works(lambda: double) == [tried]  # nothing waits any more


def test_nothing_is_made_of_what_is_restricted_and_no_model_is_loaded(world: World) -> None:
    recording_id = world.sealed()

    def never() -> EverywhereWords:
        raise AssertionError("loaded for nothing")

    assert world.works(never, restricted=True) == [Tried(recording_id, Outcome.RESTRICTED)]
    assert world.works(never, lambda: False) == [Tried(recording_id, Outcome.RESTRICTED), Stopped("busy")]
    assert world.transcript(recording_id) is None


def test_a_recording_restricted_while_it_is_heard_is_not_kept(world: World) -> None:
    recording_id = world.sealed()
    switch = Restricted(False)

    class Late(EverywhereWords):
        def words(self, wave: Wave, language: str) -> Sequence[Word]:
            switch._stands = True
            return super().words(wave, language)

    async def go(database: Database) -> None:
        ground = replace(make_ground(world.job, database, world.vault, SystemClock()), restricted=switch)
        await work(world.job, ground, Late, lambda: True, world.told.append)

    world.sealing.do(go)
    assert world.told == [Tried(recording_id, Outcome.RESTRICTED)]
    assert world.transcript(recording_id) is None


def test_a_flipped_byte_is_a_failure_on_record_and_others_go_on(world: World) -> None:
    damaged, whole = world.sealed(), world.sealed()
    (path,) = [one for one in (world.settings.home / "recordings").rglob(f"{damaged}*") if one.is_file()]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    told = {one.recording_id: one for one in world.works(EverywhereWords) if isinstance(one, Tried)}
    assert (told[damaged].outcome, told[damaged].cause) == (Outcome.FAILED, "sound_damaged")
    assert told[whole].outcome == Outcome.MADE
    assert world.transcript(damaged) is None


def test_the_part_lets_a_process_of_lowest_priority_work_and_ends_it(world: World) -> None:
    recording_id = world.sealed()
    registry = CollectorRegistry()

    async def run(database: Database) -> None:
        transcripts = DurableTranscripts(database, world.vault)
        ground = TranscriptGround(world.settings, transcripts, SystemClock(), registry)
        part = TranscriptPart(ground, "tests.transcript_process", every=0.05, rest=0.05)
        await part.begin()
        try:

            async def there() -> bool:
                return await transcripts.get(recording_id) is not None

            await until(there)

            async def done() -> bool:
                return part.pid is None

            await until(done)
        finally:
            await part.end()
        assert part.pid is None

    world.sealing.do(run)
    found = world.transcript(recording_id)
    assert found and "nice19" in found[0][3]
    counted = generate_latest(registry).decode()
    assert 'kring_transcripts_tried_total{outcome="made"} 1.0' in counted
    assert "kring_transcripts_seconds_total 6.0" in counted


def test_two_never_work_at_once(world: World) -> None:
    recording_id = world.sealed()

    async def run(database: Database) -> None:
        transcripts = DurableTranscripts(database, world.vault)
        ground = TranscriptGround(world.settings, transcripts, SystemClock(), CollectorRegistry())
        part = TranscriptPart(ground, "tests.transcript_process")
        assert await part._run() is free

    with Path(world.job.lock).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        free = False
        world.sealing.do(run)
        assert world.transcript(recording_id) is None
    free = True
    world.sealing.do(run)
    assert world.transcript(recording_id) is not None


def test_the_part_is_there_only_where_it_is_wanted_and_can_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(database: Database) -> None:
        transcripts = DurableTranscripts(database, world.vault)
        ground = TranscriptGround(world.settings, transcripts, SystemClock(), CollectorRegistry())
        monkeypatch.setattr(transcript_part, "missing_packages", list)
        assert len(make_transcript_parts(ground)) == 1
        off = replace(ground, settings=replace(world.settings, transcripts="off"))
        assert make_transcript_parts(off) == []
        monkeypatch.setattr(transcript_part, "missing_packages", lambda: ["faster_whisper"])
        assert make_transcript_parts(ground) == []

    world.sealing.do(run)


def test_the_check_up_names_what_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompts.whisper.missing_packages", lambda: ["faster_whisper"])
    (found,) = checkup.transcripts(world.settings)
    assert found.code == "transcripts_missing"
    assert found.values["names"] == ["faster_whisper"] and "[voice]" in str(found.values["command"])
    monkeypatch.setattr("prompts.whisper.missing_packages", list)
    assert [one.code for one in checkup.transcripts(world.settings)] == ["transcripts"]
    assert list(checkup.transcripts(replace(world.settings, transcripts="off"))) == []


@pytest.fixture
def at_home(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("KRING_HOME", str(world.settings.home))
    monkeypatch.setattr(commands, "step_back", lambda: None)  # the tests' own process goes on
    monkeypatch.setattr(commands, "missing_packages", list)
    monkeypatch.setattr(commands, "Whisper", EverywhereWords)
    return world


def kring(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["transcripts", *words])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def test_the_command_makes_one_and_tells_what_there_is(at_home: World) -> None:
    recording_id = at_home.sealed()
    before = kring("status")
    assert "transcripts  off" in before and "waiting      1" in before
    assert "sentences of 6 s" in kring("run", recording_id[:8])
    assert at_home.transcript(recording_id)
    after = kring("status")
    assert f"{Made.THERE.value:<12} 1" in after and "waiting      0" in after and "s of CPU a minute" in after
    trail = at_home.sealing.do(_acts)
    assert trail == [("recording_transcript_made", f"recording:{recording_id}")]


async def _acts(database: Database) -> list[tuple[str, str]]:
    rows = await database.read(lambda connection: connection.execute(audit_trail.select()).all())
    return [(row.act, row.subject) for row in rows]


def test_the_command_refuses_clearly(at_home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    recording_id = at_home.sealed()
    assert "write at least" in kring("run", "12", code=1)
    assert "No recording begins so" in kring("run", "ffff" * 8, code=1)
    with Path(at_home.job.lock).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "being made already" in kring("run", recording_id, code=1)
    monkeypatch.setattr(commands, "missing_packages", lambda: ["faster_whisper"])
    refused = kring("run", recording_id, code=1)
    assert "faster_whisper: not installed" in refused and ".[voice]" in refused
    assert at_home.transcript(recording_id) is None


def test_how_busy_others_are_leaves_out_ones_own_work() -> None:
    readings = iter([(0, 0, 0.0), (400, 200, 1.0), (800, 600, 1.0), (1200, 600, 5.0), (1600, 600, 5.5)])
    busy = OthersBusy(lambda: next(readings), ticks=100)
    assert [busy.share() for _ in range(4)] == [0.25, 0.0, 0.0, 0.875]
    assert OthersBusy(read_machine)._last[0] > 0
    assert read_machine()[2] <= sum(os.times()[:2]) + 60


def test_work_waits_for_a_quiet_machine_and_gives_up() -> None:
    shares, naps = iter([0.9, 0.8, QUIET]), list[float]()
    assert wait_for_quiet(lambda: next(shares), 60, 5, naps.append)
    assert naps == [5, 5]
    assert not wait_for_quiet(lambda: 1.0, 60, 5, naps.append)
    assert len(naps) == 2 + 12
