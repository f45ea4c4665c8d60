"""Writes docs/dialer: state tables as diagrams and tables. `python -m dialer.drawing FOLDER` writes it."""

import sys
from pathlib import Path

from acd.drawing import page
from dialer.engine_states import MACHINES


def pages() -> dict[str, str]:
    """Return file name → content of everything in docs/dialer."""
    contents = ["# States of attempts and of the engine", "", "Generated from `dialer/engine_states.py`.", ""]
    contents += [f"- [{machine.name}]({machine.name}.md): {machine.about}" for machine in MACHINES]
    found = {"README.md": "\n".join([*contents, ""])}
    return found | {f"{machine.name}.md": "\n".join(page(machine)) for machine in MACHINES}


def write(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
