"""A file that was made for somebody, on its way to them."""

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

_PART = 262_144  # bytes at a time


def download(name: str, kind: str, file: BinaryIO) -> Response:
    """Return an open file as a download of a media type; it is closed once it was sent."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(_parts(file), media_type=kind, headers=headers)


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := await asyncio.to_thread(file.read, _PART):
            yield part
