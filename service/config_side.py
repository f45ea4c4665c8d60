"""Settings in the running service: every kind of table joined with its store, and their pages."""

from dataclasses import dataclass
from functools import partial

from domain.clock import Clock
from domain.staff import StaffStore
from service.checkup_watch import LOOK_EVERY, CheckupWatch
from service.config_office import TableOffice
from service.config_sources import make_sources
from service.prompt_side import PromptSide, make_prompts
from service.set_up import Prepared
from service.tree import Loop
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from storage.changes import DurableChanges
from storage.database import Database
from storage.quality_forms import DurableForms
from storage.recording_policies import DurablePolicies
from storage.vault import Vault
from web.app import Area
from web.checkup_routes import add_checkup_routes
from web.config_desk import ConfigPort
from web.config_routes import add_config_routes


@dataclass(frozen=True, slots=True)
class ConfigSide:
    """Settings, made."""

    office: TableOffice
    people: StaffStore
    watch: CheckupWatch
    prompts: PromptSide

    def areas(self) -> list[Area]:
        """Return what adds the pages, and the checks of the installation to the status page."""
        return [
            *self.prompts.areas(),
            partial(add_config_routes, port=ConfigPort(self.office, self.people)),
            partial(add_checkup_routes, checkup=self.watch),
        ]

    def loops(self) -> list[Loop]:
        """Return what runs every now and then, for the service's tree."""
        return [Loop("checkup", LOOK_EVERY, self.watch.round), *self.prompts.loops()]


def make_config(
    prepared: Prepared, database: Database, vault: Vault, clock: Clock, people: StaffStore
) -> ConfigSide:
    """Return settings on an open database."""
    watch, office = CheckupWatch(prepared.settings, clock), make_office(database, vault, clock)
    return ConfigSide(office, people, watch, make_prompts(prepared, database, clock, people))


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
