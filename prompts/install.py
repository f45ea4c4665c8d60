"""Committed WAV files laid out for Asterisk in the codecs of its trunks.

Asterisk plays the file whose ending is the channel's codec without transcoding, so each sound is
laid down as A-law (the national trunks) and µ-law.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

from prompts.errors import PromptError
from prompts.g711 import to_alaw, to_ulaw
from prompts.wav import Samples, decoded, read

STAMP = "installed.sha256"
_ENCODERS = {".alaw": to_alaw, ".ulaw": to_ulaw}
_LAYOUT = b"2"  # part of the stamp: a new way of encoding lays all files down again


def install(files: Mapping[str, Path], target: Path) -> int:
    """Encode WAV files (key → path) as `target/<key>.alaw` and `.ulaw`.

    Does nothing when the stamp in `target` shows that the same bytes are in place. Each file is
    replaced whole, so that a playing Asterisk reads either the old or the new one; files of sounds
    that no longer exist are removed. Returns the number of sounds written. Raises PromptError for a
    file that is not 8 kHz 16-bit mono.
    """
    stamp = target / STAMP
    wanted = _digest(files)
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return 0
    stamp.unlink(missing_ok=True)
    for key, path in files.items():
        _lay(target, key, read(path))
    _sweep(target, files)
    _replace(stamp, wanted.encode("ascii"))
    return len(files)


def install_own(wavs: Mapping[str, Callable[[], bytes]], target: Path) -> int:
    """Encode sounds of an installation's own (file → what gives its WAV) that do not lie below `target` yet.

    Each version has a file of its own, so nothing that is there is touched. Returns the number of sounds
    written. Raises PromptError, and what a giver raises.
    """
    missing = [key for key in wavs if not all((target / f"{key}{ending}").exists() for ending in _ENCODERS)]
    for key in missing:
        _lay(target, key, decoded(io.BytesIO(wavs[key]()), key))
    return len(missing)


def sweep_own(target: Path, wanted: Collection[str], before: float) -> int:
    """Remove own sounds that are not wanted and were laid down before a time (epoch seconds)."""
    old = [
        path
        for ending in _ENCODERS
        for path in target.rglob(f"*{ending}")
        if path.relative_to(target).with_suffix("").as_posix() not in wanted and path.stat().st_mtime < before
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _lay(target: Path, key: str, samples: Samples) -> None:
    for ending, encode in _ENCODERS.items():
        _replace(target / f"{key}{ending}", encode(np.ascontiguousarray(samples)))


def _digest(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256(_LAYOUT)
    for key in sorted(files):
        digest.update(key.encode())
        try:
            digest.update(hashlib.sha256(files[key].read_bytes()).digest())
        except OSError as error:
            raise PromptError(f"{files[key].name}: {error.strerror}") from error
    return digest.hexdigest()


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _sweep(target: Path, files: Mapping[str, Path]) -> None:
    for ending in _ENCODERS:
        for path in target.rglob(f"*{ending}"):
            if path.relative_to(target).with_suffix("").as_posix() not in files:
                path.unlink()
