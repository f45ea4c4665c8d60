"""What `kring doctor` looks at of the machine: clock, zone, open files, room, certificates' days, backups."""

import ctypes
import os
import resource
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.checkup_limits import limits
from service.findings import good, note, warning, wrong
from service.settings import Settings
from web.checkup_port import Finding

_ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)  # a clock before this was never set
_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
_TIMEX_BYTES, _STATUS_AT = (
    512,
    40,
)  # struct timex of 64-bit Linux: modes, offset, freq, maxerror, esterror, status
_GIGA = 1e9
_SECRET_FILES = (  # the settings that name a file with a secret
    "database_password_file",
    "oidc_secret_file",
    "recording_s3_secret_file",
    "report_mail_secret_file",
    "web_key",
)


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the time is plausible, kept in step, and Indonesia's zones are known."""
    now = datetime.now(UTC)
    if now < _EARLIEST:
        yield wrong("clock", "clock_unset", day=now.date())
    else:
        told = (
            f"{now.astimezone(ZoneInfo('Asia/Jakarta')):%d.%m.%Y %H.%M.%S} WIB"
            if _zones()
            else f"{now:%d.%m.%Y %H.%M.%S} UTC"
        )
        kept = _synchronised()
        if kept is None:
            yield good("clock", "clock_alone", time=told)
        else:
            make, code = (good, "clock") if kept else (warning, "clock_drifts")
            yield make("clock", code, time=told)
    if not _zones():
        yield wrong("zones", "zones_unknown")
    else:
        yield good("zones", "zones", zone=_local_zone())


def _zones() -> bool:
    try:
        for name in _ZONES:
            ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return False
    return True


def _local_zone() -> str:
    return time.strftime("%Z (UTC%z)")


def _synchronised() -> bool | None:
    """Whether the kernel says that something keeps the clock in step; None: it cannot be asked."""
    try:
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
        if ctypes.CDLL(None, use_errno=True).adjtimex(buffer) < 0:
            return None
        status = int.from_bytes(buffer.raw[_STATUS_AT : _STATUS_AT + 4], "little")
    except (AttributeError, OSError):
        return None
    return not status & _UNSYNCHRONISED


def open_files(settings: Settings) -> Iterator[Finding]:
    """Whether this user may open as many files as `max_calls` calls need."""
    may, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.max_calls * limits().open_files_a_call
    if may != resource.RLIM_INFINITY and may < needed:
        yield warning("open_files", "files_few", count=may, calls=settings.max_calls, needed=needed)
    else:
        yield good("open_files", "files", count=may)


def sound_ports(settings: Settings) -> Iterator[Finding]:
    """Whether there are audio ports for every call and its agent: two each."""
    there = settings.rtp_last - settings.rtp_first + 1
    needed = settings.max_calls * 4
    if there < needed:
        yield warning("rtp_ports", "rtp_few", count=there, calls=settings.max_calls, needed=needed)
    else:
        yield good("rtp_ports", "rtp", count=there, calls=settings.max_calls)


def time_outs(settings: Settings) -> Iterator[Finding]:
    """Whether time-outs fit one another."""
    hours, idle = settings.session_hours, settings.session_idle
    if idle > hours * 60:
        yield warning("time_outs", "sign_in_short", hours=hours, minutes=idle)
    elif settings.drain == 0:
        yield warning("time_outs", "no_drain")
    else:
        yield good("time_outs", "time_outs", minutes=idle, hours=hours, seconds=settings.drain)


def room(settings: Settings) -> Iterator[Finding]:
    """How much room is left on the disks of home, database and recordings."""
    from service.recording_sealing_side import store_place

    places = [settings.home, settings.log_folder]
    store = store_place(settings)
    if not store.is_bucket:
        places.append(Path(store.place))
    seen: set[int] = set()
    for folder in places:
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        device = there.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        usage = shutil.disk_usage(there)
        percent = 100 * usage.free / usage.total
        make, code = (warning, "room_little") if percent < limits().free_percent else (good, "room")
        yield make("room", code, folder=folder, free=usage.free / _GIGA, percent=round(percent))
    database = settings.home / "kring.db"
    if settings.database_url is None and database.exists():
        size, free = database.stat().st_size, shutil.disk_usage(settings.home).free
        if free < size * limits().database_free_times:
            yield warning("room", "room_database", size=size / _GIGA, free=free / _GIGA)


def expiring(settings: Settings) -> Iterator[Finding]:
    """Whether certificates end soon."""
    from asterisk_conf import certificate
    from service.secrets import certificates

    if not settings.secrets_folder.is_dir():
        return  # told by `secrets`
    for shown, _, _ in certificates(settings):
        try:
            left = (certificate.expiry(shown) - datetime.now(UTC)).days
        except (OSError, ValueError):
            continue  # told by `certificate`
        if 0 <= left < limits().certificate_days:
            yield warning("certificate", "certificate_ends", name=shown.name, days=left)


def secret_files(settings: Settings) -> Iterator[Finding]:
    """Whether the secret files that the settings name can be read, by their owner only."""
    for key in _SECRET_FILES:
        path: Path | None = getattr(settings, key, None)
        if path is None:
            continue
        if not os.access(path, os.R_OK):
            yield wrong("secret_files", "secret_file_shut", setting=key, path=path)
        elif path.stat().st_mode & 0o077:
            yield wrong("secret_files", "secret_file_open", setting=key, path=path)
        else:
            yield good("secret_files", "secret_file", setting=key)


def backups(settings: Settings) -> Iterator[Finding]:
    """How old the newest backup is."""
    folder = settings.backup_folder
    if folder is None:
        yield warning("backups", "backups_unnamed")
        return
    newest = max((_touched(path) for path in folder.glob("*")), default=0.0) if folder.is_dir() else 0.0
    if not newest:
        yield wrong("backups", "backups_none", folder=folder)
        return
    hours = (time.time() - newest) / 3600
    make, code = (wrong, "backups_old") if hours > limits().backup_hours else (good, "backups")
    yield make("backups", code, hours=round(hours))
    beside = (
        folder.exists() and settings.home.exists() and folder.stat().st_dev == settings.home.stat().st_dev
    )
    if beside:
        yield note("backups", "backups_beside")


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
