"""Settings in the running service: every kind of table joined with its store, and their pages."""

from dataclasses import dataclass
from functools import partial

from domain.clock import Clock
from domain.staff import StaffStore
from service.checkup_watch import LOOK_EVERY, CheckupWatch
from service.config_office import TableOffice
from service.config_prompts import PromptFolder
from service.config_sources import make_sources
from service.settings import Settings
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
from web.prompt_port import PromptShelf
from web.prompt_routes import add_prompt_routes


@dataclass(frozen=True, slots=True)
class ConfigSide:
    """Settings, made."""

    office: TableOffice
    people: StaffStore
    watch: CheckupWatch
    prompts: PromptShelf

    def areas(self) -> list[Area]:
        """Return what adds the pages, and the checks of the installation to the status page."""
        return [
            partial(
                add_prompt_routes, shelf=self.prompts
            ),  # before `/pengaturan/{kind}`, which takes the rest
            partial(add_config_routes, port=ConfigPort(self.office, self.people)),
            partial(add_checkup_routes, checkup=self.watch),
        ]

    def loops(self) -> list[Loop]:
        """Return what runs every now and then, for the service's tree."""
        return [Loop("checkup", LOOK_EVERY, self.watch.round)]


def make_config(
    settings: Settings, database: Database, vault: Vault, clock: Clock, people: StaffStore
) -> ConfigSide:
    """Return settings on an open database."""
    watch, office = CheckupWatch(settings, clock), make_office(database, vault, clock)
    return ConfigSide(office, people, watch, PromptFolder(settings))


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
