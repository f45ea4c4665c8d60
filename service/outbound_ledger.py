"""Asterisk's own record of our calls to people outside (`dialer.ports.LineLedger`).

The dialplan's guard writes two rows of each: DIAL right before it is sent to the trunk, END when it is over.
A row is `time,DIAL|END,channel id;2,"{""extra"":""DIALSTATUS/HANGUPCAUSE/SIP code""}"`: nothing personal.
"""

import asyncio
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dialer.attempts import CHANNEL_PREFIX
from dialer.outcomes import plain
from dialer.ports import LineEnd

RECENT = 64 * 1024  # bytes that are read from its end first
FAR_BACK = 32 * 1024 * 1024  # bytes that are read from its end at most
FULL = 24 * 1024 * 1024  # bytes, above which the file is put aside
_HALF = ";2"  # the half of the call that runs through the guard
_ANSWERED, _CANCELLED, _BUSY = "ANSWER", "CANCEL", "BUSY"  # Asterisk's DIALSTATUS
_REFUSALS = 300  # SIP codes from here on (RFC 3261, 21.3)
_MOVED = 302  # `Dial` with `i` ends as BUSY without a cause (measured, decision 8)
_OURS = 997  # `outcomes.yaml`: our half was hung up first


class _Extra(msgspec.Struct):
    extra: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row."""

    at: float  # Unix time
    what: str  # DIAL or END
    attempt_id: str
    status: str = ""  # Asterisk's DIALSTATUS
    cause: int = 0  # as the dialplan told it: SIP code × 1000 + Q.850
    sip_code: int = 0  # the far end's, whether the dialplan told it or not


class CelLedger:
    """The file that Asterisk writes, and the one before it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def ends(self, attempt_ids: Collection[str]) -> Mapping[str, LineEnd]:
        """Return how those of them ended that it knows. Raises OSError when it cannot be read."""
        if not attempt_ids:
            return {}
        return await asyncio.get_running_loop().run_in_executor(None, self._ends, frozenset(attempt_ids))

    def rows(self) -> Iterator[LedgerRow]:
        """Yield every row that is kept, oldest first. Blocking; raises OSError."""
        for path in (self._before, self._path):
            if path.exists():
                yield from read_rows(_tail(path, FAR_BACK))

    def put_aside(self) -> None:
        """Begin a new file when this one is full; the one before it goes. Asterisk opens it for each row."""
        if self._path.exists() and self._path.stat().st_size > FULL:
            self._path.replace(self._before)

    @property
    def _before(self) -> Path:
        return self._path.with_name(self._path.name + ".1")

    def _ends(self, attempt_ids: frozenset[str]) -> Mapping[str, LineEnd]:
        # Most are asked for moments after their end: the last rows have them.
        if self._path.exists():
            recent = _ends_among(read_rows(_tail(self._path, RECENT)), attempt_ids)
            if len(recent) == len(attempt_ids):
                return recent
        return _ends_among(self.rows(), attempt_ids)


def _ends_among(rows: Iterable[LedgerRow], attempt_ids: frozenset[str]) -> Mapping[str, LineEnd]:
    found = {}
    for row in rows:
        if row.what == "END" and row.attempt_id in attempt_ids:
            found[row.attempt_id] = _end(row)
    return found


def _end(row: LedgerRow) -> LineEnd:
    answered, cancelled = row.status == _ANSWERED, row.status == _CANCELLED
    told = row.sip_code if row.sip_code >= _REFUSALS and not answered else 0
    if row.status == _BUSY and not row.cause:
        told = _MOVED
    code = told or (_OURS if cancelled else 0)
    by_far_end = bool(row.status) and not answered and not cancelled
    return plain(LineEnd(row.attempt_id, row.cause, code, answered, by_far_end))


def read_rows(text: str) -> Iterator[LedgerRow]:
    """Yield the rows of a ledger; a row cut off, or of another's call, is passed over."""
    for line in text.splitlines():
        at, _, rest = line.partition(",")
        what, _, rest = rest.partition(",")
        channel, _, extra = rest.partition(",")
        if not (channel.startswith(CHANNEL_PREFIX) and channel.endswith(_HALF)):
            continue
        try:
            plain_json = extra.removeprefix('"').removesuffix('"').replace('""', '"')
            told = msgspec.json.decode(plain_json, type=_Extra).extra if plain_json else ""
            status, cause, code = (*told.split("/"), "", "")[:3]
            attempt_id = channel.removeprefix(CHANNEL_PREFIX).removesuffix(_HALF)
            yield LedgerRow(float(at), what, attempt_id, status, int(cause or 0), int(code or 0))
        except (msgspec.DecodeError, ValueError):
            continue


def _tail(path: Path, most: int) -> str:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - most))
        return file.read().decode("utf-8", "replace")
