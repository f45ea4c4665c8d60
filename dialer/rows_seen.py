"""The keys of a list that is being read: whether one was there before, in 20 bytes of memory each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.contacts import Key

KEY_BYTES = 16
_SHELVES = 32  # by the first bits: a merge copies one shelf, not all keys
_SHIFT = np.uint64(64 - 5)


@dataclass(frozen=True, slots=True)
class _Run:
    """Keys in order: both halves, and the contact that each belongs to, counted from the first one's id."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    contacts: NDArray[np.uint32]


class _Shelf:
    """Keys with the same first bits, in sorted runs, a later one less than half as long as the one before."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.high) for run in self.runs)

    def among(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.bool_]:
        found = np.zeros(len(high), dtype=bool)
        for run in self.runs:
            found |= _are_in(run, high, low)
        return found

    def add(self, run: _Run) -> None:
        self.runs.append(run)
        while len(self.runs) > 1 and len(self.runs[-1].high) * 2 > len(self.runs[-2].high):
            self._merge_last()

    def whole(self) -> _Run | None:
        while len(self.runs) > 1:
            self._merge_last()
        return self.runs[0] if self.runs else None

    def _merge_last(self) -> None:
        last, before = self.runs.pop(), self.runs.pop()
        self.runs.append(
            _sorted(
                np.concatenate([before.high, last.high]),
                np.concatenate([before.low, last.low]),
                np.concatenate([before.contacts, last.contacts]),
            )
        )


class SeenKeys:
    """Keys and their contacts. A set of 16-byte objects would take 130 bytes for each."""

    def __init__(self, first_contact: int = 0) -> None:
        """`first_contact`: no contact has a smaller id."""
        self._first = first_contact
        self._shelves = [_Shelf() for _ in range(_SHELVES)]

    def __len__(self) -> int:
        return sum(map(len, self._shelves))

    def among(self, keys: Sequence[Key]) -> set[Key]:
        """Return those of these keys that were added before."""
        if not keys:
            return set()
        high, low = _halves(keys)
        seen: set[Key] = set()
        for shelf, places in self._shelved(high):
            found = places[shelf.among(high[places], low[places])]
            seen.update(keys[place] for place in found.tolist())
        return seen

    def add(self, keys: Sequence[Key], contacts: Sequence[int]) -> None:
        """Add keys that are not there yet, with the contact of each."""
        if not keys:
            return
        high, low = _halves(keys)
        offsets = (np.asarray(contacts, dtype=np.int64) - self._first).astype(np.uint32)
        for shelf, places in self._shelved(high):
            shelf.add(_sorted(high[places], low[places], offsets[places]))

    def in_order(self, most: int) -> Iterator[list[tuple[Key, int]]]:
        """Yield all keys with their contacts in the order of the keys, at most so many at a time."""
        for shelf in self._shelves:
            run = shelf.whole()
            for start in range(0, 0 if run is None else len(run.high), most):
                yield self._pairs(run, slice(start, start + most))

    def _pairs(self, run: _Run | None, part: slice) -> list[tuple[Key, int]]:
        if run is None:
            return []
        halves = np.stack([run.high[part], run.low[part]], axis=1).astype(">u8").tobytes()
        contacts = (run.contacts[part].astype(np.int64) + self._first).tolist()
        return [
            (halves[at * KEY_BYTES : (at + 1) * KEY_BYTES], contact) for at, contact in enumerate(contacts)
        ]

    def _shelved(self, high: NDArray[np.uint64]) -> Iterator[tuple[_Shelf, NDArray[np.intp]]]:
        """Yield each shelf that some of these keys belong to, and their places."""
        numbers = (high >> _SHIFT).astype(np.uint8)
        order = np.argsort(numbers, kind="stable")
        bounds = np.searchsorted(numbers[order], np.arange(_SHELVES + 1))
        for number, shelf in enumerate(self._shelves):
            if bounds[number] < bounds[number + 1]:
                yield shelf, order[bounds[number] : bounds[number + 1]]


def _halves(keys: Sequence[Key]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the keys' first and last 8 bytes as numbers, which keep their order."""
    pairs = np.frombuffer(b"".join(keys), dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def _are_in(run: _Run, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.bool_]:
    last = len(run.high) - 1
    places = np.searchsorted(run.high, high)
    found = np.zeros(len(high), dtype=bool)
    while True:
        here = np.minimum(places, last)
        same = (run.high[here] == high) & (places <= last)
        found |= same & (run.low[here] == low)
        if not same.any():
            return found
        places = np.where(same, places + 1, last + 1)  # next to keys that begin alike


def _sorted(high: NDArray[np.uint64], low: NDArray[np.uint64], contacts: NDArray[np.uint32]) -> _Run:
    order = np.argsort(high, kind="stable")  # of two sorted runs it is a merge
    ordered = high[order]
    if (ordered[1:] == ordered[:-1]).any():  # fingerprints never begin alike
        order = np.lexsort((low, high))
    return _Run(high[order], low[order], contacts[order])
