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
from service.findings import Finding, note, warning
from service.settings import Settings

_ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)  # a clock before this was never set
_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
_TIMEX_BYTES, _STATUS_AT = (
    512,
    40,
)  # struct timex of 64-bit Linux: modes, offset, freq, maxerror, esterror, status
_GIGA = 1e9


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the time is plausible, kept in step, and Indonesia's zones are known."""
    now = datetime.now(UTC)
    if now < _EARLIEST:
        yield Finding("clock", f"it is {now:%Y-%m-%d} here", "set the clock: sudo timedatectl set-ntp true")
    else:
        kept = _synchronised()
        told = (
            f"{now.astimezone(ZoneInfo('Asia/Jakarta')):%Y-%m-%d %H:%M:%S} WIB" if _zones() else f"{now} UTC"
        )
        if kept is False:
            remedy = "sudo timedatectl set-ntp true; calls, windows and appeals go by this clock"
            yield warning("clock", f"{told}, not kept in step with the network's time", remedy)
        else:
            yield Finding("clock", told if kept is None else f"{told}, in step with the network's time")
    if not _zones():
        yield Finding("zones", "Indonesia's zones are not known here", "sudo apt install tzdata")
    else:
        yield Finding("zones", f"WIB, WITA and WIT are known; this machine's own zone is {_local_zone()}")


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
        remedy = f"ulimit -n {needed}, in a systemd unit LimitNOFILE={needed}; or lower KRING_MAX_CALLS"
        yield warning(
            "open_files", f"{may} may be open; {settings.max_calls} calls may need {needed}", remedy
        )
    else:
        yield Finding("open_files", f"{may} may be open")


def sound_ports(settings: Settings) -> Iterator[Finding]:
    """Whether there are audio ports for every call and its agent: two each."""
    there = settings.rtp_last - settings.rtp_first + 1
    needed = settings.max_calls * 4
    if there < needed:
        remedy = "widen KRING_RTP_FIRST to KRING_RTP_LAST, or lower KRING_MAX_CALLS"
        told = f"{there} UDP ports; {settings.max_calls} calls with their agents need {needed}"
        yield warning("rtp_ports", told, remedy)
    else:
        yield Finding("rtp_ports", f"{there} UDP ports for {settings.max_calls} calls")


def time_outs(settings: Settings) -> Iterator[Finding]:
    """Whether time-outs fit one another."""
    if settings.session_idle > settings.session_hours * 60:
        told = f"a sign-in ends after {settings.session_hours} h, before {settings.session_idle} idle minutes"
        yield warning("time_outs", told, "KRING_SESSION_IDLE below KRING_SESSION_HOURS")
    elif settings.drain == 0:
        told = "a stopping service waits for no call: callers inside are cut off"
        yield warning("time_outs", told, "KRING_DRAIN=5 or more, and TimeoutStopSec of its unit above that")
    else:
        told = f"sign-ins end after {settings.session_idle} idle minutes or {settings.session_hours} h"
        yield Finding("time_outs", f"{told}; a stop waits {settings.drain} s for calls inside")


def room(settings: Settings) -> Iterator[Finding]:
    """How much room is left on the disks of home, database and recordings."""
    from service.recording_sealing_side import store_place

    places = {"home": settings.home, "log": settings.log_folder}
    store = store_place(settings)
    if not store.is_bucket:
        places["recordings"] = Path(store.place)
    seen: set[int] = set()
    for name, folder in places.items():
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        device = there.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        usage = shutil.disk_usage(there)
        percent = 100 * usage.free / usage.total
        told = f"{name}: {usage.free / _GIGA:.1f} GB free, {percent:.0f} %"
        if percent < limits().free_percent:
            remedy = "make room: old logs, or recordings by the table of retention; or add a disk"
            yield warning("room", told, remedy)
        else:
            yield Finding("room", told)
    database = settings.home / "kring.db"
    if settings.database_url is None and database.exists():
        size, free = database.stat().st_size, shutil.disk_usage(settings.home).free
        if free < size * limits().database_free_times:
            told = f"the database has {size / _GIGA:.1f} GB, free are {free / _GIGA:.1f} GB"
            yield warning("room", told, "make room: a backup and a new version's migration need a copy")


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
            remedy = "kring serve --set-up makes ours anew; have your own renewed"
            yield warning("certificate", f"{shown.name} ends in {left} days", remedy)


def secret_files(settings: Settings) -> Iterator[Finding]:
    """Whether the secret files that the settings name can be read, by their owner only."""
    for key in (
        "database_password_file",
        "oidc_secret_file",
        "recording_s3_secret_file",
        "report_mail_secret_file",
        "web_key",
    ):
        path: Path | None = getattr(settings, key, None)
        if path is None:
            continue
        if not os.access(path, os.R_OK):
            yield Finding(key, "the file cannot be read", f"create it or correct its rights: {path}")
        elif path.stat().st_mode & 0o077:
            yield Finding(key, "others may read the file", f"chmod 600 {path}")
        else:
            yield Finding(key, "readable by its owner only")


def backups(settings: Settings) -> Iterator[Finding]:
    """How old the newest backup is."""
    folder = settings.backup_folder
    if folder is None:
        remedy = (
            "copy database, secrets and recordings daily to another machine; name where: KRING_BACKUP_FOLDER"
        )
        yield warning("backups", "no folder of backups is named, so their age cannot be told", remedy)
        return
    newest = max((_touched(path) for path in folder.glob("*")), default=0.0) if folder.is_dir() else 0.0
    if not newest:
        yield Finding("backups", f"{folder}: nothing is there", "look at what makes the backups")
        return
    hours = (time.time() - newest) / 3600
    if hours > limits().backup_hours:
        yield Finding("backups", f"the newest is {hours:.0f} hours old", "look at what makes the backups")
    else:
        yield Finding("backups", f"the newest is {hours:.0f} hours old")
    beside = (
        folder.exists() and settings.home.exists() and folder.stat().st_dev == settings.home.stat().st_dev
    )
    if beside:
        yield note(
            "backups", "they are on the same disk as the installation", "keep a copy on another machine"
        )


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
