"""What the pages of lists stand on, and what every route of theirs does first."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fastapi import HTTPException

from dialer.imports import Imports, Progress
from dialer.lists import ListState, ListStore, RefusedRow, TaxpayerList
from domain.audit import AuditRow
from domain.staff import StaffStore, StaffUnavailable
from web.list_uploads import Uploads
from web.outcome_port import OutcomeImports
from web.parts import Shared
from web.rendering import WIB
from web.visitor import Visitor

REFUSED_PAGE = 100  # rows of a page
_BATCH = 2_000  # rows read at a time for a download


class ListEvent(Protocol):
    """Something that was done with a list."""

    @property
    def at(self) -> datetime:
        """Return when; aware."""
        ...

    @property
    def who(self) -> str:
        """Return by whom: a staff_id, or `cli:NAME`."""
        ...

    @property
    def what(self) -> str:
        """Return a word: begun, loaded, failed, approved, withdrawn, exported."""
        ...


class ListRecords(Protocol):
    """Knows what belongs to a list beside it. Every method raises KeyError and ListsUnavailable."""

    async def header(self, list_id: str) -> Sequence[str]:
        """Return what stood above the columns of its file, in the order of `RefusedRow.cells`."""
        ...

    async def history(self, list_id: str) -> Sequence[ListEvent]:
        """Return what was done with it, oldest first."""
        ...

    async def note_export(self, list_id: str, by: str, at: datetime) -> None:
        """Put on record that somebody took its refused rows out."""
        ...


@dataclass(frozen=True, slots=True)
class ListPort:
    """Given to `add_list_routes`."""

    lists: ListStore
    imports: Imports
    records: ListRecords
    people: StaffStore
    outcomes: OutcomeImports | None = None  # None: who has filed or paid is told by other ways only


class ListDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: ListPort) -> None:
        self.shared, self.port = shared, port
        self.uploads = Uploads(port.imports.uploads, shared.clock.monotonic)

    def close(self) -> None:
        """Remove what is on its way: the service stops."""
        self.uploads.close()

    def today(self) -> date:
        """Return the office's day."""
        return self.shared.clock.now().astimezone(WIB).date()

    async def found(self, list_id: str) -> TaxpayerList:
        """Return a list. Raises HTTPException 404."""
        try:
            return await self.port.lists.get(list_id)
        except KeyError as error:
            raise HTTPException(404, "lists.no_such_list") from error

    async def progress(self, one: TaxpayerList) -> Progress:
        """Return how far the reading of a list is."""
        try:
            return await self.port.imports.progress(one.list_id)
        except KeyError:
            return Progress(one.list_id, one.state, one.counts.read, one.counts.read, one.counts)

    async def names(self) -> Mapping[str, str]:
        """Return staff_id → name. Raises HTTPException 503."""
        try:
            return {one.staff_id: one.display_name for one in await self.port.people.all()}
        except StaffUnavailable:
            raise HTTPException(503, "sign_in.unavailable") from None

    async def audit(
        self, visitor: Visitor, act: str, subject: str, outcome: str = "done", **data: str
    ) -> None:
        """Put an act on the trail, before it is done. Raises AuditUnavailable."""
        who = visitor.staff.staff_id
        await self.shared.audit.record(
            AuditRow(self.shared.clock.now(), who, act, subject, "", outcome, data)
        )

    async def refused(self, list_id: str) -> AsyncIterator[Sequence[RefusedRow]]:
        """Yield every row that was not accepted, in batches."""
        after = 0
        while rows := await self.port.lists.refused(list_id, after, _BATCH):
            yield rows
            after = rows[-1].row


def may_be_approved(one: TaxpayerList, visitor: Visitor) -> bool:
    """Whether this visitor may be the second person; the permission is asked apart."""
    return one.state is ListState.LOADED and one.loaded_by != visitor.staff.staff_id
