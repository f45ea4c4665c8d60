"""Which prompts are used, judged by the files that name them."""

import re
from collections.abc import Iterable
from pathlib import Path

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_ENDINGS = {".yaml", ".py", ".conf"}


def names_used(folders: Iterable[Path]) -> frozenset[str]:
    """Every word below these folders that could name a prompt. Raises OSError for an unreadable file."""
    found: set[str] = set()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in _ENDINGS:
                found.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(found)
