"""The service of the proof: an installation of its own, in a country whose clocks the proof has set.

Calls are allowed in hours of the callee's zone only, and the proof must run at any hour: the service gets
zone files of its own. In one zone calls begin soon after the start, in another they end soon after it.
"""

import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.ledger_service import RELAY
from bench.processes import CHECKOUT, NotRunning
from service.settings import Settings, load_settings

HOST, FAR_HOST = "127.0.0.1", "127.0.0.9"
WEB, SIP, ARI, AMI, WSS = 27080, 27060, 27088, 27038, 27089
RELAY_PORT, FAR, AGENTS = 27090, 27062, 27072
AUDIO, AGENTS_AUDIO = range(33000, 34800), range(34800, 34900)
PLACES = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}
_START, _STOP = 300.0, 40.0  # seconds


@dataclass(frozen=True, slots=True)
class Clocks:
    """The zones' clocks: seconds ahead of UTC, and the day (since 1970) that it is in all of them."""

    offsets: Mapping[str, float]
    day: int


def clocks(now: float, opens_in: float, closes_in: float) -> Clocks:
    """Set WIB to 11:00; in WITA it will be 08:00 in so many seconds, in WIT 16:00."""
    day, second = divmod(now, 86400.0)
    wanted = {"wib": 11 * 3600.0, "wita": 8 * 3600.0 - opens_in, "wit": 16 * 3600.0 - closes_in}
    return Clocks({zone: float(round(clock - second)) for zone, clock in wanted.items()}, int(day))


def write_zones(folder: Path, offsets: Mapping[str, float]) -> None:
    """Write zone files (RFC 8536, version 1) with one offset each."""
    for zone, place in PLACES.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        head = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
        path.write_bytes(head + struct.pack(">lBB", int(offsets[zone]), 0, 0) + b"XXX\0")


class House:
    """One installation. Made by `house`."""

    def __init__(self, home: Path, lines: int, clocks_set: Clocks) -> None:
        self.home = home
        write_zones(home / "zones", clocks_set.offsets)
        named: dict[str, object] = {
            "home": home, "cache": CHECKOUT / ".cache", "hours": "always", "drain": 0,
            "web_port": WEB, "sip_port": SIP, "ari_port": ARI, "ami_port": AMI, "wss_port": WSS,
            "rtp_first": AUDIO.start, "rtp_last": AUDIO.stop - 1, "outbound": f"{FAR_HOST}:{FAR}",
            "outbound_lines": lines, "outbound_hours": "always",
        }  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
        self.environment = {
            **kept,
            **{f"KRING_{name.upper()}": str(value) for name, value in named.items()},
            "PYTHONTZPATH": str(home / "zones"),
            RELAY: str(RELAY_PORT),
        }
        self.settings: Settings = load_settings(self.environment)
        self.output = home / "service.out"
        self._keeper: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Raises NotRunning."""
        with self.output.open("ab") as out:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "bench.ledger_service", "serve", "--keep"],
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def until_ready(self, former: int = 0) -> None:
        """Wait until a service other than process `former` is ready. Raises NotRunning."""
        deadline = time.monotonic() + _START
        while not (self.ready() and self.service != former):
            if self._keeper is None or self._keeper.poll() is not None or time.monotonic() > deadline:
                raise NotRunning(f"the service does not run: {self.last_words()}")
            time.sleep(0.05)

    def ready(self) -> bool:
        """Return whether it serves calls now."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{WEB}/readyz", timeout=5) as answer:
                return answer.status == 200 and self.service > 0
        except (urllib.error.URLError, OSError, ValueError):
            return False

    @property
    def service(self) -> int:
        """Return the process id of the service itself."""
        return int((self.home / "service.pid").read_text())

    def kill(self) -> int:
        """Kill the service without warning; return the process id that it had."""
        pid = self.service
        os.kill(pid, signal.SIGKILL)
        return pid

    def kring(self, *words: str) -> str:
        """Run a command of `kring`. Raises NotRunning."""
        run = subprocess.run(
            [sys.executable, "-c", "from service.cli import main; main()", *words],
            cwd=CHECKOUT, env=self.environment, text=True, capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        if run.returncode:
            raise NotRunning(f"kring {' '.join(words)}: {run.stdout}{run.stderr}")
        return run.stdout

    def last_words(self) -> str:
        """Return the end of what it printed."""
        return self.output.read_text(errors="replace")[-2500:].strip()

    def stop(self) -> None:
        """Stop everything that was started."""
        keeper = self._keeper
        for number in (signal.SIGTERM, signal.SIGKILL):
            if keeper is not None and keeper.poll() is None:
                keeper.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    keeper.wait(_STOP)
        with suppress(OSError, ValueError):
            pid = int((self.home / "asterisk" / "run" / "asterisk.pid").read_text())
            if str(self.home).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


@contextmanager
def house(lines: int, clocks_set: Clocks, keep: Path | None = None) -> Iterator[House]:
    """Make an installation; at the end it is stopped, and its files are forgotten unless kept in a folder."""
    home = Path(tempfile.mkdtemp(prefix="kring-ledger-"))
    made = House(home, lines, clocks_set)
    try:
        yield made
    finally:
        made.stop()
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(made.output, keep)
        shutil.rmtree(home, ignore_errors=True)
