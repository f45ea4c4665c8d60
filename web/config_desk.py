"""What the routes of settings share: the office, names of people, refusals, the trail."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import HTTPException, Request

from domain.audit import AuditRow
from domain.staff import StaffStore, StaffUnavailable
from web.config_models import MistakeView
from web.config_port import ChangedMeanwhile, ConfigOffice, ConfigUnavailable, Mistake, NothingChanged
from web.guard import visitor_of
from web.parts import Shared
from web.sentences import Sentences

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConfigPort:
    """What the routes of settings need from the rest of the service."""

    office: ConfigOffice
    people: StaffStore


class ConfigDesk:
    """One for all routes."""

    def __init__(self, shared: Shared, port: ConfigPort) -> None:
        self.shared, self.office, self._people = shared, port.office, port.people
        self._mistakes = Sentences(shared.render.texts, "mistake.")
        self._said = Sentences(shared.render.texts, "table_said.")

    async def names(self) -> Mapping[str, str]:
        """Return staff_id → user name."""
        try:
            return {one.staff_id: one.user_name for one in await self._people.all()}
        except StaffUnavailable:
            raise HTTPException(503, "sign_in.unavailable") from None

    def mistakes(self, request: Request, found: Sequence[Mistake]) -> list[MistakeView]:
        """Return mistakes in the language of whoever asks."""
        language = self.shared.render.language(request)
        return [MistakeView.of(one, self._mistakes, language) for one in found]

    def told(self, request: Request, value: str) -> str:
        """Return what a value of the product's own tables says to this reader; empty: nothing more."""
        language = self.shared.render.language(request)
        said = self._said.say(language, value)
        return said.text if language != "en" and said.known and said.text != value else ""

    def who(self, request: Request) -> str:
        """Return who asks, for the record."""
        visitor = visitor_of(request)
        return "cli:service" if visitor.is_service else visitor.staff.staff_id

    async def did(self, request: Request, act: str, subject: str) -> None:
        """Leave a row on the trail, before it is done."""
        row = AuditRow(self.shared.clock.now(), self.who(request), act, subject)
        await self.shared.audit.record(row)


async def kept(work: Awaitable[T], missing: str = "config.no_such_kind") -> T:
    """Wait for work; what goes wrong becomes an answer."""
    try:
        return await work
    except KeyError:
        raise HTTPException(404, missing) from None
    except ChangedMeanwhile:
        raise HTTPException(409, "config.changed_meanwhile") from None
    except NothingChanged:
        raise HTTPException(409, "config.nothing_changed") from None
    except ConfigUnavailable:
        raise HTTPException(503, "config.unavailable") from None
