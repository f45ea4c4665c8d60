"""The product under measurement: an installation of its own, started and stopped as a user would."""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from asterisk_conf.program import AsteriskProgram, find_asterisk
from asterisk_conf.settings import ARI_USER
from bench import dialplan
from bench.accounting import Size, size, started_at
from bench.ear import Repertoire
from bench.sounds import make_prompts, repertoire

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / ".cache"
HOST = "127.0.0.1"
# The benches' own ports, away from those of an installation that may run beside.
SIP, WEB, ARI, AMI, WSS = 26060, 26080, 26088, 26038, 26089
CALLERS_SIP, SIPP_SIP, AGENTS_SIP = 26070, 26071, 26072
NUMBER = "1500200"  # whose calls the service takes
ASTERISK_AUDIO = range(31000, 32700)
CALLERS_AUDIO = range(30000, 31000)
CONTROL_SECONDS = 1.0  # from the start of a new service process to its control of every call
_START_SECONDS = 300.0  # the first start may fetch Asterisk
_STOP_SECONDS = 60.0


class NotRunning(Exception):
    """The product did not start, or does not answer. The message holds its last words."""


@dataclass(frozen=True, slots=True)
class Back:
    """How long a killed service was away, in seconds."""

    calls: float = 0.0  # from the kill until every call was under control
    control: float = 0.0  # the same from the start of the new process
    pages: float = 0.0  # from the kill until its pages answered

    def __str__(self) -> str:
        return f"calls under control {self.calls:.2f} s after the kill, pages back after {self.pages:.2f} s"


@dataclass(slots=True)
class Installation:
    """A running product: `kring serve --keep` and its Asterisk. Made by `running`."""

    home: Path
    program: AsteriskProgram
    keeper: subprocess.Popen[bytes]
    environment: Mapping[str, str] = field(default_factory=dict)  # with which `kring` finds it

    @property
    def service(self) -> int:
        """Return the process id of the service itself."""
        return int((self.home / "service.pid").read_text())

    @property
    def asterisk(self) -> int:
        """Return the process id of Asterisk."""
        return int((self.home / "asterisk" / "run" / "asterisk.pid").read_text())

    @property
    def application(self) -> tuple[int, ...]:
        """Return the processes that are ours: the service and its keeper."""
        return (self.service, self.keeper.pid)

    @property
    def ari_password(self) -> str:
        """Return the password of ARI."""
        return (self.home / "secrets" / "ari_password").read_text().strip()

    def repertoire(self) -> Repertoire:
        """Return what an ear knows of the benches' prompts."""
        return repertoire(self.home / "asterisk" / "sounds")

    def ari(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Return what ARI answers to a request, by default to a GET, e.g. of `channels`."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{HOST}:{ARI}/ari/{path}", content, method=method)
        request.add_header("Content-Type", "application/json")
        word = base64.b64encode(f"{ARI_USER}:{self.ari_password}".encode()).decode()
        request.add_header("Authorization", f"Basic {word}")
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the address is ours
            return json.loads(answer.read() or b"null")

    def until_empty(self, seconds: float = 40.0) -> None:
        """Wait until no channel is left. Raises NotRunning when some stay."""
        deadline = time.monotonic() + seconds
        while left := len(self.ari("channels")):
            if time.monotonic() > deadline:
                raise NotRunning(f"{left} channels are still there {seconds:g} s after the last call")
            time.sleep(0.2)

    def clear(self) -> None:
        """Let the machine come to rest after overload: hang up whoever was left behind."""
        if self.ari("channels"):
            time.sleep(2)
            self.console("channel request hangup all")
        self.until_empty()

    def metrics(self) -> dict[str, float]:
        """Return the service's metrics by name and labels as they are exported."""
        return parse_metrics(_get("/metrics") or "")

    def sizes(self) -> dict[str, Size]:
        """Return what the service and Asterisk hold."""
        return {"service": size(self.service), "asterisk": size(self.asterisk)}

    def kill_service(self) -> int:
        """Kill the service without warning (SIGKILL); return the process id it had."""
        pid = self.service
        os.kill(pid, signal.SIGKILL)
        return pid

    def until_back(self, former: int, seconds: float = 30.0) -> None:
        """Wait until a service other than process `former` is ready. Raises NotRunning."""
        deadline = time.monotonic() + seconds
        while True:
            with suppress(OSError, ValueError):  # the file is rewritten just then
                if self.service != former and _get("/readyz") is not None:
                    return
            if time.monotonic() > deadline:
                raise NotRunning(f"not back after {seconds:g} s: {self.last_words()}")
            time.sleep(0.005)

    def kill_and_wait(self) -> Back:
        """Kill the service; return how long it took to be back. Raises NotRunning."""
        before = self.kill_service()
        killed = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.until_back(before)
        back = time.clock_gettime(time.CLOCK_BOOTTIME)
        offset = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        controlled = self.metrics()["kring_calls_controlled_since_seconds"] - offset
        return Back(controlled - killed, controlled - started_at(self.service), back - killed)

    def console(self, command: str) -> str:
        """Give Asterisk a console command; return what it prints."""
        conf = self.home / "asterisk" / "etc" / "asterisk.conf"
        words = [*self.program.argv, "-C", str(conf), "-r", "-x", command]
        env = {**os.environ, **self.program.env}
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=20, env=env)
        return done.stdout

    def last_words(self) -> str:
        """Return the end of what the service printed."""
        return (self.home / "service.out").read_text(errors="replace")[-1500:].strip()


@contextmanager
def running(flows: str) -> Iterator[Installation]:
    """Start the product in a home of its own with the benches' prompts; stop it at the end.

    `flows` names the folder of its flow book below `bench/flows`. Raises NotRunning.
    """
    program = find_asterisk(CACHE, _quiet)
    with tempfile.TemporaryDirectory(prefix="kring-bench-") as folder:
        home = Path(folder)
        make_prompts(CHECKOUT / "prompts", home / "prompts")
        environment = {**os.environ, **_settings(home, flows)}
        with (home / "service.out").open("wb") as out:
            keeper = _spawn(environment, out)
        installation = Installation(home, program, keeper, environment)
        try:
            _until_ready(installation)
            _add_peers(installation)
            yield installation
        finally:
            _stop(keeper)
            _stop_left_asterisk(home)


def _settings(home: Path, flows: str) -> dict[str, str]:
    settings: dict[str, object] = {
        "home": home,
        "cache": CACHE,
        "flows": CHECKOUT / "bench" / "flows" / flows,
        "prompts": home / "prompts",
        "hours": "always",
        "web_port": WEB,
        "sip_port": SIP,
        "ari_port": ARI,
        "ami_port": AMI,
        "wss_port": WSS,
        "rtp_first": ASTERISK_AUDIO.start,
        "rtp_last": ASTERISK_AUDIO.stop - 1,
        "drain": 0,
    }
    return {f"KRING_{name.upper()}": str(value) for name, value in settings.items()}


def _spawn(environment: Mapping[str, str], out: IO[bytes]) -> subprocess.Popen[bytes]:
    kring = Path(sys.executable).parent / "kring"
    return subprocess.Popen(
        [str(kring), "serve", "--keep"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a Ctrl-C reaches the bench, which then stops the product in order
    )


def _until_ready(installation: Installation) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while _get("/readyz") is None:
        if installation.keeper.poll() is not None:
            raise NotRunning(f"the service ended at its start: {installation.last_words()}")
        if time.monotonic() > deadline:
            raise NotRunning(f"not ready after {_START_SECONDS:g} s: {installation.last_words()}")
        time.sleep(0.1)


def _add_peers(installation: Installation) -> None:
    extensions = installation.home / "asterisk" / "etc" / "extensions.conf"
    with extensions.open("a", encoding="utf-8") as file:
        file.write(dialplan.TEXT)
    installation.console("dialplan reload")
    if dialplan.HOLD not in installation.console("dialplan show from-trunk"):
        raise NotRunning("Asterisk did not take the peers' dialplan; look at its log")


def _get(path: str) -> str | None:
    """Return a page of the service, None while it does not answer 200."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{WEB}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except (urllib.error.URLError, OSError):
        return None


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if keeper.poll() is not None:
            return
        keeper.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(_STOP_SECONDS)


def _stop_left_asterisk(home: Path) -> None:
    """End this home's Asterisk if the service left it behind."""
    try:
        pid = int((home / "asterisk" / "run" / "asterisk.pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if str(home).encode() in words:
        os.kill(pid, signal.SIGKILL)


def parse_metrics(text: str) -> dict[str, float]:
    """Return the samples of Prometheus' text format by name with labels."""
    samples = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if name and not line.startswith("#"):
            with suppress(ValueError):
                samples[name] = float(value)
    return samples


def _quiet(_: str) -> None:
    pass
