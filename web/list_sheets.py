"""Rows as CSV and XLSX, for people who open them in a spreadsheet: nothing in them is ever a formula.

Rows come in batches and go out at once, so that a million of them fill no memory. An XLSX is written by a
process of its own (`web.list_sheet_process`): calls in this one are not kept waiting.
"""

import asyncio
import csv
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec
from fastapi import Response
from fastapi.responses import StreamingResponse

from domain.ids import new_id

Row = Sequence[str]
Batches = AsyncIterator[Sequence[Row]]
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FILE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"text/csv": {}, XLSX_TYPE: {}}}
}
"""How the API describes a download."""

# What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection).
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
_AT_ONCE = 500  # rows of CSV made without a pause
_PART = 262_144  # bytes of a file at a time
_WITHIN = 1800.0  # seconds for a whole workbook


class SheetFailed(Exception):
    """A workbook could not be written."""


def defused(cell: str) -> str:
    """Return a cell's text so that no spreadsheet that reads CSV calculates it."""
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell


async def csv_parts(header: Row, batches: Batches) -> AsyncIterator[bytes]:
    """Yield a CSV file: UTF-8 with its mark (spreadsheets need it), commas, CRLF (RFC 4180)."""
    yield b"\xef\xbb\xbf" + _csv([header])
    async for rows in batches:
        for start in range(0, len(rows), _AT_ONCE):
            yield _csv(rows[start : start + _AT_ONCE])
            await asyncio.sleep(0)  # calls have their turn between


def _csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([defused(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def sweep(folder: Path) -> None:
    """Remove what a service that was killed left of workbooks: they hold personal data."""
    for pattern in ("*.out.xlsx", "tmp*"):  # the second are the parts that the writer puts together
        for path in folder.glob(pattern):
            if path.is_file():
                path.unlink(missing_ok=True)


async def xlsx_file(folder: Path, header: Row, batches: Batches) -> BinaryIO:
    """Write a workbook below `folder`; return it open, with no name any more. Raises SheetFailed."""
    path = folder / f"{new_id()}.out.xlsx"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    try:
        await _written(path, header, batches)
        return path.open("rb")
    finally:
        path.unlink(missing_ok=True)


async def _written(path: Path, header: Row, batches: Batches) -> None:
    writer = await asyncio.to_thread(_start, path)
    try:
        await asyncio.to_thread(_send, writer, [header])
        async for rows in batches:
            await asyncio.to_thread(_send, writer, rows)
        await asyncio.to_thread(_finish, writer)
        code = await asyncio.to_thread(writer.wait, _WITHIN)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SheetFailed("the writer of the workbook ended early") from error
    finally:
        if writer.poll() is None:
            writer.kill()
            await asyncio.to_thread(writer.wait)
    if code != 0:
        raise SheetFailed(f"the writer of the workbook ended with {code}")


def _start(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "web.list_sheet_process", str(path)]
    home = Path(__file__).parent.parent
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=home)


def _send(writer: subprocess.Popen[bytes], rows: Sequence[Row]) -> None:
    assert writer.stdin is not None  # noqa: S101 (it was asked for)
    writer.stdin.write(b"".join(msgspec.json.encode(list(row)) + b"\n" for row in rows))


def _finish(writer: subprocess.Popen[bytes]) -> None:
    assert writer.stdin is not None  # noqa: S101 (as above)
    writer.stdin.close()


async def sheet_answer(form: str, name: str, folder: Path, header: Row, batches: Batches) -> Response:
    """Return the download: `form` is csv or xlsx, `name` without its ending. Raises SheetFailed."""
    if form == "csv":
        return StreamingResponse(
            csv_parts(header, batches), media_type="text/csv; charset=utf-8", headers=_named(f"{name}.csv")
        )
    file = await xlsx_file(folder, header, batches)
    return StreamingResponse(_parts(file), media_type=XLSX_TYPE, headers=_named(f"{name}.xlsx"))


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := await asyncio.to_thread(file.read, _PART):
            yield part


def _named(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
