"""Debian packages unpacked into a folder: no root, no container, nothing on the machine changed.

A private APT root downloads from the mirror that the machine already uses; signatures are checked
with the machine's own Debian keyring. Packages of the machine's own suite come without the
libraries that the machine has; packages of another suite come with everything, C library included,
and are started through their own loader.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[str], None]

_KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)
_NEEDED_PROGRAMS = {"apt-get": "apt", "dpkg-deb": "dpkg", "gpgv": "gpgv"}
_MANIFEST = ".debian-packages"
_DOCUMENTATION = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian")
# The machine's own C library serves programs of its own suite; a second one would not fit its loader.
_HOST_PROVIDES = ("libc6_", "libc-bin_", "base-files_")
_UPDATE_SECONDS = 300
_DOWNLOAD_SECONDS = 1200


class PackagesUnavailable(Exception):
    """The packages cannot be fetched; the text names what is missing and the remedy."""


@dataclass(frozen=True, slots=True)
class Tool:
    """How to start an unpacked program: the words before its arguments, and its environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Source:
    uri: str
    suite: str


def host_suite() -> str:
    """Return the code name of the machine's own Debian, e.g. `bookworm`.

    Raises PackagesUnavailable on a machine that is no Debian.
    """
    release = Path("/etc/os-release")
    fields = (
        dict(line.split("=", 1) for line in release.read_text("utf-8").splitlines() if "=" in line)
        if release.exists()
        else {}
    )
    codename = fields.get("VERSION_CODENAME", "").strip('"')
    if fields.get("ID", "").strip('"') != "debian" or not codename:
        raise PackagesUnavailable(
            "this machine is no Debian (ID in /etc/os-release), so there is no Debian mirror to use; "
            "install Asterisk 22.10.1 or newer so that `asterisk` is on PATH, or use docker/"
        )
    return codename


def fetch(
    packages: Sequence[str],
    suite: str,
    dest: Path,
    *,
    drop: Sequence[str] = (),
    check: Callable[[Path], None] | None = None,
    current: Callable[[Path], bool] | None = None,
    progress: Progress = print,
) -> Path:
    """Unpack `packages` of `suite` with what they depend on into the folder `dest`; return it.

    A folder that already holds them is returned at once. The folder appears whole or not at all,
    and two processes may ask for the same one. `drop` are glob patterns below the root that are
    not kept; `check(root)` may raise to refuse what was unpacked; a folder fetched earlier for which
    `current(root)` is false is fetched again.

    Raises PackagesUnavailable.
    """
    if _holds(dest, packages, current):
        return dest
    _require_programs()
    dest.parent.mkdir(parents=True, exist_ok=True)
    with _locked(dest.parent / f".{dest.name}.lock", progress):
        if _holds(dest, packages, current):
            return dest
        _remove_leftovers(dest)
        with tempfile.TemporaryDirectory(prefix=f".{dest.name}.", dir=dest.parent) as folder:
            archives = _Apt(Path(folder), suite).download(packages, progress)
            root = Path(folder) / "root"
            _unpack(archives, root, progress)
            _drop(root, (*_DOCUMENTATION, *drop))
            (root / _MANIFEST).write_text(
                "\n".join((*packages, "", *(archive.name for archive in archives))) + "\n", "utf-8"
            )
            if check is not None:
                check(root)
            if dest.exists():
                dest.rename(Path(folder) / "replaced")
            root.rename(dest)
    return dest


def tool_command(root: Path, path: str) -> Tool:
    """Return how to start the program `path` (e.g. `usr/bin/sipp`) of an unpacked root.

    Raises PackagesUnavailable when the program is not there.
    """
    program = root / path
    if not program.exists():
        raise PackagesUnavailable(f"{path} is not in {root}; remove that folder to fetch it again")
    libraries = ":".join(str(folder) for folder in _library_folders(root))
    loader = next(
        (found for pattern in ("usr/lib64", "lib64", "usr/lib", "lib") for found in _loaders(root / pattern)),
        None,
    )
    if loader is not None:
        return Tool((str(loader), "--library-path", libraries, str(program)), dict(os.environ))
    return Tool((str(program),), {**os.environ, "LD_LIBRARY_PATH": libraries})


def _library_folders(root: Path) -> list[Path]:
    found = [folder for base in ("usr/lib", "lib") for folder in sorted((root / base).glob("*-linux-gnu*"))]
    nested = [folder / name for folder in found for name in ("blas", "lapack", "pulseaudio")]
    return [folder for folder in (*found, *nested) if folder.is_dir()]


def _loaders(folder: Path) -> list[Path]:
    return [*sorted(folder.glob("ld-linux*.so.*")), *sorted(folder.glob("*-linux-gnu*/ld-linux*.so.*"))]


def _holds(dest: Path, packages: Sequence[str], current: Callable[[Path], bool] | None) -> bool:
    manifest = dest / _MANIFEST
    if not manifest.exists():
        return False
    asked = manifest.read_text("utf-8").split("\n\n", 1)[0].splitlines()
    return set(packages) <= set(asked) and (current is None or current(dest))


def _require_programs() -> None:
    missing = sorted(package for name, package in _NEEDED_PROGRAMS.items() if shutil.which(name) is None)
    if not any(ring.exists() for ring in _KEYRINGS):
        missing.append("debian-archive-keyring")
    if missing:
        raise PackagesUnavailable(
            f"needed to fetch Debian packages and not installed: {', '.join(missing)}; "
            f"install with: sudo apt-get install {' '.join(missing)}"
        )


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that fetches into {path.parent} …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _remove_leftovers(dest: Path) -> None:
    for folder in dest.parent.glob(f".{dest.name}.*"):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def _unpack(archives: Sequence[Path], root: Path, progress: Progress) -> None:
    progress(f"unpacking {len(archives)} packages …")
    root.mkdir()
    for archive in archives:
        done = _run(["dpkg-deb", "--extract", str(archive), str(root)], timeout=300)
        if done.returncode != 0:
            raise PackagesUnavailable(f"{archive.name} cannot be unpacked: {_last_line(done.stderr)}")
        archive.unlink()


def _drop(root: Path, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


class _Apt:
    """A private APT root below a folder, with one suite as its only source."""

    def __init__(self, folder: Path, suite: str) -> None:
        self._folder = folder
        self._suite = suite
        self._own_suite = suite == host_suite()
        self._archives = folder / "cache" / "archives"
        for part in ("state/lists/partial", "cache/archives/partial", "etc", "log"):
            (folder / part).mkdir(parents=True)
        (folder / "state/status").touch()
        (folder / "sources.list").write_text(self._sources(), "utf-8")
        (folder / "apt.conf").write_text(self._configuration(), "utf-8")

    def download(self, packages: Sequence[str], progress: Progress) -> list[Path]:
        """Download the packages and what they need; return the archives."""
        progress(f"reading the package list of Debian {self._suite} …")
        self._apt_get(["update"], _UPDATE_SECONDS)
        wanted = ["install", "--yes", "--no-install-recommends", "--reinstall", *packages]
        listed = self._apt_get([*wanted, "--print-uris"], _UPDATE_SECONDS)
        sizes = [int(size) for size in re.findall(r"^'[^']+' \S+ (\d+)", listed, re.MULTILINE)]
        progress(f"downloading {len(sizes)} packages, {sum(sizes) / 1e6:.0f} MB …")
        self._apt_get([*wanted, "--download-only"], _DOWNLOAD_SECONDS)
        archives = sorted(self._archives.glob("*.deb"))
        if self._own_suite:
            archives = [archive for archive in archives if not archive.name.startswith(_HOST_PROVIDES)]
        return archives

    def _apt_get(self, words: Sequence[str], timeout: float) -> str:
        # APT asks questions in the machine's language and reads the machine's APT_CONFIG first.
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "APT_CONFIG": str(self._folder / "apt.conf")}
        done = _run(["apt-get", *words], timeout=timeout, env=environment)
        # `update` ends with 0 after a failed download and says so in a warning only.
        failed = done.returncode != 0 or (words[0] == "update" and "Failed to fetch" in done.stderr)
        if failed:
            raise PackagesUnavailable(
                f"apt-get {words[0]} for Debian {self._suite} failed: {_last_line(done.stderr)}; "
                "check the network and the mirror with: sudo apt-get update"
            )
        return done.stdout

    def _sources(self) -> str:
        keyring = next(ring for ring in _KEYRINGS if ring.exists())
        own = host_suite()
        sources = _machine_sources(own)
        if not self._own_suite:
            sources = [_Source(source.uri, self._suite) for source in sources if source.suite == own][:1]
        if not sources:
            raise PackagesUnavailable(
                f"the machine's APT sources name no Debian mirror for {own}; see /etc/apt/sources.list.d"
            )
        return "".join(f"deb [signed-by={keyring}] {source.uri} {source.suite} main\n" for source in sources)

    def _configuration(self) -> str:
        # The machine's own hooks must not run, but its proxy and transport settings must be kept.
        dump = _run(["apt-config", "dump"], timeout=30).stdout.splitlines()
        transport = [line for line in dump if re.match(r"Acquire::(http|https|Retries|Force|Proxy)", line)]
        status = Path("/var/lib/dpkg/status") if self._own_suite else self._folder / "state/status"
        settings = {
            "Dir::Etc::main": "-",
            "Dir::Etc::parts": "-",
            "Dir::Etc::preferences": "-",
            "Dir::Etc::preferencesparts": "-",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::sourcelist": self._folder / "sources.list",
            "Dir::State": self._folder / "state",
            "Dir::State::status": status,
            "Dir::Cache": self._folder / "cache",
            "Dir::Cache::archives": self._archives,
            "Dir::Log": self._folder / "log",
            "Acquire::Check-Valid-Until": "false",  # a mirror may lag
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "",  # the private folder is closed to APT's own user
        }
        return "\n".join((*transport, *(f'{name} "{value}";' for name, value in settings.items()))) + "\n"


def _machine_sources(own: str) -> list[_Source]:
    """Return the sources that the machine's APT uses for its own Debian.

    `update --print-uris` answers without downloaded package lists, `indextargets` does not.
    """
    done = _run(["apt-get", "update", "--print-uris"], timeout=60)
    found = re.findall(r"^'([^']+)/dists/([^']+)/InRelease'", done.stdout, re.MULTILINE)
    return [_Source(uri, suite) for uri, suite in found if suite.split("-")[0] == own]


def _run(
    command: Sequence[str], *, timeout: float, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=env,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as expired:
        raise PackagesUnavailable(
            f"{' '.join(command[:2])} did not finish within {timeout:.0f} s; check the network and try again"
        ) from expired


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E:")]
    return (errors or lines or ["no message"])[-1]
