"""`kring person` as a person uses it, and the process that makes bundles, over a really sealed recording."""

import asyncio
import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest
import pyzipper
import soundfile
from click.testing import CliRunner

from desk.proof import ActKind, Outcome, ProofAct
from domain.clock import SystemClock
from domain.ids import new_id
from recording.persons import Asker, Kind, Request, Step, stepped
from recording.persons_table import load_person_table
from service.cli import main
from service.person_part import PersonPart
from storage.database import Database
from storage.directory import DatabaseDirectory
from storage.person_requests import DurablePersons
from storage.proofs import DurableProofs
from storage.recording_alarms import DurableAlarms
from storage.recordings import DurableRecordings
from storage.vault import Vault
from tests.sealing_world import SealingWorld, voice
from tests.storage.person_world import PEOPLE, A, B

CLERK, SECOND = "p" * 32, "q" * 32


@dataclass
class Installed:
    """An installation with one sealed recording of A's call, and a request for a copy."""

    home: Path
    url: str
    vault: Vault
    recording_id: str = ""
    code: str = ""
    request_id: str = ""

    async def fill(self) -> None:
        database = Database.open(self.url)
        DatabaseDirectory(database, self.vault).fill_if_empty(PEOPLE)
        recording = await DurableRecordings(database).get(self.recording_id)
        assert recording is not None
        now = SystemClock().now()
        act = ProofAct(
            recording.call_id, 1, now, CLERK, next(iter(ActKind)), "name", next(iter(Outcome)), A.taxpayer_id
        )
        await DurableProofs(database, self.vault).append(act)
        self.code, self.request_id = token_hex(4).upper(), new_id()
        due = load_person_table().at(now).due(now)
        one = Request(
            self.request_id, self.code, Kind.COPY, "received", now, CLERK, due,
            "UU 27/2022", "ktp_seen", "self", A.taxpayer_id, Asker(A.npwp, "AAAA nama"),
        )  # fmt: skip
        book = DurablePersons(database, self.vault)
        await book.take_in(one, Step(one.request_id, 1, now, CLERK, "received", "received"))
        database.close()

    async def approve(self) -> None:
        database = Database.open(self.url)
        book = DurablePersons(database, self.vault)
        request = await book.get(self.request_id)
        await book.change(*stepped(request, "approve", SECOND, SystemClock().now()))
        database.close()

    def opened(self, password: str, path: Path | None = None) -> dict[str, bytes]:
        (made,) = [path] if path else list((self.home / "bundles").glob("*.zip"))
        with pyzipper.AESZipFile(made) as archive:
            archive.setpassword(password.encode())
            return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def installed(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(migrated_file, home / "kring.db")
    sealing = SealingWorld(f"sqlite:///{home}/kring.db", home)
    recording_id = sealing.stopped(voice(2.0), voice(2.0, 330.0, 2))
    assert sealing.seal() == 1
    found = Installed(home, sealing.url, Vault.create(home / "secrets" / "master_key"), recording_id)
    # Where an installation of its own has them.
    (home / "sounds").rename(home / "recordings")
    shutil.copy(home / "recording_keys", home / "secrets" / "recording_keys")
    monkeypatch.setenv("KRING_HOME", str(home))
    asyncio.run(found.fill())
    return found


def kring(*words: str, given: str | None = None, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["person", *words], input=given)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output and A.npwp not in result.output
    return result.output


def test_what_is_held_is_counted_without_telling_whose(installed: Installed) -> None:
    told = kring("find", given=A.npwp + "\n")
    assert "in the register" in told and "recordings" in told and "proof_acts" in told
    told = kring("find", given=B.npwp + "\n")
    assert "recordings" not in told
    assert "no NPWP" in kring("find", given="123\n", code=1)


def test_a_bundle_is_made_told_once_and_leaves_only_with_a_second_person(installed: Installed) -> None:
    assert installed.code in kring("status") and "h left" in kring("status")
    password = kring("export", installed.code).strip().rpartition(" ")[2]
    found = installed.opened(password)
    sound, rate = soundfile.read(io.BytesIO(found[f"rekaman/{installed.recording_id}.flac"]))
    assert rate == 8000 and sound.shape == (16000, 2) and abs(sound).max() > 0.05
    out = installed.home / "out"
    out.mkdir()
    assert "second person" in kring("export", installed.code, "--to", str(out), code=1)
    assert list(out.iterdir()) == []
    asyncio.run(installed.approve())
    given = Path(kring("export", installed.code, "--to", str(out)).strip())
    assert installed.opened(password, given) == found and given.stat().st_mode & 0o077 == 0
    told = kring("status", installed.code)
    assert "approve" in told and "bundle" in told
    assert "No request" in kring("status", "ZZZZZZZZ", code=1)


def test_a_process_of_its_own_makes_the_bundle(installed: Installed) -> None:
    async def work() -> tuple[str, str]:
        database = Database.open(installed.url)
        book, clock = DurablePersons(database, installed.vault), SystemClock()
        alarms = DurableAlarms(database, clock)
        part = PersonPart(book, alarms, clock, load_person_table(), installed.home / "bundles")
        password = part.prepare(installed.request_id, CLERK)
        assert part.working(installed.request_id)
        with pytest.raises(ValueError, match="under way"):
            part.prepare(installed.request_id, CLERK)
        await part.settled(installed.request_id)
        assert part.fault(installed.request_id) == ""
        state = (await book.get(installed.request_id)).state
        # What a second person has not approved is not carried out.
        part.carry_out(installed.request_id, CLERK, "n")
        await part.settled(installed.request_id)
        assert part.fault(installed.request_id) == "not_approved"
        await asyncio.get_running_loop().run_in_executor(None, database.close)
        return password, state

    password, state = asyncio.run(work())
    assert state == "prepared"
    found = installed.opened(password)
    assert found[f"rekaman/{installed.recording_id}.flac"][:4] == b"fLaC"
    assert (installed.home / "bundles").stat().st_mode & 0o077 == 0


def test_a_key_that_is_missing_is_said_and_nothing_is_half_made(installed: Installed) -> None:
    (installed.home / "secrets" / "master_key").rename(installed.home / "away")
    assert "master_key" in kring("export", installed.code, code=1)
    assert not (installed.home / "bundles").exists()
