"""Writes docs/acd: each state table as a diagram and as a table. `python -m acd.drawing FOLDER` writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from acd.machine import Machine
from acd.states import MACHINES


def pages() -> dict[str, str]:
    """Return file name → content of everything in docs/acd."""
    contents = ["# States of agents, calls, offers and wrap-up", "", "Generated from `acd/states.py`.", ""]
    contents += [f"- [{machine.name}]({machine.name}.md): {machine.about}" for machine in MACHINES]
    found = {"README.md": "\n".join([*contents, ""])}
    for machine in MACHINES:
        found[f"{machine.name}.md"] = "\n".join(page(machine))
    return found


def page(machine: Machine) -> Iterator[str]:
    """Yield the lines of a machine's page: its diagram, its states and events, what is ignored and why."""
    yield from (f"# {machine.name}", "", machine.about, "", "```mermaid", "stateDiagram-v2")
    yield f"  [*] --> {machine.start}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), following in machine.moves.items():
        arrows.setdefault((state, following), []).append(event)
    for (state, following), events in arrows.items():
        yield f"  {state} --> {following}: {' / '.join(events)}"
    yield from ("```", "", "| State | Meaning |", "|---|---|")
    yield from (f"| {state} | {meaning} |" for state, meaning in machine.states.items())
    yield from ("", "| Event | Meaning | Leads from → to |", "|---|---|---|")
    for event, meaning in machine.events.items():
        ways = [f"{state} → {to}" for (state, named), to in machine.moves.items() if named == event]
        yield f"| {event} | {meaning} | {'<br>'.join(ways)} |"
    yield from ("", "| Ignored on purpose | In | Because |", "|---|---|---|")
    for event, (states, reason) in machine.ignored.items():
        inside = ", ".join(state for state in machine.states if state in states)
        yield f"| {event} | {inside} | {reason} |"
    yield ""


def write(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
