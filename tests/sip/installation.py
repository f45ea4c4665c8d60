"""A whole installation for the stories: `kring serve --keep` with a home folder and ports of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.calls import EventKind
from domain.masking import mask
from service.floor_client import TOKEN_FILE, FloorClient
from service.secrets import MASTER_KEY
from service.settings import CHECKOUT, Settings, load_settings
from storage.call_reader import CallFilter, CallReader, RecordedCall, RecordedEvent
from storage.database import Database
from storage.vault import Vault
from tests.real_asterisk import free_port, new_settings

READY_SECONDS = 120.0  # the first start lays down hundreds of sounds, maybe on a busy machine
STOP_SECONDS = 30.0
TABLES_SECONDS = 30.0  # until a running service has noticed new tables
KRING = (sys.executable, "-c", "from service.cli import main; main()")


class Installation:
    """Starts, kills and asks one installation."""

    def __init__(self, hours: str = "always") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="kring-sip-"))
        rtp = new_settings(home=self.home)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KRING_TEST_")},
            "KRING_HOME": str(self.home),
            "KRING_HOURS": hours,
            "KRING_SIP_PORT": str(rtp.sip_port),
            "KRING_ARI_PORT": str(rtp.ari_port),
            "KRING_AMI_PORT": str(rtp.ami_port),
            "KRING_WSS_PORT": str(free_port()),
            "KRING_WEB_PORT": str(free_port()),
            "KRING_RTP_FIRST": str(rtp.rtp_first),
            "KRING_RTP_LAST": str(rtp.rtp_last),
        }
        self.settings: Settings = load_settings(self.environment)
        self.program: Sequence[str] = KRING  # what is served with
        self.output = self.home / "output.txt"
        self._keeper: subprocess.Popen[bytes] | None = None

    def set(self, **environment: str) -> None:
        """Change settings before the start."""
        self.environment |= environment
        self.settings = load_settings(self.environment)

    @property
    def sip(self) -> str:
        """Where to dial."""
        return f"127.0.0.1:{self.settings.sip_port}"

    def start(self) -> None:
        """Start it and wait until calls can be served."""
        with self.output.open("ab") as output:
            self._keeper = subprocess.Popen(
                [*self.program, "serve", "--keep"],
                cwd=CHECKOUT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()  # or it would stay behind, with an Asterisk of its own
            raise

    def _wait_until_ready(self) -> None:
        assert self._keeper is not None
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            assert self._keeper.poll() is None, self.output.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.output.read_text(encoding="utf-8")
            time.sleep(0.1)

    def is_ready(self) -> bool:
        with suppress(urllib.error.URLError, OSError):
            return self._get("readyz").get("ready") is True
        return False

    def stop(self) -> None:
        """Stop all of it, as Ctrl-C does, and forget its files."""
        keeper = self._keeper
        assert keeper is not None
        if keeper.poll() is None:
            keeper.send_signal(signal.SIGINT)
            keeper.wait(STOP_SECONDS)
        shutil.rmtree(self.home, ignore_errors=True)

    def service_pid(self) -> int:
        """The process that serves the calls, not the keeper."""
        return int((self.home / "service.pid").read_text().strip())

    def kill_service(self) -> None:
        """`kill -9` of the service; return when its keeper has started it again.

        Keys pressed in between reach nobody: ARI replays no event.
        """
        killed = self.service_pid()
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + READY_SECONDS
        while not (self.is_ready() and self.service_pid() != killed):
            assert time.monotonic() < deadline, self.output.read_text(encoding="utf-8")
            time.sleep(0.05)

    def kill_keeper_and_service(self) -> None:
        """`kill -9` of both, as when the machine's supervisor fails too. Asterisk goes on."""
        assert self._keeper is not None
        self._keeper.kill()
        self._keeper.wait(STOP_SECONDS)
        os.kill(self.service_pid(), signal.SIGKILL)

    def staff(self, tables: dict[str, str], agent: str) -> None:
        """Put the administrator's tables in force; return when the service knows the agent."""
        folder = Path(tempfile.mkdtemp(prefix="tables-", dir=self.home))
        for name, text in tables.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        self.kring("acd", "tables", "import", str(folder))
        deadline = time.monotonic() + TABLES_SECONDS
        while agent not in {row["agent"] for row in FloorClient(self.settings).rows("agents")}:
            assert time.monotonic() < deadline, "the service does not know the agent"
            time.sleep(0.1)

    def kring(self, *arguments: str) -> str:
        """Run a command of `kring` on this installation; return what it printed."""
        run = subprocess.run(
            [*KRING, *arguments], cwd=CHECKOUT, env=self.environment, text=True, capture_output=True
        )
        assert run.returncode == 0, f"kring {' '.join(arguments)}: {run.stdout}{run.stderr}"
        return run.stdout

    def _get(self, path: str) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.settings.web_port}/{path}"
        token = (self.settings.secrets_folder / TOKEN_FILE).read_text().strip()
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
            found: dict[str, Any] = json.load(answer)
        return found

    async def live_calls(self) -> list[dict[str, Any]]:
        """The calls inside, as the status page shows them."""
        found = await asyncio.to_thread(self._get, "api/calls")
        calls: list[dict[str, Any]] = found["calls"]
        return calls

    def record(self, since: datetime, caller: str) -> tuple[RecordedCall, list[RecordedEvent]]:
        """Return a caller's newest call begun since then, with its events."""
        database = Database.open(self.settings.database)
        try:
            reader = CallReader(database, Vault.load(self.settings.secrets_folder / MASTER_KEY))
            recent = reader.newest(CallFilter(since=since), 20)
            call = next(call for call in recent if call.caller == mask(caller))
            return call, reader.events(call.call_id)
        finally:
            database.close()

    async def record_of_ended(
        self, since: datetime, caller: str, within: float = 20.0
    ) -> tuple[RecordedCall, list[RecordedEvent]]:
        """Return a caller's newest call once its end is written."""
        deadline = time.monotonic() + within
        while True:
            call, events = await asyncio.to_thread(self.record, since, caller)
            if call.ended_at is not None or time.monotonic() > deadline:
                assert any(event.kind is EventKind.ENDED for event in events), events
                return call, events
            await asyncio.sleep(0.1)

    def everything_written(self) -> list[tuple[Path, bytes]]:
        """Every file below the home folder but sounds, which may hold any bytes."""
        return [
            (path, path.read_bytes())
            for path in self.home.rglob("*")
            if path.is_file() and "sounds" not in path.parts
        ]


def now() -> datetime:
    return datetime.now(UTC)
