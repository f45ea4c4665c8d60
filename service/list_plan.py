"""Which sheets of a file are read."""

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.imports import FileFault, FileRefused
from dialer.mapping import ColumnMapping, MappingFault, MappingRefused
from dialer.mapping_guess import check
from service.list_reading import Header, TableFile, find_header


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """A sheet that will be read."""

    index: int  # in the file
    name: str
    header: Header
    about: int  # rows below the header, 0 if that is not known
    order: tuple[int, ...] | None = None  # where the first sheet's columns stand, -1: nowhere; None: the same

    def place(self, column: int) -> int:
        """Return where a column stands on the first sheet."""
        return column if self.order is None or column < 0 else self.order.index(column)


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
        about = max(table.about(index) - header.row, 0)
        order = _order(plans[0].header.columns, header.columns) if plans else None
        plans.append(SheetPlan(index, name, header, about, order))
    if not plans:
        raise refused or FileRefused(FileFault.EMPTY)
    return plans


def _order(first: Sequence[str], columns: Sequence[str]) -> tuple[int, ...] | None:
    if list(columns) == list(first):
        return None
    return tuple(columns.index(column) if column in columns else -1 for column in first)
