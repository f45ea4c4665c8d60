"""Loads one list: sifts the rows that were taken, writes contacts and refused rows, a batch at a time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dialer.imports import FileFault, FileRefused
from dialer.lists import Counts, RowFate
from dialer.mapping import ColumnMapping, Role
from dialer.rows_sieve import Dropped, Kept, Sieve
from service.list_plan import SheetPlan
from service.list_taking import Taken, TakenRow, place_of
from storage.list_rows import ContactRow, Fault, ListRows, RefusedRowRow, RowPlace
from storage.list_writing import ListWriter

_KEYS = 20_000  # in one commit


@dataclass(slots=True)
class Tally:
    """What became of the rows so far."""

    read: int = 0
    accepted: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def counts(self) -> Counts:
        """Return the sums."""
        rejected, duplicate, suppressed = (
            self.fates[fate.value] for fate in (RowFate.REJECTED, RowFate.DUPLICATE, RowFate.SUPPRESSED)
        )
        return Counts(self.read, self.accepted, rejected, duplicate, suppressed)


class ListLoad:
    """Loads one list. Blocking; raises FileRefused, ListsUnavailable, storage.list_writing.NotLoading."""

    def __init__(
        self,
        list_id: str,
        mapping: ColumnMapping,
        plans: Sequence[SheetPlan],
        sieve: Sieve,
        rows: ListRows,
        writer: ListWriter,
    ) -> None:
        self._list_id = list_id
        columns = plans[0].header.columns  # refused rows of all sheets are kept in their order
        self._places = {role: place_of(role, columns, mapping) for role in (Role.NPWP, Role.NUMBER)}
        self._sieve = sieve
        self._rows = rows
        self._writer = writer

    def run(self, batches: Iterable[Taken]) -> Tally:
        """Write all rows, and at the end their keys; return what became of them."""
        tally = Tally()
        for taken in batches:
            contacts, refused = self._sifted(taken)
            for _, _, _, _, fate, reason, *_ in refused:
                tally.fates[fate] += 1
                tally.reasons[reason] += 1
            tally.read += taken.count
            tally.accepted += len(contacts)
            self._writer.write(contacts, refused, tally.read, self._sieve.next_contact - 1)
        if not tally.read:
            raise FileRefused(FileFault.NO_ROWS)
        for keys in self._sieve.seen.in_order(_KEYS):
            self._writer.write_keys(keys)
        return tally

    def _sifted(self, taken: Taken) -> tuple[list[ContactRow], list[RefusedRowRow]]:
        contacts: list[ContactRow] = []
        refused = list(taken.refused)
        results = self._sieve.sift([row.keyed for row in taken.rows])
        for row, result in zip(taken.rows, results, strict=True):
            if isinstance(result, Kept):
                contacts.append(self._rows.contact_row(self._list_id, result))
            else:
                refused.append(self._dropped(taken, row, result))
        return contacts, refused

    def _dropped(self, taken: Taken, row: TakenRow, dropped: Dropped) -> RefusedRowRow:
        role = Role.NUMBER if dropped.is_number else Role.NPWP
        place = RowPlace(self._list_id, dropped.row, taken.sheet, dropped.row - taken.before)
        fault = Fault(self._places[role], dropped.value, row.cells)
        return self._rows.refused_row(place, dropped.fate, dropped.reason, fault)
