"""What the routes of notes need from the rest of the service."""

from dataclasses import dataclass

from desk.branches import Branches
from desk.notes import CallFactsReader, Interactions
from domain.directory import TaxpayerDirectory
from reporting.own_day import OwnDays


@dataclass(frozen=True, slots=True)
class NotePort:
    """Given to `add_note_routes`."""

    interactions: Interactions
    branches: Branches
    calls: CallFactsReader
    work: OwnDays
    directory: TaxpayerDirectory  # to find whom a search by NPWP is about
