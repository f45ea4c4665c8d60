"""Takes the rows of a file apart and checks them one by one: the half of loading that knows only the file."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import msgspec

from dialer.imports import FileKind
from dialer.lists import RowFate, RowReason
from dialer.mapping import ColumnMapping, Role
from dialer.rows import Refusal, RowRules
from dialer.rows_cells import Cell, as_text
from dialer.rows_ids import IdSigns, marked
from dialer.rows_sieve import KeyedRow
from dialer.rows_tables import ListWords, Places
from domain.masking import HIDDEN
from service.list_plan import SheetPlan
from service.list_reading import BadRow, Rows, TableFile
from storage.list_rows import Fault, ListRows, RefusedRowRow, RowPlace, texts_json

BATCH = 4000  # rows; on SQLite about 50 ms of writing
# Rows of which it is not known which cell belongs to which column.
_APART = frozenset({RowReason.COLUMNS, RowReason.BROKEN})
_SIGNS_ROWS = 20_000  # of a workbook's sheet, by which its numbers of taxpayers are judged


class TakenRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A row that can be used, and its cells as they came (`storage.list_rows.texts_json`)."""

    keyed: KeyedRow
    cells: bytes


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """Some rows of one sheet."""

    sheet: int  # index among the sheets that are read
    before: int  # rows of the sheets before
    count: int
    rows: list[TakenRow]
    refused: list[RefusedRowRow]


class RowTaker:
    """Takes the rows of one file."""

    def __init__(
        self,
        list_id: str,
        mapping: ColumnMapping,
        places: Places,
        words: ListWords,
        rows: ListRows,
        fingerprint: Callable[[str], bytes],
    ) -> None:
        """`fingerprint`: `storage.vault.Vault.lookup_key`."""
        self._list_id = list_id
        self._mapping = mapping
        self._places = places
        self._words = words
        self._rows = rows
        self._fingerprint = fingerprint

    def take(self, table: TableFile, plans: Sequence[SheetPlan]) -> Iterator[Taken]:
        """Yield the rows of all sheets, some thousands at a time. Raises FileRefused."""
        before = 0
        for number, one in enumerate(plans):
            signs, rows = self._signs(table, one)
            rules = RowRules(
                one.header.columns, self._mapping, self._places, self._words, rounded=signs.rounded
            )
            last = one.header.row
            while some := list(islice(rows, BATCH)):
                last = some[-1][0]
                yield self._taken(rules, one, number, before, some)
            before += last

    def _signs(self, table: TableFile, one: SheetPlan) -> tuple[IdSigns, Rows]:
        """Return what the numbers of taxpayers show together, and the rows below the header.

        Of text all are looked at first: any of them may have gone through a spreadsheet. In a workbook the
        spreadsheet itself says which cells it keeps as text; a sample shows whether those were whole.
        """
        place = place_of(Role.NPWP, one.header.columns, self._mapping)
        from_cells = table.kind is not FileKind.CSV
        signs = IdSigns(from_cells)
        rows = _below(table.rows(one.index), one.header.row)
        if not from_cells:
            _look_at(signs, rows, place)
            return signs, _below(table.rows(one.index), one.header.row)
        first = list(islice(rows, _SIGNS_ROWS))
        _look_at(signs, iter(first), place)
        return signs, _chained(first, rows)

    def _taken(
        self,
        rules: RowRules,
        one: SheetPlan,
        sheet: int,
        before: int,
        some: Sequence[tuple[int, Sequence[Cell] | BadRow]],
    ) -> Taken:
        taken: list[TakenRow] = []
        refused: list[RefusedRowRow] = []
        for sheet_row, cells in some:
            row = before + sheet_row
            if isinstance(cells, BadRow):
                bad = Refusal(row, cells.reason, -1, HIDDEN)
                refused.append(self._refused(one, sheet, before, bad, cells.cells))
                continue
            if not any(cells):
                continue
            result = rules.read(row, cells)
            if isinstance(result, Refusal):
                refused.append(self._refused(one, sheet, before, result, cells))
            else:
                keyed = KeyedRow.of(result, self._fingerprint)
                taken.append(TakenRow(keyed, texts_json(_texts(cells, one.order))))
        return Taken(sheet, before, len(taken) + len(refused), taken, refused)

    def _refused(
        self, one: SheetPlan, sheet: int, before: int, refusal: Refusal, cells: Sequence[Cell]
    ) -> RefusedRowRow:
        place = RowPlace(self._list_id, refusal.row, sheet, refusal.row - before)
        column = one.place(refusal.place)
        texts = _texts(cells, one.order if refusal.reason not in _APART else None)
        if refusal.reason is RowReason.NPWP_DAMAGED:
            texts[column] = marked(texts[column])
        fault = Fault(column, refusal.value, texts_json(texts))
        return self._rows.refused_row(place, RowFate.REJECTED, refusal.reason, fault)


def place_of(role: Role, columns: Sequence[str], mapping: ColumnMapping) -> int:
    """Return the index of the first column of a role, which there is."""
    return next(
        at for at, column in enumerate(columns) if (use := mapping.columns.get(column)) and use.role is role
    )


def _texts(cells: Sequence[Cell], order: Sequence[int] | None) -> list[str]:
    """Return a row as texts, in the order of the first sheet's columns."""
    texts = [cell if type(cell) is str else as_text(cell) for cell in cells]
    if order is None:
        return texts
    return [texts[place] if 0 <= place < len(texts) else "" for place in order]


def _below(rows: Rows, header: int) -> Rows:
    return (row for row in rows if row[0] > header)


def _chained(first: list[tuple[int, Sequence[Cell] | BadRow]], rest: Rows) -> Rows:
    first.reverse()
    while first:  # given away one by one: they need not be held until the sheet's end
        yield first.pop()
    yield from rest


def _look_at(signs: IdSigns, rows: Rows, place: int) -> None:
    for _, cells in rows:
        if not isinstance(cells, BadRow) and len(cells) > place:
            signs.look_at(cells[place])
