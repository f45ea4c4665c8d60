"""Where the Asterisk program is: the machine's own, or one unpacked from Debian."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import debian

LEAST_VERSION = (22, 10, 1)  # earlier ones let a read-only ARI user write (GHSA-wcvv)
SUITE = "forky"  # the first Debian suite with Asterisk 22
PACKAGES = ("asterisk",)
# Parts of what the packages depend on that no module in modules.conf touches.
_UNUSED = (
    "usr/share/asterisk/conf",
    "usr/share/asterisk/firmware",
    "usr/share/asterisk/phoneprov",
    "usr/share/asterisk/sounds",
    "usr/share/asterisk/static-http",
    "usr/share/perl*",
    "usr/share/misc",
    "usr/share/bug",
    "usr/lib/*/perl*",
    "usr/lib/*/libperl.so*",
    "usr/lib/*/libcodec2.so*",
    "usr/lib/*/libnetsnmp*",
    "usr/lib/*/libicudata.so*",
    "usr/lib/*/libicui18n.so*",
    "usr/lib/*/gconv",
    "usr/bin",
    "etc",
    "var",
)
_NEEDED_MODULES = Path(__file__).parent / "templates" / "modules.conf"


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """A startable Asterisk."""

    argv: tuple[str, ...]  # the words before Asterisk's own options
    env: Mapping[str, str]
    version: str
    modules: Path  # folder of *.so
    data: Path  # folder of documentation/ and rest-api/


def find_asterisk(cache: Path, progress: debian.Progress = print) -> AsteriskProgram:
    """Return the Asterisk on PATH if it is new enough, else the fetched one; fetch it if needed.

    Raises debian.PackagesUnavailable.
    """
    return _on_path() or _fetched(cache, progress)


def root(cache: Path) -> Path:
    """Return the folder of the fetched Asterisk."""
    return cache / f"asterisk-{SUITE}"


def _on_path() -> AsteriskProgram | None:
    found = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        return None
    version = _version((found,), {})
    program = Path(found).resolve()
    modules = next(
        (
            folder
            for pattern in ("lib/asterisk/modules", "lib/*/asterisk/modules", "lib64/asterisk/modules")
            for folder in program.parents[1].glob(pattern)
        ),
        None,
    )
    if modules is None or version_numbers(version) < LEAST_VERSION:
        return None
    shared = (program.parents[1] / "share/asterisk", Path("/var/lib/asterisk"))
    data = next((folder for folder in shared if (folder / "documentation").is_dir()), shared[0])
    return AsteriskProgram((found,), {}, version, modules, data)


def _fetched(cache: Path, progress: debian.Progress) -> AsteriskProgram:
    unpacked = debian.fetch(
        PACKAGES, SUITE, root(cache), drop=_UNUSED, check=_check, current=_is_current, progress=progress
    )
    return _program(unpacked)


def _program(unpacked: Path) -> AsteriskProgram:
    tool = debian.tool_command(unpacked, "usr/sbin/asterisk")
    # Channel variables can read Asterisk's environment: it gets nothing of ours.
    environment = {name: value for name, value in tool.env.items() if name == "LD_LIBRARY_PATH"}
    version = _version(tool.argv, environment)
    return AsteriskProgram(
        tool.argv, environment, version, _modules(unpacked), unpacked / "usr/share/asterisk"
    )


def _modules(unpacked: Path) -> Path:
    return next((unpacked / "usr/lib").glob("*/asterisk/modules"))


def _needed_modules() -> set[str]:
    return set(re.findall(r"^load = (\S+)", _NEEDED_MODULES.read_text("utf-8"), re.MULTILINE))


def _is_current(unpacked: Path) -> bool:
    """Tell whether a folder fetched earlier has the modules that are needed today."""
    return _needed_modules() <= {module.name for module in _modules(unpacked).glob("*.so")}


def _check(unpacked: Path) -> None:
    """Refuse an Asterisk that is too old or incomplete, and drop the modules that are not needed."""
    program = _program(unpacked)
    if version_numbers(program.version) < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        raise debian.PackagesUnavailable(
            f"Debian {SUITE} offers Asterisk {program.version or '(unknown)'}, older than {least}; "
            "the mirror lags: try again later or install Asterisk yourself"
        )
    needed = _needed_modules()
    missing = sorted(name for name in needed if not (program.modules / name).exists())
    if missing:
        raise debian.PackagesUnavailable(f"the fetched Asterisk lacks the modules {', '.join(missing)}")
    for module in program.modules.glob("*.so"):
        if module.name not in needed:
            module.unlink()


def _version(argv: tuple[str, ...], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        [*argv, "-V"], check=False, capture_output=True, text=True, timeout=30, env=dict(env)
    )
    return done.stdout.removeprefix("Asterisk").strip()


def version_numbers(version: str) -> tuple[int, ...]:
    """Return `22.10.1+dfsg…` as (22, 10, 1); empty when it is no version."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
