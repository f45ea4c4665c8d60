"""Settings in the running service: every kind of table joined with its store, and their pages."""

from dataclasses import dataclass
from functools import partial

from domain.clock import Clock
from domain.staff import StaffStore
from service.config_office import TableOffice
from service.config_sources import make_sources
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from storage.changes import DurableChanges
from storage.database import Database
from storage.quality_forms import DurableForms
from storage.recording_policies import DurablePolicies
from storage.vault import Vault
from web.app import Area
from web.config_desk import ConfigPort
from web.config_routes import add_config_routes


@dataclass(frozen=True, slots=True)
class ConfigSide:
    """Settings, made."""

    office: TableOffice
    people: StaffStore

    def areas(self) -> list[Area]:
        """Return what adds the pages."""
        return [partial(add_config_routes, port=ConfigPort(self.office, self.people))]


def make_config(database: Database, vault: Vault, clock: Clock, people: StaffStore) -> ConfigSide:
    """Return settings on an open database."""
    return ConfigSide(make_office(database, vault, clock), people)


def make_office(database: Database, vault: Vault, clock: Clock) -> TableOffice:
    """Return what reads and changes the tables, for the pages and for the command line."""
    changes = DurableChanges(database, vault)
    sources = make_sources(
        changes,
        CalendarOverrides(database),
        AcdTables(database, vault),
        DurableForms(database, clock),
        DurablePolicies(database),
        clock,
    )
    return TableOffice(sources, changes, vault, clock)
