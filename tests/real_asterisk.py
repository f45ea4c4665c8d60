"""A real Asterisk for tests: free ports, a folder of its own, small sounds."""

import asyncio
import contextlib
import math
import random
import shutil
import socket
import struct
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asterisk_conf import certificate
from asterisk_conf.embedded import EmbeddedAsterisk
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import AMI_USER, ARI_USER, AsteriskSettings, Wss

CACHE = Path(__file__).resolve().parent.parent / ".cache"
SOUNDS = {  # name → (tone in Hz, seconds)
    "tone": (440, 0.3),
    "long": (440, 20.0),
    "music": (520, 1.0),
    "connecting": (620, 1.0),
    "fallback_sorry": (600, 0.3),
    "fallback_still_waiting": (700, 0.3),
    "fallback_goodbye": (800, 0.3),
    "called_by_us": (850, 0.2),
    "called_nobody_there": (900, 0.2),
    "call_us_back": (950, 0.2),
    "goodbye_called": (1000, 0.2),
}


@dataclass(frozen=True, slots=True)
class RealAsterisk:
    """A running Asterisk and how to reach it."""

    settings: AsteriskSettings
    embedded: EmbeddedAsterisk

    @property
    def url(self) -> str:
        """ARI's address, e.g. `http://127.0.0.1:31001/ari`."""
        return self.settings.ari_url

    @property
    def user(self) -> str:
        return ARI_USER

    @property
    def password(self) -> str:
        return self.settings.ari_password

    @property
    def sip(self) -> str:
        """Where to dial, e.g. `127.0.0.1:31002`."""
        return f"{self.settings.sip_host}:{self.settings.sip_port}"

    @property
    def ami(self) -> tuple[str, int, str, str]:
        """AMI's host, port, user and secret."""
        return "127.0.0.1", self.settings.ami_port, AMI_USER, self.settings.ami_password

    @property
    def sounds(self) -> Path:
        """Folder that holds `kring/id/tone.wav` and so on; `sound:kring/id/tone` plays it."""
        return self.settings.sounds


def free_port() -> int:
    """Return a loopback port that nothing uses at the moment, for TCP and UDP.

    From below the range that the kernel gives to outgoing connections, which would take it again
    while an Asterisk is restarted.
    """
    while True:
        port = random.randrange(12_000, 20_000)
        with (
            contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as tcp,
            contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp,
            contextlib.suppress(OSError),
        ):
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
            return port


def new_settings(**changes: Any) -> AsteriskSettings:
    """Return settings with free ports and a short folder below the machine's temporary folder."""
    rtp_first = random.randrange(20_000, 32_000, 2000)
    home = Path(changes.get("home") or tempfile.mkdtemp(prefix="kring-"))
    wss = Wss("127.0.0.1", free_port(), home / "certificate.pem", home / "key.pem")
    certificate.ensure(wss.certificate, wss.key, wss.host)
    values: dict[str, Any] = {
        "home": home,
        "wss": wss,
        "ari_password": "ari-test-password",
        "ami_password": "ami-test-password",
        "sip_port": free_port(),
        "ari_port": free_port(),
        "ami_port": free_port(),
        "rtp_first": rtp_first,
        "rtp_last": rtp_first + 1999,
        **changes,
    }
    return AsteriskSettings(**values)


async def start(program: AsteriskProgram, **changes: Any) -> RealAsterisk:
    """Start an Asterisk of its own; `changes` are fields of AsteriskSettings."""
    settings = new_settings(**changes)
    make_sounds(settings.sounds)
    embedded = EmbeddedAsterisk(settings, program, progress=lambda line: None)
    await embedded.start()
    return RealAsterisk(settings, embedded)


async def stop(asterisk: RealAsterisk) -> None:
    """Stop it and remove its folder."""
    await asterisk.embedded.stop()
    await asyncio.to_thread(shutil.rmtree, asterisk.settings.home, ignore_errors=True)


def make_sounds(folder: Path) -> None:
    """Write the tones of SOUNDS in both languages."""
    for language in ("id", "en"):
        (folder / "kring" / language).mkdir(parents=True, exist_ok=True)
        for name, (hertz, seconds) in SOUNDS.items():
            _tone(folder / "kring" / language / f"{name}.wav", hertz, seconds)


def _tone(path: Path, hertz: float, seconds: float) -> None:
    frames = (round(8000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(int(8000 * seconds)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"".join(struct.pack("<h", frame) for frame in frames))
