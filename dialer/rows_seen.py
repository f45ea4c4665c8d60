"""The keys of a list that is being read: whether one was there before, in 24 bytes of memory each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.contacts import Key

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Run:
    """Keys in order: both halves, and the contact that each belongs to."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    contacts: NDArray[np.int64]


class SeenKeys:
    """Keys and their contacts, in sorted runs, a later one less than half as long as the one before.

    A set of 16-byte objects would take 130 bytes for each.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.high) for run in self._runs)

    def among(self, keys: Sequence[Key]) -> set[Key]:
        """Return those of these keys that were added before."""
        if not keys or not self._runs:
            return set()
        high, low = _halves(keys)
        found = np.zeros(len(keys), dtype=bool)
        for run in self._runs:
            found |= _are_in(run, high, low)
        return {keys[place] for place in np.flatnonzero(found).tolist()}

    def add(self, keys: Sequence[Key], contacts: Sequence[int]) -> None:
        """Add keys that are not there yet, with the contact of each."""
        if not keys:
            return
        high, low = _halves(keys)
        self._runs.append(_sorted(high, low, np.asarray(contacts, dtype=np.int64)))
        while len(self._runs) > 1 and len(self._runs[-1].high) * 2 > len(self._runs[-2].high):
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(_merged(before, last))

    def in_order(self, most: int) -> Iterator[list[tuple[Key, int]]]:
        """Yield all keys with their contacts in the order of the keys, `most` at a time."""
        while len(self._runs) > 1:
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(_merged(before, last))
        if not self._runs:
            return
        run = self._runs[0]
        for start in range(0, len(run.high), most):
            part = slice(start, start + most)
            pairs = np.stack([run.high[part], run.low[part]], axis=1).astype(">u8").tobytes()
            contacts = run.contacts[part].tolist()
            yield [
                (pairs[at * KEY_BYTES : (at + 1) * KEY_BYTES], contact) for at, contact in enumerate(contacts)
            ]


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


def _sorted(high: NDArray[np.uint64], low: NDArray[np.uint64], contacts: NDArray[np.int64]) -> _Run:
    order = np.argsort(high, kind="stable")  # of two sorted runs it is a merge
    ordered = high[order]
    if (ordered[1:] == ordered[:-1]).any():  # fingerprints never begin alike
        order = np.lexsort((low, high))
    return _Run(high[order], low[order], contacts[order])


def _merged(one: _Run, other: _Run) -> _Run:
    return _sorted(
        np.concatenate([one.high, other.high]),
        np.concatenate([one.low, other.low]),
        np.concatenate([one.contacts, other.contacts]),
    )
