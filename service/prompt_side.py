"""Prompts in the running service: what callers hear kept fresh, and the pages that change it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from domain.clock import Clock
from domain.staff import StaffStore
from prompts.library import Library
from service.config_prompts import PromptFolder
from service.prompt_force import LOOK_EVERY, PromptsInForce
from service.prompt_looks import PromptLooks
from service.prompt_office import OwnPromptOffice, PromptGround
from service.prompt_voice import PromptVoice
from service.set_up import Prepared
from service.settings import Settings
from service.tree import Loop
from storage.database import Database
from storage.own_prompts import DurableOwnPrompts
from storage.wall_announcements import DurableAnnouncements
from web.app import Area
from web.prompt_change_routes import PromptPort, add_prompt_change_routes
from web.prompt_routes import add_prompt_routes


@dataclass(frozen=True, slots=True)
class PromptSide:
    """Prompts, made."""

    office: OwnPromptOffice
    people: StaffStore
    force: PromptsInForce

    def areas(self) -> list[Area]:
        """Return what adds the pages. They come before `/pengaturan/{kind}`, which takes the rest."""
        return [
            partial(add_prompt_change_routes, port=PromptPort(self.office, self.people)),
            partial(add_prompt_routes, shelf=self.office),
        ]

    def loops(self) -> list[Loop]:
        """Return what runs every now and then, for the service's tree."""
        return [Loop("prompts", LOOK_EVERY, self.force.look)]


def make_prompts(prepared: Prepared, database: Database, clock: Clock, people: StaffStore) -> PromptSide:
    """Return prompts on an open database. What is changed is played by the library of `prepared`."""
    force = PromptsInForce(prepared.library, DurableOwnPrompts(database), prepared.asterisk.sounds)
    office = make_prompt_office(prepared.settings, prepared.library, database, clock, force.look)
    return PromptSide(office, people, force)


def make_prompt_office(
    settings: Settings,
    library: Library,
    database: Database,
    clock: Clock,
    take_up: Callable[[], Awaitable[None]],
) -> OwnPromptOffice:
    """Return what changes prompts, for the pages and for the command line.

    `take_up` puts in force at once what was kept; a running service finds it within a second anyway.
    """
    store = DurableOwnPrompts(database)
    return OwnPromptOffice(
        PromptGround(
            PromptLooks(library, settings.prompts / "audio", store),
            PromptFolder(settings),
            store,
            DurableAnnouncements(database),
            PromptVoice(settings.prompts),
            clock,
            take_up,
        )
    )
