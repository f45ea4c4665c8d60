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
        plans.append(SheetPlan(index, name, header, max(table.about(index) - header.row, 0)))
    if not plans:
        raise refused or FileRefused(FileFault.EMPTY)
    return plans
