"""Cells: counts by day, quarter hour and key, in columns. Roll-ups store them, answers are added from them.

Most counts of most cells are zero, so a cell is a few rows (key, quarter, field, amount). Amounts are 64-bit
whole numbers: added in any order, they come to the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from reporting.asking import Dimension
from reporting.counts import Counts
from reporting.formulas import COUNTS

QUARTERS = 96  # of a day; the office's zone has no summer time
_VERSION = 1

Ints = npt.NDArray[np.int64]


class Key(NamedTuple):
    """Whose and what; empty text: not known, or none. In the order of `Dimension`."""

    agent: str = ""
    team: str = ""
    tier: str = ""
    queue: str = ""
    branch: str = ""
    direction: str = ""
    campaign: str = ""


NOBODY = Key()
PLACE: Mapping[Dimension, int] = {one: Key._fields.index(one.value) for one in Dimension}
FIELD: Mapping[str, int] = {name: place for place, name in enumerate(COUNTS)}


class NotReadable(Exception):
    """Stored cells were written by another version of this program: they are to be made anew."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one day. Arrays are as long as each other: one element for each amount."""

    keys: tuple[Key, ...]
    key: Ints  # place in `keys`
    quarter: Ints  # 0–95; 0 where the day is not cut
    field: Ints  # place in COUNTS
    amount: Ints

    def whole_day(self) -> Cells:
        """Return the same, not cut into quarters."""
        return added(self.keys, self.key, np.zeros_like(self.quarter), self.field, self.amount)

    def same_as(self, other: Cells) -> bool:
        """Return whether another has the same amounts; both as `added` gives them."""
        mine = (self.key, self.quarter, self.field, self.amount)
        theirs = (other.key, other.quarter, other.field, other.amount)
        return self.keys == other.keys and all(map(np.array_equal, mine, theirs))

    def sums(self) -> dict[tuple[Key, int], Counts]:
        """Return the counts of each key and quarter."""
        found: dict[tuple[Key, int], dict[str, int]] = {}
        rows = zip(*(one.tolist() for one in (self.key, self.quarter, self.field, self.amount)), strict=True)
        for key, quarter, field, amount in rows:
            found.setdefault((self.keys[key], quarter), {})[COUNTS[field]] = amount
        return {place: Counts(**amounts) for place, amounts in found.items()}


NOTHING = Cells((), *(np.zeros(0, np.int64) for _ in range(4)))


def make_cells(amounts: Mapping[tuple[Key, int, str], int]) -> Cells:
    """Return the cells of a day from amounts by key, quarter and field of Counts."""
    if not amounts:
        return NOTHING
    rows = [
        (place, quarter, FIELD[name], amount)
        for place, ((_, quarter, name), amount) in enumerate(amounts.items())
    ]
    columns = np.array(rows, np.int64).T
    return added([key for key, _, _ in amounts], columns[0], columns[1], columns[2], columns[3])


def joined(parts: Sequence[Cells]) -> Cells:
    """Return the sum of several days' cells, by key and quarter."""
    places: dict[Key, int] = {}
    columns: list[list[Ints]] = [[], [], [], []]
    for part in parts:
        here = np.array([places.setdefault(key, len(places)) for key in part.keys], np.int64)
        for column, values in zip(
            columns, (here[part.key], part.quarter, part.field, part.amount), strict=True
        ):
            column.append(values)
    if not places:
        return NOTHING
    return added(list(places), *(np.concatenate(column) for column in columns))


def added(keys: Sequence[Key], key: Ints, quarter: Ints, field: Ints, amount: Ints) -> Cells:
    """Return cells in one order: each key, quarter and field once, nothing that is zero or not used."""
    distinct = sorted(set(keys))
    places = {one: place for place, one in enumerate(distinct)}
    place = np.array([places[one] for one in keys], np.int64)
    codes, where = np.unique((place[key] * QUARTERS + quarter) * len(COUNTS) + field, return_inverse=True)
    sums = np.zeros(len(codes), np.int64)
    np.add.at(sums, where, amount)
    codes, sums = codes[sums != 0], sums[sums != 0]
    rest, fields = np.divmod(codes, len(COUNTS))
    used, found = np.unique(rest // QUARTERS, return_inverse=True)
    return Cells(tuple(distinct[one] for one in used.tolist()), found, rest % QUARTERS, fields, sums)


class _Head(msgspec.Struct, array_like=True):
    version: int
    counts: tuple[str, ...]  # the fields by their names: their places may change
    keys: tuple[tuple[str, ...], ...]
    rows: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[_Head, bytes, bytes, bytes, bytes])


def pack(cells: Cells) -> bytes:
    """Return cells as they are stored: compressed columns."""
    head = _Head(_VERSION, COUNTS, cells.keys, len(cells.key))
    columns = (
        cells.key.astype("<u4").tobytes(),
        cells.quarter.astype("u1").tobytes(),
        cells.field.astype("u1").tobytes(),
        cells.amount.astype("<i8").tobytes(),
    )
    return zlib.compress(_encoder.encode((head, *columns)), 1)


def unpack(stored: bytes) -> Cells:
    """Return stored cells. Raises NotReadable."""
    try:
        head, key, quarter, field, amount = _decoder.decode(zlib.decompress(stored))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise NotReadable(str(error)) from error
    if head.version != _VERSION or any(name not in FIELD for name in head.counts):
        raise NotReadable(f"version {head.version}")
    places = np.array([FIELD[name] for name in head.counts], np.int64)
    return Cells(
        tuple(Key(*one) for one in head.keys),
        np.frombuffer(key, "<u4").astype(np.int64),
        np.frombuffer(quarter, "u1").astype(np.int64),
        places[np.frombuffer(field, "u1")],
        np.frombuffer(amount, "<i8").astype(np.int64),
    )


def total(parts: Iterable[Counts]) -> Counts:
    """Return the sum of counts."""
    found = Counts()
    for part in parts:
        found = found + part
    return found
