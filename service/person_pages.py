"""Joins people's requests: the book, the part that works on them, the pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from domain.clock import Clock
from recording.persons_table import load_person_table
from recording.ports import Alarms
from service.person_part import PersonPart
from storage.database import Database
from storage.directory import DatabaseDirectory
from storage.person_requests import DurablePersons
from storage.vault import Vault
from web.app import Area
from web.person_port import PersonPort
from web.person_routes import add_person_routes


@dataclass(frozen=True, slots=True)
class PersonSide:
    """People's requests in the service, made by `make_persons`."""

    part: PersonPart  # into the service tree, after the records
    area: Area
    restricted: DurablePersons  # recording.persons.Restricted


def make_persons(database: Database, vault: Vault, alarms: Alarms, clock: Clock, folder: Path) -> PersonSide:
    """Make it. `folder`: of bundles (`bundle_folder`). Raises desk.matter_data.TableProblem."""
    book, table = DurablePersons(database, vault), load_person_table()
    part = PersonPart(book, alarms, clock, table, folder)
    port = PersonPort(book, part, DatabaseDirectory(database, vault), table)
    return PersonSide(part, partial(add_person_routes, port=port), book)
