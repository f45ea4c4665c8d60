"""Rows of lists: every cell checked by its role. Pure; one row at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from dialer.lists import RowReason
from dialer.mapping import ColumnMapping, Role
from dialer.rows_cells import Cell, as_text, is_damaged
from dialer.rows_ids import read_npwp
from dialer.rows_numbers import MOST, read_numbers
from dialer.rows_tables import ListWords, Places
from domain.masking import HIDDEN, mask
from domain.zones import Zone

LONGEST_NAME = 200
LONGEST_FIELD = 500
_REMEMBERED = 10_000  # spellings of places: the same few come in every row
_SHOWN = 32  # characters of a value that is not personal
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+|\s{2,}")
_DIGITS = re.compile(r"[0-9]")


class ReadRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A row whose every mapped cell can be used. Personal."""

    row: int  # through all sheets of the file
    npwp: str  # 16 digits
    name: str
    numbers: tuple[str, ...]  # E.164 digits
    zone: Zone
    group: str
    fields: dict[str, str]

    def __repr__(self) -> str:
        return f"ReadRow({self.row})"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot be used. `place`: index of the column at fault, -1 for the row as a whole."""

    row: int
    reason: RowReason
    place: int
    value: str  # masked


class RowRules:
    """The rules for the rows of one sheet."""

    def __init__(
        self,
        header: Sequence[str],
        mapping: ColumnMapping,
        places: Places,
        words: ListWords,
        *,
        rounded: bool,
    ) -> None:
        """`rounded`: of `dialer.rows_ids.IdSigns` for the column of the numbers of taxpayers."""
        by_role: dict[Role, list[int]] = {role: [] for role in Role}
        self._fields: list[tuple[int, str, bool]] = []
        for place, column in enumerate(header):
            use = mapping.columns.get(column)
            if use is None:
                continue
            by_role[use.role].append(place)
            if use.role is Role.FIELD:
                self._fields.append((place, use.name, use.required))
        self._width = len(header)
        (self._npwp,), (self._name,) = by_role[Role.NPWP], by_role[Role.NAME]
        self._numbers = by_role[Role.NUMBER]
        # The office where somebody is registered says more than a province written beside it.
        self._known_groups: dict[str, str] = {}
        self._known_zones: dict[tuple[int, Cell], Zone] = {}
        self._zones = [
            (place, read)
            for role, read in (
                (Role.ZONE, places.zone),
                (Role.OFFICE, places.of_office),
                (Role.PROVINCE, places.of_province),
            )
            for place in by_role[role]
        ]
        self._groups = by_role[Role.GROUP]
        self._words = words
        self._rounded = rounded

    def read(self, row: int, cells: Sequence[Cell]) -> ReadRow | Refusal:
        """Check one row; its first fault is told."""
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        elif len(cells) > self._width and any(cell != "" for cell in cells[self._width :]):
            return Refusal(row, RowReason.COLUMNS, -1, str(len(cells)))
        npwp, reason = read_npwp(cells[self._npwp], rounded=self._rounded, no_persons=self._words.no_persons)
        if reason is not None:
            return Refusal(row, reason, self._npwp, mask(as_text(cells[self._npwp])))
        name = self._text(cells[self._name])
        fault = _name_fault(name)
        if fault is not None:
            return Refusal(row, fault, self._name, HIDDEN if name else "")
        return self._rest(row, cells, npwp, name)

    def _rest(self, row: int, cells: Sequence[Cell], npwp: str, name: str) -> ReadRow | Refusal:
        numbers = self._read_numbers(row, cells)
        if isinstance(numbers, Refusal):
            return numbers
        zone = self._zone(row, cells)
        if isinstance(zone, Refusal):
            return zone
        group = self._group(row, cells)
        if isinstance(group, Refusal):
            return group
        fields = self._read_fields(row, cells) if self._fields else {}
        if isinstance(fields, Refusal):
            return fields
        return ReadRow(row, npwp, name, numbers, zone, group, fields)

    def _read_numbers(self, row: int, cells: Sequence[Cell]) -> tuple[str, ...] | Refusal:
        found: tuple[str, ...] = ()
        refusal: Refusal | None = None
        for place in self._numbers:
            text = as_text(cells[place])
            if not text:
                continue
            numbers, reason = read_numbers(text)
            if reason is None:
                new = numbers if not found else tuple(n for n in numbers if n not in found)
                found = (found + new)[:MOST]
            elif refusal is None:
                refusal = Refusal(row, reason, place, mask(text) if _DIGITS.search(text) else "")
        return found or refusal or Refusal(row, RowReason.NUMBER_MISSING, self._numbers[0], "")

    def _zone(self, row: int, cells: Sequence[Cell]) -> Zone | Refusal:
        for place, read in self._zones:
            cell = cells[place]
            zone = self._known_zones.get((place, cell))
            if zone is None:
                text = as_text(cell)
                if not text:
                    continue
                zone = read(text)
                if zone is None:
                    return Refusal(row, RowReason.ZONE_UNKNOWN, place, text[:_SHOWN])
                if len(self._known_zones) < _REMEMBERED:
                    self._known_zones[place, cell] = zone
            return zone
        return Zone.UNKNOWN

    def _group(self, row: int, cells: Sequence[Cell]) -> str | Refusal:
        for place in self._groups:
            text = as_text(cells[place])
            if not text:
                continue
            group = self._known_groups.get(text) or self._words.group(text)
            if group is None:
                return Refusal(row, RowReason.GROUP_UNKNOWN, place, text[:_SHOWN])
            if len(self._known_groups) < _REMEMBERED:
                self._known_groups[text] = group
            return group
        return ""

    def _read_fields(self, row: int, cells: Sequence[Cell]) -> dict[str, str] | Refusal:
        fields: dict[str, str] = {}
        for place, name, required in self._fields:
            text = self._text(cells[place])
            if not text:
                if required:
                    return Refusal(row, RowReason.FIELD_MISSING, place, "")
                continue
            if len(text) > LONGEST_FIELD:
                return Refusal(row, RowReason.FIELD_TOO_LONG, place, str(len(text)))
            if is_damaged(text):
                return Refusal(row, RowReason.ENCODING, place, HIDDEN)
            fields[name] = text
        return fields

    @staticmethod
    def _text(cell: Cell) -> str:
        text = as_text(cell)
        return _CONTROL.sub(" ", text) if not text.isprintable() or "  " in text else text


def _name_fault(name: str) -> RowReason | None:
    if not name:
        return RowReason.NAME_MISSING
    if len(name) > LONGEST_NAME:
        return RowReason.FIELD_TOO_LONG
    if not name.isascii() and is_damaged(name):
        return RowReason.ENCODING
    # A dash or a number in its place is no name.
    return None if name[0].isalpha() or any(map(str.isalpha, name)) else RowReason.NAME_MISSING
