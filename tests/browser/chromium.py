"""Headless Chromium, driven by Playwright, with a microphone that plays a tone of its own."""

from __future__ import annotations

import base64
import hashlib
import math
import shutil
import struct
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Browser, async_playwright

_RATE = 48_000
_LOUD = 12_000
# The browser takes a steady tone for noise and removes it: the microphone speaks in pulses.
_PULSE, _PAUSE = 0.6, 0.2  # seconds

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--mute-audio",
    # Asterisk and browser are on one machine, which may have no network at all.
    "--allow-loopback-in-peer-connection",
)


def microphone(path: Path, hertz: float, seconds: float = 8.0) -> Path:
    """Write what the browser's microphone hears, again and again; return its path."""
    samples = []
    for n in range(int(seconds * _RATE)):
        on = (n / _RATE) % (_PULSE + _PAUSE) < _PULSE
        samples.append(round(_LOUD * math.sin(2 * math.pi * hertz * n / _RATE)) if on else 0)
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, _RATE, 0, "NONE", "not compressed"))
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


@asynccontextmanager
async def chromium(sound: Path | None, flags: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Run a browser; its only microphone plays `sound`, and without one there is none."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is missing; install it: sudo apt install chromium"
    devices = (
        ()
        if sound is None
        else ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={sound}")
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=[*_FLAGS, *devices, *flags], timeout=60_000
        )
        try:
            yield browser
        finally:
            await browser.close()


def pin(certificate: Path) -> str:
    """Return the flag by which Chromium trusts the key of one certificate."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    raw = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(raw).digest()).decode()}"
