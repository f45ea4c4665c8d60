"""Lays the tables that were set here down below the home folder, for every process to read."""

from collections.abc import Callable
from pathlib import Path

from domain.own_tables import FOLDER
from service.config_kinds import FILE_KINDS, FileKind
from storage.changes import DurableChanges
from web.config_port import ConfigRefused


def lay_down_tables(home: Path, changes: DurableChanges, say: Callable[[str], None]) -> list[str]:
    """Write what was set, remove what is as shipped again; return kinds that could not be used. Blocking.

    A text that this version of the product no longer takes is left out, and the shipped one serves: callers
    must be served. `say` is told, and `kring doctor` tells. Raises DatabaseProblem, VaultProblem, OSError.
    """
    folder = home / FOLDER
    texts = {
        kind: text
        for kind, (_, text) in changes.own_texts_now().items()
        if text is not None and kind in FILE_KINDS
    }
    unusable = [kind for kind, text in texts.items() if not _fits(FILE_KINDS[kind], text, texts)]
    for kind in unusable:
        file = FILE_KINDS[kind].file
        say(f"{file}: what was set does not fit this version; the shipped table serves instead")
    wanted = {FILE_KINDS[kind].file: text for kind, text in texts.items() if kind not in unusable}
    for path in folder.glob("*/*"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for file, text in wanted.items():
        path = folder / file
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)  # whoever reads finds the one or the other, whole
    return unusable


def _fits(kind: FileKind, text: str, texts: dict[str, str]) -> bool:
    beside = {
        FILE_KINDS[name].path.name: other
        for name, other in texts.items()
        if FILE_KINDS[name].path.parent == kind.path.parent
    }
    try:
        kind.check(text, beside)
    except ConfigRefused:
        return False
    return True
