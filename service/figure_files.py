"""Files of figures on their way out: made by a process of their own, few at once, nameless afterwards."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from domain.ids import new_id
from reporting.asking import FiguresUnavailable, NotAsked
from service.apart import run_apart
from service.figure_file_process import Job, Told
from service.secrets import MASTER_KEY
from service.settings import Settings
from web.figure_file import FigureFile, FileNotMade

PROCESS = "service.figure_file_process"
WITHIN = 600.0  # seconds for one file
AT_ONCE = 2  # files that are made; each may take a core for a minute

log = structlog.get_logger("kring.figures")


class FigureFiles:
    """A `web.figure_port.MakesFiles` with a private folder."""

    def __init__(self, folder: Path, settings: Settings, within: float = WITHIN) -> None:
        """`within`: seconds for one file. What a service that was killed left in the folder goes."""
        self._folder, self._within = folder, within
        self._database, self._key = settings.database, str(settings.secrets_folder / MASTER_KEY)
        self._making = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)

    async def made(self, job: FigureFile) -> BinaryIO:
        """Return the file, open. Raises NotAsked, FiguresUnavailable, FileNotMade."""
        if self._making >= AT_ONCE:
            raise FileNotMade("busy")
        self._making += 1
        place = self._folder / new_id()  # of its own: the writer puts parts beside the file
        path = place / f"figures.{job.form}"
        try:
            place.mkdir(mode=0o700)
            told = await self._told(job, path)
            if told.refused:
                raise NotAsked(told.refused, told.field)
            if told.unavailable:
                raise FiguresUnavailable(told.unavailable)
            return await asyncio.to_thread(path.open, "rb")
        except TimeoutError as error:
            raise FileNotMade("slow") from error
        except (OSError, msgspec.DecodeError) as error:
            log.warning("a file of figures could not be made", kind=type(error).__name__)
            raise FileNotMade("failed") from error
        finally:
            self._making -= 1
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    async def _told(self, job: FigureFile, path: Path) -> Told:
        given = await asyncio.to_thread(msgspec.json.encode, Job(job, self._database, self._key))
        # What it says in trouble may quote names: it is not heard.
        code, told = await run_apart(PROCESS, str(path), given=given, within=self._within, silent=True)
        if code != 0:
            raise OSError(f"the process ended with {code}")
        return msgspec.json.decode(told, type=Told)
