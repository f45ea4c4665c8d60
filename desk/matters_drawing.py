"""Writes docs/desk/matters: each state table as a diagram and as a table.

`python -m desk.matters_drawing docs/desk/matters` writes it anew.
"""

import sys
from pathlib import Path

from acd.drawing import page
from desk.cases import CASE
from desk.complaint_steps import COMPLAINT
from desk.promises import PROMISE
from desk.requests import REQUEST

MACHINES = (CASE, COMPLAINT, PROMISE, REQUEST)


def pages() -> dict[str, str]:
    """Return file name → content of everything in docs/desk/matters."""
    return {f"{machine.name}.md": "\n".join(page(machine)) for machine in MACHINES}


def write(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
