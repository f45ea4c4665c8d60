"""Takes up changed flows: new calls follow them, running calls keep theirs, a broken file is refused."""

import asyncio
from pathlib import Path

import structlog

from call_flows.book import read_folder
from ivr.shelf import FlowShelf
from service.tree import Loop

log = structlog.get_logger("kring.flows")

Seen = tuple[tuple[str, int, int], ...]


class FlowFolder:
    """Watches the folder of the flows by looking: it works on every file system and editor."""

    def __init__(self, folder: Path, shelf: FlowShelf) -> None:
        self._folder = folder
        self._shelf = shelf
        self._seen = self._look()
        self._problems: tuple[str, ...] = ()

    def part(self, every: float) -> Loop:
        """Return the part of the service that looks every so many seconds."""
        return Loop("flow-folder", every, self.look)

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the files in the folder; the flows in force are the ones before."""
        return self._problems

    async def look(self) -> None:
        """Offer the folder's files to the shelf if any of them changed."""
        seen = self._look()
        if seen == self._seen:
            return
        before = self._shelf.current.version
        files = await asyncio.get_running_loop().run_in_executor(None, read_folder, self._folder)
        found = await self._shelf.offer(files)
        self._seen = seen
        self._problems = tuple(str(problem) for problem in found)
        for problem in self._problems:
            log.error("changed flows are refused; the ones before stay in force", problem=problem)
        if self._shelf.current.version != before:
            log.info("new calls follow the changed flows", flow_version=self._shelf.current.version)

    def _look(self) -> Seen:
        found = []
        for path in sorted(self._folder.glob("*.yaml")):
            try:
                status = path.stat()
            except FileNotFoundError:  # an editor replaces it at this moment
                continue
            found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)
