"""What `kring doctor` looks at. Each check says what it found and, if that is wrong, the remedy."""

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from service.checkup_machine import (
    backups,
    clock,
    expiring,
    open_files,
    room,
    secret_files,
    sound_ports,
    time_outs,
)
from service.checkup_mail import mail, reports
from service.checkup_pages import pages, sign_ins, transport
from service.checkup_prompts import spoken
from service.checkup_recording import anchors, keys, store
from service.checkup_records import records
from service.checkup_running import asterisk_runs, service_ready, trunk
from service.findings import good, wrong
from service.secrets import missing_secrets, open_secrets
from service.settings import Settings
from web.checkup_port import Finding

LEAST_PYTHON = (3, 11)
LEAST_DEBIAN = 12
LEAST_FREE = 1_000_000_000  # bytes for software, sounds, records and logs


Check = Callable[[Settings], Iterator[Finding]]


def machine(settings: Settings) -> Iterator[Finding]:
    """Python, Debian, and the programs of a bare machine that are needed."""
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < LEAST_PYTHON
    yield wrong("python", "python_old", version=version) if old else good("python", "python", version=version)
    system = _os_release()
    name = system.get("PRETTY_NAME", "unknown system")
    number = system.get("VERSION_ID", "")
    tested = system.get("ID") == "debian" and (not number or int(number.split(".")[0]) >= LEAST_DEBIAN)
    yield good("system", "system", name=name) if tested else wrong("system", "system_other", name=name)
    # apt and dpkg fetch Asterisk; make and git are for the checkout.
    for program in ("make", "git", "apt-get", "dpkg-deb"):
        path = shutil.which(program)
        package = {"apt-get": "apt", "dpkg-deb": "dpkg"}.get(program, program)
        if path:
            yield good("programs", "program", program=program, path=path)
        else:
            yield wrong("programs", "program_missing", program=program, package=package)


def folders(settings: Settings) -> Iterator[Finding]:
    """Rights and room of the folders that are written."""
    for about, folder in (("home", settings.home), ("cache", settings.cache)):
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if not _writable(there):
            yield wrong(about, "folder_closed", folder=folder, setting=f"KRING_{about.upper()}")
            continue
        free = shutil.disk_usage(there).free
        make, code = (wrong, "folder_full") if free < LEAST_FREE else (good, "folder")
        yield make(about, code, folder=folder, free=free / 1e9)


def ports(settings: Settings) -> Iterator[Finding]:
    """Whether the ports are free, or used by this installation itself."""
    running = runs(settings)
    for key, host, kind in (
        ("web_port", settings.web_host, socket.SOCK_STREAM),
        ("sip_port", settings.sip_host, socket.SOCK_DGRAM),
        ("wss_port", settings.wss_host, socket.SOCK_STREAM),
        ("ari_port", "127.0.0.1", socket.SOCK_STREAM),
        ("ami_port", "127.0.0.1", socket.SOCK_STREAM),
    ):
        port = getattr(settings, key)
        error = _bind(host, port, kind)
        if error is None:
            yield good(key, "port_free", host=host, port=port)
        elif running:
            yield good(key, "port_ours", host=host, port=port)
        else:
            yield wrong(key, "port_taken", error, host=host, port=port, setting=f"KRING_{key.upper()}")


def secrets(settings: Settings) -> Iterator[Finding]:
    """Whether the secrets are there and closed to others."""
    if not settings.secrets_folder.is_dir():
        yield wrong("secrets", "secrets_none")
        return
    missing, closed = list(missing_secrets(settings)), True
    for path in missing:
        yield wrong("secrets", "secret_missing", path=path)
    for path in open_secrets(settings):
        closed = False
        yield wrong("secrets", "secret_open", path=path)
    if closed and not missing:
        yield good("secrets", "secrets", folder=settings.secrets_folder)


def certificate(settings: Settings) -> Iterator[Finding]:
    """Whether browsers will be shown certificates that are in date and theirs."""
    from asterisk_conf import certificate as made
    from service.secrets import certificates

    if not settings.secrets_folder.is_dir():
        return  # told by `secrets`
    for shown, key, host in certificates(settings):
        found = list(made.problems(shown, key, host))
        for problem in found:
            yield wrong("certificate", "certificate_unfit", problem, path=shown)
        if not found:
            yield good("certificate", "certificate", path=shown, day=made.expiry(shown).date())


def asterisk(settings: Settings) -> Iterator[Finding]:
    """Whether there is an Asterisk to start, and its version."""
    if settings.asterisk_mode == "external":
        yield good("asterisk", "asterisk_external", port=settings.ari_port)
        return
    from asterisk_conf.debian import PackagesUnavailable
    from asterisk_conf.program import find_asterisk, root

    installed = shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if installed is None and not root(settings.cache).is_dir():  # looking must not fetch 79 MB
        yield wrong("asterisk", "asterisk_none")
        return
    try:
        program = find_asterisk(settings.cache, lambda _: None)
    except PackagesUnavailable as error:
        yield wrong("asterisk", "asterisk_unfit", str(error))
        return
    yield good("asterisk", "asterisk", version=program.version, path=program.argv[-1])


def prompts(settings: Settings) -> Iterator[Finding]:
    """Whether every prompt has its audio."""
    from prompts.errors import PromptError
    from prompts.library import Library

    try:
        library = Library.load(settings.prompts)
        missing = library.missing()
    except (PromptError, OSError) as error:
        yield wrong("prompts", "prompts_unreadable", str(error))
        return
    if missing:
        yield wrong("prompts", "prompts_silent", count=len(missing))
    else:
        yield good("prompts", "prompts", count=len(library.names()))


def flows(settings: Settings) -> Iterator[Finding]:
    """Whether the flows could be put in force."""
    from call_flows.book import load_folder
    from call_flows.known import Known
    from call_flows.problems import FlowError
    from prompts.errors import PromptError
    from prompts.library import Library

    try:
        book = load_folder(settings.flows, Known.of(Library.load(settings.prompts)))
    except (FlowError, PromptError, OSError) as error:
        yield wrong("flows", "flows_unfit", str(error).splitlines()[0])
        return
    yield good("flows", "flows", flows=len(book.flows), steps=len(book.steps), version=book.version)


def database(settings: Settings) -> Iterator[Finding]:
    """Whether the database can be opened and written."""
    if settings.database_url is None and not (settings.home / "kring.db").exists():
        yield wrong("database", "database_none")
        return
    import sqlalchemy as sa

    from service.settings import SettingsError
    from storage.database import Database, DatabaseProblem

    try:
        opened = Database.open(settings.database)
    except (DatabaseProblem, SettingsError) as error:
        yield wrong("database", "database_shut", str(error))
        return
    try:
        opened.write_now(lambda connection: connection.execute(sa.text("SELECT 1")))
        kind = "SQLite" if opened.is_sqlite else "PostgreSQL"
        yield good("database", "database", kind=kind)
    except DatabaseProblem as error:
        yield wrong("database", "database_shut", str(error))
    finally:
        opened.close()


def transcripts(settings: Settings) -> Iterator[Finding]:
    """Look at the packages that transcripts need, where they are wanted."""
    if settings.transcripts == "off":
        return
    from prompts.kokoro import INSTALL
    from prompts.whisper import missing_packages

    missing = missing_packages()
    if missing:
        yield wrong("transcripts", "transcripts_missing", names=missing, command=INSTALL)
    else:
        yield good("transcripts", "transcripts")


CHECKS: tuple[Check, ...] = (
    machine,
    folders,
    ports,
    secrets,
    certificate,
    asterisk,
    prompts,
    flows,
    database,
    transcripts,
    pages,
    transport,
    sign_ins,
    spoken,
    expiring,
    secret_files,
    clock,
    open_files,
    sound_ports,
    time_outs,
    room,
    backups,
    records,
    store,
    keys,
    anchors,
    reports,
    mail,
    trunk,
    asterisk_runs,
    service_ready,
)


def look(settings: Settings) -> Sequence[Finding]:
    """Return everything that was found; a check that breaks is a finding itself."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(settings)
        except Exception as error:  # noqa: BLE001 (whatever is broken, the other checks must be told)
            name = getattr(check, "__name__", "check")
            found.append(wrong("checks", "check_broken", type(error).__name__, check=name))
    return found


def _os_release() -> dict[str, str]:
    path = Path("/etc/os-release")
    if not path.exists():
        return {}
    pairs = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {key: value.strip('"') for key, _, value in pairs}


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def runs(settings: Settings) -> bool:
    """Whether a service of this home folder runs."""
    path = settings.home / "service.pid"
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _bind(host: str, port: int, kind: socket.SocketKind) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
