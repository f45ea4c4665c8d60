"""What the pages of figures need from the rest of the service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from desk.branches import Branches
from domain.staff import StaffStore
from recording.recordings import Recording
from reporting.asking import Figures
from reporting.channels import ChannelCounts
from web.figure_file import FigureFile


class CallRecordings(Protocol):
    """Finds the recordings of a call."""

    async def of_call(self, call_id: str) -> Sequence[Recording]:
        """Return them. Raises recording.ports.RecordingsUnavailable."""
        ...


class MakesFiles(Protocol):
    """Makes files of figures."""

    async def made(self, job: FigureFile) -> BinaryIO:
        """Return the file, open, without a name any more.

        Raises reporting.asking.NotAsked: more lines than a file may have, or no such question;
        FiguresUnavailable; web.figure_file.FileNotMade.
        """
        ...


@dataclass(frozen=True, slots=True)
class FigurePort:
    """Given to `add_figure_routes`."""

    figures: Figures
    channels: ChannelCounts
    people: StaffStore
    recordings: CallRecordings
    branches: Branches
    queues: Callable[[], Sequence[str]]  # of the tables in force
    campaigns: Callable[[], Awaitable[Mapping[str, str]]]  # campaign id → title
    files: MakesFiles
