"""The store that an installation's settings name."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from recording.sound_store import SoundStore, StoreAway
from storage.sound_store_folder import FolderStore
from storage.sound_store_s3 import Bucket, BucketStore


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where sealed recordings are kept. Holds no secret."""

    place: str  # a folder's path, or `s3://BUCKET/PREFIX`
    staging: str  # for a bucket: a folder of this machine in which objects are made
    endpoint: str = ""  # of the S3-compatible service
    region: str = ""
    access_key: str = ""
    secret_file: str = ""

    @property
    def is_bucket(self) -> bool:
        """Whether it is an S3-compatible service."""
        return self.place.startswith("s3://")


def make_place(where: StorePlace) -> None:
    """Make the folder of the store, or of a bucket the staging folder. Raises StoreAway."""
    if not where.is_bucket:
        FolderStore.make(Path(where.place))
        return
    try:
        Path(where.staging).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreAway(f"{where.staging}: cannot be made ({error.strerror}).") from error


def open_store(where: StorePlace, *, make: bool = False) -> SoundStore:
    """Return the store. `make`: its folder is made if it is not there. Raises StoreAway."""
    if make:
        make_place(where)
    if not where.is_bucket:
        return FolderStore(Path(where.place))
    parts = urlsplit(where.place)
    bucket = Bucket(
        parts.netloc,
        parts.path.strip("/"),
        where.endpoint,
        where.region,
        where.access_key,
        _secret(where.secret_file),
    )
    return BucketStore(bucket, Path(where.staging))


def _secret(file: str) -> str:
    path = Path(file)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StoreAway(f"{path}: cannot be read ({error.strerror}).", "refused") from error
    if mode & 0o077:
        raise StoreAway(f"{path}: others may read it. Remedy: chmod 600 {path}", "refused")
    return secret
