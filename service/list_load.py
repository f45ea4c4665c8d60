"""Loads one list: reads its rows, sifts them, writes contacts and refused rows, a batch at a time."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from dialer.imports import FileFault, FileKind, FileRefused
from dialer.lists import Counts, RefusedRow, RowFate, RowReason
from dialer.mapping import ColumnMapping, MappingFault, MappingRefused, Role
from dialer.mapping_guess import check
from dialer.rows import ReadRow, Refusal, RowRules
from dialer.rows_cells import Cell, as_text
from dialer.rows_ids import IdSigns, marked
from dialer.rows_sieve import Dropped, Kept, Sieve
from dialer.rows_tables import ListWords, Places
from domain.masking import HIDDEN
from service.list_reading import BadRow, Header, Rows, TableFile, find_header
from storage.list_rows import ContactRow, ListRows, RefusedRowRow
from storage.list_writing import ListWriter

BATCH = 4000  # rows; on SQLite about 50 ms of writing
_KEYS = 20_000  # in one commit
_SIGNS_ROWS = 20_000  # of a workbook's sheet, by which its numbers of taxpayers are judged


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """A sheet that will be read."""

    index: int  # in the file
    name: str
    header: Header


@dataclass(slots=True)
class Tally:
    """What became of the rows so far."""

    read: int = 0
    accepted: int = 0
    fates: Counter[RowFate] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def counts(self) -> Counts:
        """Return the sums."""
        return Counts(
            self.read,
            self.accepted,
            self.fates[RowFate.REJECTED],
            self.fates[RowFate.DUPLICATE],
            self.fates[RowFate.SUPPRESSED],
        )


def plan(table: TableFile, mapping: ColumnMapping) -> Sequence[SheetPlan]:
    """Return the sheets to read: those asked for, or all with the mapped columns.

    Raises FileRefused, MappingRefused.
    """
    names = list(table.sheets)
    for name in mapping.sheets:
        if name not in names:
            raise MappingRefused(MappingFault.NO_SUCH_SHEET, name)
    wanted = [name for name in names if not mapping.sheets or name in mapping.sheets]
    plans: list[SheetPlan] = []
    refused: FileRefused | MappingRefused | None = None
    for name in wanted:
        index = names.index(name)
        try:
            header = find_header(table.rows(index))
            check(mapping, header.columns)
        except (FileRefused, MappingRefused) as error:
            if mapping.sheets:
                raise
            # A sheet of notes beside the lists is no reason to refuse the others.
            refused = refused or error
            continue
        plans.append(SheetPlan(index, name, header))
    if not plans:
        raise refused or FileRefused(FileFault.EMPTY)
    return plans


def about(table: TableFile, plans: Sequence[SheetPlan]) -> int:
    """Return about how many rows there are, 0 if that is not known."""
    each = [table.about(one.index) - one.header.row for one in plans]
    return sum(each) if all(rows > 0 for rows in each) else 0


class ListLoad:
    """Loads one list. Blocking; raises FileRefused, ListsUnavailable, storage.list_writing.NotLoading."""

    def __init__(
        self,
        list_id: str,
        mapping: ColumnMapping,
        places: Places,
        words: ListWords,
        sieve: Sieve,
        rows: ListRows,
        writer: ListWriter,
    ) -> None:
        self._list_id = list_id
        self._mapping = mapping
        self._places = places
        self._words = words
        self._sieve = sieve
        self._rows = rows
        self._writer = writer
        self._tally = Tally()
        self._before = 0  # rows of the sheets before

    def run(self, table: TableFile, plans: Sequence[SheetPlan]) -> Tally:
        """Read all sheets; return what became of their rows."""
        for number, one in enumerate(plans):
            self._sheet(table, number, one)
        if not self._tally.read:
            raise FileRefused(FileFault.NO_ROWS)
        for keys in self._sieve.seen.in_order(_KEYS):
            self._writer.write_keys(keys)
        return self._tally

    def _sheet(self, table: TableFile, number: int, one: SheetPlan) -> None:
        signs, rows = self._signs(table, one)
        rules = RowRules(one.header.columns, self._mapping, self._places, self._words, rounded=signs.rounded)
        batch = _Batch(self._list_id, number, one, self._before)
        last = one.header.row
        while some := list(islice(rows, BATCH)):
            last = some[-1][0]
            self._batch(batch, rules, some)
        self._before += last

    def _signs(self, table: TableFile, one: SheetPlan) -> tuple[IdSigns, Rows]:
        """Return what the numbers of taxpayers show together, and the rows below the header.

        Of text all are looked at first: any of them may have gone through a spreadsheet. In a workbook the
        spreadsheet itself says which cells it keeps as text; a sample shows whether those were whole.
        """
        columns = one.header.columns
        place = next(at for at, column in enumerate(columns) if self._role(column) is Role.NPWP)
        from_cells = table.kind is not FileKind.CSV
        signs = IdSigns(from_cells)
        rows = _below(table.rows(one.index), one.header.row)
        if not from_cells:
            _look_at(signs, rows, place)
            return signs, _below(table.rows(one.index), one.header.row)
        first = list(islice(rows, _SIGNS_ROWS))
        _look_at(signs, first, place)
        return signs, _chained(first, rows)

    def _role(self, column: str) -> Role:
        use = self._mapping.columns.get(column)
        return Role.IGNORED if use is None else use.role

    def _batch(
        self, batch: "_Batch", rules: RowRules, some: Sequence[tuple[int, Sequence[Cell] | BadRow]]
    ) -> None:
        read: list[ReadRow] = []
        cells_of: dict[int, Sequence[Cell]] = {}
        refused: list[RefusedRowRow] = []
        count = 0
        for row, cells in some:
            if isinstance(cells, BadRow):
                bad = Refusal(row, cells.reason, -1, HIDDEN)
                refused.append(self._refused(batch, bad, cells.cells))
                count += 1
                continue
            if not any(cells):
                continue
            count += 1
            result = rules.read(row, cells)
            if isinstance(result, Refusal):
                refused.append(self._refused(batch, result, cells))
            else:
                cells_of[row] = cells
                read.append(result)
        contacts = self._sifted(batch, read, cells_of, refused)
        self._tally.read += count
        self._tally.accepted += len(contacts)
        self._writer.write(contacts, refused, self._tally.read, self._sieve.next_contact - 1)

    def _sifted(
        self,
        batch: "_Batch",
        read: Sequence[ReadRow],
        cells_of: dict[int, Sequence[Cell]],
        refused: list[RefusedRowRow],
    ) -> list[ContactRow]:
        contacts: list[ContactRow] = []
        for result in self._sieve.sift(read):
            if isinstance(result, Kept):
                if batch.before:
                    result = replace(result, read=replace(result.read, row=batch.before + result.read.row))
                contacts.append(self._rows.contact_row(self._list_id, result))
            else:
                refused.append(self._dropped(batch, result, cells_of[result.row]))
        return contacts

    def _dropped(self, batch: "_Batch", dropped: Dropped, cells: Sequence[Cell]) -> RefusedRowRow:
        role = Role.NUMBER if dropped.is_number else Role.NPWP
        place = next(at for at, column in enumerate(batch.columns) if self._role(column) is role)
        return self._row(batch, dropped.row, dropped.fate, dropped.reason, place, dropped.value, cells)

    def _refused(self, batch: "_Batch", refusal: Refusal, cells: Sequence[Cell]) -> RefusedRowRow:
        return self._row(
            batch, refusal.row, RowFate.REJECTED, refusal.reason, refusal.place, refusal.value, cells
        )

    def _row(
        self,
        batch: "_Batch",
        row: int,
        fate: RowFate,
        reason: RowReason,
        place: int,
        value: str,
        cells: Sequence[Cell],
    ) -> RefusedRowRow:
        self._tally.fates[fate] += 1
        self._tally.reasons[reason.value] += 1
        texts = tuple(map(as_text, cells))
        if reason is RowReason.NPWP_DAMAGED:
            texts = (*texts[:place], marked(texts[place]), *texts[place + 1 :])
        refused = RefusedRow(
            self._list_id, batch.before + row, fate, reason, "", value, texts, batch.name, row
        )
        return self._rows.refused_row(refused, batch.sheet, place)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Where rows stand."""

    list_id: str
    sheet: int  # among those that are read
    plan: SheetPlan
    before: int  # rows of the sheets before

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def columns(self) -> Sequence[str]:
        return self.plan.header.columns


def _below(rows: Rows, header: int) -> Rows:
    return (row for row in rows if row[0] > header)


def _chained(first: Sequence[tuple[int, Sequence[Cell] | BadRow]], rest: Rows) -> Rows:
    yield from first
    yield from rest


def _look_at(signs: IdSigns, rows: Sequence[tuple[int, Sequence[Cell] | BadRow]] | Rows, place: int) -> None:
    look: Callable[[Cell], None] = signs.look_at
    for _, cells in rows:
        if not isinstance(cells, BadRow) and len(cells) > place:
            look(cells[place])
