"""The service as an operator meets it: started, killed, stopped, with a real Asterisk."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.program import AsteriskProgram
from tests.real_asterisk import free_port

pytestmark = pytest.mark.asterisk

KRING = (sys.executable, "-c", "from service.cli import main; main()")
PORTS = ("KRING_WEB_PORT", "KRING_SIP_PORT", "KRING_WSS_PORT", "KRING_ARI_PORT", "KRING_AMI_PORT")


class _Installation:
    """One `kring serve --keep` with a home and ports of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        ports = {variable: str(free_port()) for variable in PORTS}
        self.environ = {**os.environ, **ports, "KRING_HOME": str(home), "KRING_LOG_FORMAT": "json"}
        self.web = f"http://127.0.0.1:{ports['KRING_WEB_PORT']}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [*KRING, "serve", "--keep"]
        log = (self.home / "output").open("a")
        self.process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log, text=True)

    def ready(self, within: float = 60.0) -> dict[str, Any]:
        end = time.monotonic() + within
        while time.monotonic() < end:
            with suppress(OSError):
                answer = urllib.request.urlopen(self.web + "/readyz", timeout=2)  # noqa: S310 - loopback
                body: dict[str, Any] = json.load(answer)
                return body
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.home / "output").read_text())

    def service_pid(self) -> int:
        return int((self.home / "service.pid").read_text())

    def asterisk_pid(self) -> int:
        return int((self.home / "asterisk" / "run" / "asterisk.pid").read_text())

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@pytest.fixture
def installation(
    tmp_path_factory: pytest.TempPathFactory, asterisk_program: AsteriskProgram
) -> Iterator[_Installation]:
    installed = _Installation(tmp_path_factory.mktemp("i"))
    yield installed
    if installed.process is not None and installed.process.poll() is None:
        installed.process.send_signal(signal.SIGTERM)
        try:
            installed.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            installed.process.kill()


def _alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has collected yet (a zombie) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_service_is_ready_survives_its_own_death_and_stops_with_its_asterisk(
    installation: _Installation,
) -> None:
    installation.start()
    facts = installation.ready()
    assert facts["asterisk"] >= "22.10.1"
    assert "1500200@127.0.0.1" in (installation.home / "output").read_text()
    service, asterisk = installation.service_pid(), installation.asterisk_pid()

    os.kill(service, signal.SIGKILL)
    while _alive(service):
        time.sleep(0.01)
    installation.ready()
    assert installation.service_pid() != service
    assert installation.asterisk_pid() == asterisk

    second = subprocess.run(
        [*KRING, "serve"],
        env=installation.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert f"pid {installation.service_pid()}" in second.stderr

    last = installation.service_pid()
    assert installation.stop() == 0
    assert not _alive(last)
    assert not _alive(asterisk)
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", int(installation.environ["KRING_WEB_PORT"])))


def test_an_asterisk_that_dies_is_started_again(installation: _Installation) -> None:
    installation.start()
    installation.ready()
    asterisk = installation.asterisk_pid()
    os.kill(asterisk, signal.SIGKILL)
    end = time.monotonic() + 30
    while time.monotonic() < end and (_alive(asterisk) or not _answers_anew(installation, asterisk)):
        time.sleep(0.05)
    assert installation.asterisk_pid() != asterisk
    installation.ready()
    with urllib.request.urlopen(installation.web + "/metrics", timeout=5) as page:  # noqa: S310 - loopback
        assert 'kring_restarts_total{part="asterisk"} 1.0' in page.read().decode()
    assert installation.stop() == 0


def _answers_anew(installation: _Installation, before: int) -> bool:
    with suppress(OSError, ValueError):
        return installation.asterisk_pid() != before
    return False


def test_a_taken_port_is_named_with_its_remedy_and_nothing_stays_behind(installation: _Installation) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", int(installation.environ["KRING_WEB_PORT"])))
        other.listen()
        installation.start()
        assert installation.process is not None
        assert installation.process.wait(timeout=60) == 1
    said = (installation.home / "output").read_text()
    assert "KRING_WEB_PORT" in said
    assert not (installation.home / "asterisk" / "run" / "asterisk.pid").exists()
