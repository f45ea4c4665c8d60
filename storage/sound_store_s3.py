"""An S3-compatible service as the store of sealed recordings."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import obstore
from obstore import exceptions
from obstore.store import S3Store

from recording.sound_store import StoreAway, Stored

_PART = 8 * 1024 * 1024  # bytes of a part of a larger object; two are in memory at once
_AT_ONCE = 2
_CONNECT = timedelta(seconds=5)
_ANSWER = timedelta(seconds=60)
_TRIES = 3
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the objects are, and as whom we go there."""

    name: str
    prefix: str  # of every key; may be empty
    endpoint: str  # `https://HOST[:PORT]`; plain http on this machine only
    region: str
    access_key: str
    secret: str = field(repr=False)


class BucketStore:
    """A `recording.sound_store.SoundStore` of one bucket. What it holds is encrypted before it is sent."""

    def __init__(self, bucket: Bucket, staging: Path) -> None:
        self._bucket = bucket
        self._staging = staging
        # Everything is named: what is not would be taken from the process's environment.
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config={
                "endpoint": bucket.endpoint,
                "region": bucket.region,
                "access_key_id": bucket.access_key,
                "secret_access_key": bucket.secret,
                "checksum_algorithm": "SHA256",
                "virtual_hosted_style_request": False,
            },
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": _CONNECT,
                "timeout": _ANSWER,
            },
            retry_config={"max_retries": _TRIES, "retry_timeout": _ANSWER},
        )

    @property
    def staging(self) -> Path:
        """The folder of this machine in which an object is made before it is put."""
        return self._staging

    async def put(self, key: str, source: Path) -> None:
        """Keep a file of `staging` under a key and remove it there."""
        with self._told():
            await obstore.put_async(self._store, key, source, chunk_size=_PART, max_concurrency=_AT_ONCE)
        await asyncio.to_thread(source.unlink, missing_ok=True)

    async def size(self, key: str) -> int:
        """Return an object's bytes. Raises FileNotFoundError."""
        with self._told():
            return (await obstore.head_async(self._store, key))["size"]

    async def read(self, key: str, start: int, end: int) -> bytes:
        """Return a range. Raises FileNotFoundError."""
        if end <= start:
            return b""
        with self._told():
            return bytes(await obstore.get_range_async(self._store, key, start=start, end=end))

    async def delete(self, key: str) -> None:
        """Remove an object for good. Idempotent."""
        try:
            with self._told():
                await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            pass

    async def objects(self, prefix: str = "") -> AsyncIterator[Stored]:
        """Yield the objects whose keys begin so."""
        folder, slash, _ = prefix.rpartition("/")
        # A service lists by whole folders, from a key on; keys come in order.
        after = prefix if prefix and not prefix.endswith("/") else None
        with self._told():
            pages = self._store.list(folder if slash else None, offset=after, chunk_size=_PAGE)
            async for page in pages:
                for found in page:
                    key = found["path"]
                    if key.startswith(prefix):
                        yield Stored(key, found["size"], found["last_modified"])
                    elif after is not None and key > prefix:
                        return

    async def check(self) -> None:
        """Write, read and remove a small object."""
        key, sample = f".check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        with self._told():
            await obstore.put_async(self._store, key, sample)
            found = bytes(await obstore.get_range_async(self._store, key, start=0, end=len(sample)))
            await obstore.delete_async(self._store, key)
        if found != sample:
            raise StoreAway(f"{self._where}: what was written is not what is read. Remedy: ask who runs it.")

    @property
    def _where(self) -> str:
        return f"{self._bucket.endpoint}/{self._bucket.name}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the library's errors into the port's. Their texts may quote a request: they are not kept."""
        try:
            yield
        except (exceptions.NotFoundError, FileNotFoundError) as error:
            raise FileNotFoundError("no such object") from error
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise StoreAway(
                f"{self._where}: refused. Remedy: check access key, secret and the bucket's rights.",
                "refused",
            ) from error
        except (exceptions.BaseError, OSError) as error:
            raise StoreAway(
                f"{self._where}: {type(error).__name__}. Remedy: check address, network and service."
            ) from error
