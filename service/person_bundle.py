"""The bundle a person gets: one ZIP file with AES-256 (WinZip AE-2), as 7-Zip, WinZip and Keka open it.

ZIP because a citizen can open it without what only technicians know (age, GnuPG). Its key comes from the
password by only 1000 rounds of PBKDF2, so the password is no person's choice: 120 random bits. Names of the
files inside are not encrypted, and say nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jinja2
import pyzipper

from desk.working_days import WIB
from recording.persons import Request
from recording.ports import SealedSounds, SoundDamaged, SoundGone
from recording.recordings import Recording
from service.person_words import person_words
from storage.person_finder import Found, Row

_TEMPLATE = Path(__file__).parent / "person_index.html"
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32, without those that are mistaken for one another
_GROUPS, _GROUP = 6, 4  # 24 signs of 5 bits: 120 bits
_SUFFIX = {"flac": "flac", "opus": "ogg"}
SHARED = "Juga memuat data wajib pajak lain; salinannya diberikan setelah ditinjau petugas pelindungan data."
_WHY_NOT = {
    "destroyed": "Sudah dimusnahkan menurut masa simpan.",
    "lost": "Tidak terekam karena gangguan.",
}
_NOT_YET = "Belum selesai diproses; mintalah salinan baru."


def new_password() -> str:
    """Return a password to be told once: `ABCD-EFGH-…`, 120 random bits."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording in the bundle, or why it is not."""

    recording_id: str
    started_at: datetime | None
    file: str
    why: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle's file."""

    digest: str
    size: int
    counts: Mapping[str, int]  # table → rows; `sounds` → files
    sounds: Sequence[Sound]


class BundleWriter:
    """Writes bundles. Sounds go straight into the encrypted file, never to a disk in clear."""

    def __init__(self, sounds: SealedSounds) -> None:
        self._sounds = sounds

    async def write(
        self,
        path: Path,
        password: str,
        request: Request,
        found: Found,
        recordings: Sequence[Recording],
        made_at: datetime,
    ) -> Made:
        """Write a bundle to `path` (atomic, mode 0600). Raises OSError."""
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                with pyzipper.AESZipFile(file, "w", pyzipper.ZIP_DEFLATED) as archive:
                    archive.setpassword(password.encode())
                    archive.setencryption(pyzipper.WZ_AES, nbits=256)
                    sounds = [await self._add(archive, one, found) for one in recordings]
                    counts = _add_words(archive, request, found, sounds, made_at)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync(path.parent)
        return Made(digest, size, counts, sounds)

    async def _add(self, archive: Any, one: Recording, found: Found) -> Sound:
        """Add one recording's sound; what cannot be read is told, not passed over."""
        if one.call_id in found.shared:
            return Sound(one.recording_id, one.started_at, "", SHARED)
        if not one.audible:
            why = _WHY_NOT.get(one.state.value, _NOT_YET)
            return Sound(one.recording_id, one.started_at, "", why)
        name = f"rekaman/{one.recording_id}.{_SUFFIX.get(one.coding, 'bin')}"
        try:
            opened = await self._sounds.open(one)
            data = bytearray()
            async for piece in opened.read(0, opened.size):
                data += piece
        except (SoundGone, SoundDamaged, OSError) as error:
            why = f"Tidak dapat dibaca ({type(error).__name__}); petugas pelindungan data memeriksanya."
            return Sound(one.recording_id, one.started_at, "", why)
        archive.writestr(name, bytes(data), compress_type=pyzipper.ZIP_STORED)
        return Sound(one.recording_id, one.started_at, name, "", hashlib.sha256(data).hexdigest())


def _add_words(
    archive: Any, request: Request, found: Found, sounds: Sequence[Sound], made_at: datetime
) -> Mapping[str, int]:
    sections = {name: section.rows for name, section in found.sections.items()}
    archive.writestr("index.html", _index(request, found, sounds, made_at))
    whole = {
        "request": {"code": request.code, "kind": request.kind.value, "received_at": request.received_at},
        "made_at": made_at,
        "subject": {"npwp": found.subject.npwp, "name": found.subject.name},
        "recordings": [
            {"recording_id": one.recording_id, "file": one.file, "sha256": one.digest, "why_not": one.why}
            for one in sounds
        ],
        "sections": sections,
    }
    archive.writestr("data/data.json", json.dumps(whole, default=_plain, ensure_ascii=False, indent=1))
    for name, rows in sections.items():
        if rows:
            archive.writestr(f"data/{name}.csv", _csv(rows))
    counts = {name: len(rows) for name, rows in sections.items() if rows}
    return {**counts, "sounds": sum(bool(one.file) for one in sounds)}


def _index(request: Request, found: Found, sounds: Sequence[Sound], made_at: datetime) -> str:
    words = person_words()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    sections = [
        {
            "table": name,
            "title": words.sections.get(name, name),
            "rows": section.rows,
            "columns": _columns(section.rows),
        }
        for name, section in found.sections.items()
    ]
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        request=request,
        subject=found.subject,
        made_at=made_at,
        sounds=sounds,
        sections=sections,
        labels=words.columns,
        wib=_wib,
        cell=_cell,
    )


def _csv(rows: Sequence[Row]) -> str:
    file, columns = io.StringIO(), _columns(rows)
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(_text(row.get(column))) for column in columns])
    return file.getvalue()


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return "" if value is None else str(_plain(value))


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking what somebody said for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t") else text


def _cell(value: Any) -> str:
    return _wib(value) if isinstance(value, datetime) else _text(value)


def _wib(at: datetime) -> str:
    return at.astimezone(WIB).strftime("%d.%m.%Y %H.%M.%S")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
