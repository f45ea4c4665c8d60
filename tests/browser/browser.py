"""Headless Chromium with a page that is a SIP phone, and a server of a few lines that serves and hears it."""

import asyncio
import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.real_asterisk import CACHE

PAGE = Path(__file__).with_name("phone_page.html")
PACKAGES = ("jssip@3.13.8", "esbuild@0.25.12")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
)

Told = dict[str, Any]


class Browser:
    """A running browser. `told` is what its page said, in order."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self._changed = asyncio.Event()

    async def says(self, wanted: Callable[[Told], bool], within: float = 15.0) -> Told:
        """Wait until the page has said something that is wanted."""
        async with asyncio.timeout(within):
            while True:
                for event in self.told:
                    if wanted(event):
                        return event
                self._changed.clear()
                await self._changed.wait()

    def take(self, event: Told) -> None:
        self.told.append(event)
        self._changed.set()


@asynccontextmanager
async def browser(settings: dict[str, str], certificate: Path) -> AsyncIterator[Browser]:
    """Open the page in a browser that trusts the key of `certificate`; at the end it is closed."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is missing; install it: sudo apt install chromium"
    library = await _library()
    page = PAGE.read_text("utf-8").replace("/* SETTINGS */ {}", json.dumps(settings)).encode()
    running, profile = Browser(), Path(tempfile.mkdtemp(prefix="kring-browser-"))
    files = {"/": ("text/html", page), "/jssip.js": ("text/javascript", library)}
    server = await asyncio.start_server(lambda r, w: _serve(r, w, files, running), "127.0.0.1", 0)
    address = f"http://localhost:{server.sockets[0].getsockname()[1]}/"  # a secure context, as localhost is
    process = await asyncio.create_subprocess_exec(
        program,
        *FLAGS,
        f"--user-data-dir={profile}",
        f"--ignore-certificate-errors-spki-list={_pin(certificate)}",
        address,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        server.close()
        shutil.rmtree(profile, ignore_errors=True)


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    files: dict[str, tuple[str, bytes]],
    running: Browser,
) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        method, path, _ = head.split(maxsplit=2)
        kind, body = files.get(path, ("text/plain", b""))
        if method == "post":
            length = int(head.split("content-length:")[1].split()[0])
            running.take(json.loads(await reader.readexactly(length)))
        writer.write(
            f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        return  # the browser was closed
    finally:
        writer.close()


async def _library() -> bytes:
    """Return JsSIP as one script, fetched and bundled once."""
    folder = CACHE / "browser"
    bundle = folder / "jssip.js"
    if not bundle.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        (folder / "entry.js").write_text('import JsSIP from "jssip"; window.JsSIP = JsSIP;')
        await _run(folder, "npm", "install", "--no-audit", "--no-fund", "--save-exact", *PACKAGES)
        fresh = "--outfile=jssip.new.js"
        await _run(folder, "node_modules/.bin/esbuild", "entry.js", "--bundle", "--format=iife", fresh)
        (folder / "jssip.new.js").replace(bundle)
    return bundle.read_bytes()


async def _run(folder: Path, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, f"{words[0]}: {printed.decode(errors='replace')}"


def _pin(certificate: Path) -> str:
    """Return the hash by which Chromium is told to trust one key."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    raw = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(raw).digest()).decode()
