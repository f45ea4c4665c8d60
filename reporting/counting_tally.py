"""Where counted things are added up: by cell, or by call for the drill-down."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from reporting.asking import CallSeen
from reporting.counts import Counts
from reporting.facts import DAY_MS, QUARTER_MS, from_ms
from reporting.formulas import COUNTS
from reporting.rollup import FIELD, NOTHING, QUARTERS, Cells, Key, added

_FIELDS = len(COUNTS)


class Tally(Protocol):
    """Takes what was counted. Times are milliseconds; what lies outside of the day is passed over."""

    def one(self, at: int, key: Key, name: str, call_id: str = "", outcome: str = "") -> None:
        """Count one of `name`, a field of Counts, at a time."""
        ...

    def many(self, at: int, key: Key, name: str, amount: int, call_id: str = "") -> None:
        """Count so much at a time."""
        ...

    def span(self, ended: int, ms: int, key: Key, name: str, call_id: str = "") -> None:
        """Count a time that lasted so long, in every quarter that it touches."""
        ...

    def of_day(self, key: Key, counts: Counts) -> None:
        """Count what belongs to the day and to no part of it."""
        ...


class CellTally:
    """Adds up cells, cut into quarters; what belongs to no part of the day is added apart."""

    def __init__(self, begins: int) -> None:
        """`begins`: the day's first millisecond."""
        self._begins = begins
        self._keys: dict[Key, int] = {}
        self._sums: dict[int, int] = {}
        self._whole: dict[int, int] = {}

    def one(self, at: int, key: Key, name: str, call_id: str = "", outcome: str = "") -> None:
        """Count one."""
        self.many(at, key, name, 1)

    def many(self, at: int, key: Key, name: str, amount: int, call_id: str = "") -> None:
        """Count so much at a time."""
        since = at - self._begins
        if 0 <= since < DAY_MS:
            self._add(self._sums, key, since // QUARTER_MS, FIELD[name], amount)

    def span(self, ended: int, ms: int, key: Key, name: str, call_id: str = "") -> None:
        """Count a time in every quarter that it touches."""
        field = FIELD[name]
        for at, part in parts_of(self._begins, ended, ms):
            self._add(self._sums, key, at // QUARTER_MS, field, part)

    def of_day(self, key: Key, counts: Counts) -> None:
        """Count what belongs to no part of the day."""
        for name in COUNTS:
            if amount := getattr(counts, name):
                self._add(self._whole, key, 0, FIELD[name], amount)

    def quarters(self) -> Cells:
        """Return the cells by quarter."""
        return self._cells(self._sums)

    def day(self) -> Cells:
        """Return the cells of the whole day."""
        quarters = self._cells(self._sums).whole_day()
        if not self._whole:
            return quarters
        whole = self._cells(self._whole)
        return added(
            quarters.keys + whole.keys,
            np.concatenate([quarters.key, whole.key + len(quarters.keys)]),
            np.concatenate([quarters.quarter, whole.quarter]),
            np.concatenate([quarters.field, whole.field]),
            np.concatenate([quarters.amount, whole.amount]),
        )

    def _add(self, sums: dict[int, int], key: Key, quarter: int, field: int, amount: int) -> None:
        place = self._keys.setdefault(key, len(self._keys))
        code = (place * QUARTERS + quarter) * len(COUNTS) + field
        sums[code] = sums.get(code, 0) + amount

    def _cells(self, sums: dict[int, int]) -> Cells:
        if not sums:
            return NOTHING
        codes = np.fromiter(sums.keys(), np.int64, len(sums))
        amounts = np.fromiter(sums.values(), np.int64, len(sums))
        rest, field = np.divmod(codes, len(COUNTS))
        key, quarter = np.divmod(rest, QUARTERS)
        return added(list(self._keys), key, quarter, field, amounts)


@dataclass(slots=True)
class _Seen:
    at: int
    amounts: dict[int, int]  # quarter of the day * number of fields + field → amount


class FoundCall(NamedTuple):
    """A call behind a count. In the order in which calls are shown."""

    at: int  # when the first of it was counted
    call_id: str
    keys: tuple[Key, ...]


class CallTally:
    """Adds up by call and key: what each call gave to the counts of the day, in which quarters."""

    def __init__(self, begins: int) -> None:
        """`begins`: the day's first millisecond."""
        self._begins = begins
        self._seen: dict[tuple[str, Key], _Seen] = {}
        self._outcomes: dict[str, str] = {}

    def one(self, at: int, key: Key, name: str, call_id: str = "", outcome: str = "") -> None:
        """Count one."""
        if outcome:
            self._outcomes.setdefault(call_id, outcome)
        self.many(at, key, name, 1, call_id)

    def many(self, at: int, key: Key, name: str, amount: int, call_id: str = "") -> None:
        """Count so much at a time."""
        since = at - self._begins
        if call_id and 0 <= since < DAY_MS:
            found = self._seen.setdefault((call_id, key), _Seen(at, {}))
            found.at = min(found.at, at)
            code = since // QUARTER_MS * _FIELDS + FIELD[name]
            found.amounts[code] = found.amounts.get(code, 0) + amount

    def span(self, ended: int, ms: int, key: Key, name: str, call_id: str = "") -> None:
        """Count a time in every quarter that it touches."""
        for at, part in parts_of(self._begins, ended, ms):
            self.many(self._begins + at, key, name, part, call_id)

    def of_day(self, key: Key, counts: Counts) -> None:
        """No call stands behind it."""

    def found(
        self, name: str, fits: Callable[[Key], bool], quarters: Container[int] | None = None
    ) -> list[FoundCall]:
        """Return the calls that gave something to a count under keys that fit, oldest first.

        `quarters`: only those that did so in one of these quarters of the day; None: in any.
        """
        field = FIELD[name]
        fitting: dict[Key, bool] = {}
        calls: dict[str, list[tuple[int, Key]]] = {}
        for (call_id, key), seen in self._seen.items():
            if not any(
                code % _FIELDS == field and amount and (quarters is None or code // _FIELDS in quarters)
                for code, amount in seen.amounts.items()
            ):
                continue
            if key not in fitting:
                fitting[key] = fits(key)
            if fitting[key]:
                calls.setdefault(call_id, []).append((seen.at, key))
        return sorted(
            FoundCall(min(at for at, _ in parts), call_id, tuple(key for _, key in sorted(parts)))
            for call_id, parts in calls.items()
        )

    def call(self, found: FoundCall) -> CallSeen:
        """Return a call with everything that it gave to the day's counts under the keys it was found by."""
        sums = [0] * _FIELDS
        for key in found.keys:
            for code, amount in self._seen[found.call_id, key].amounts.items():
                sums[code % _FIELDS] += amount
        first = found.keys[0]
        outcome = self._outcomes.get(found.call_id, "")
        at = from_ms(found.at)
        return CallSeen(found.call_id, at, first.direction, first.queue, first.agent, outcome, Counts(*sums))


def parts_of(begins: int, ended: int, ms: int) -> Iterator[tuple[int, int]]:
    """Yield a time by quarters of the day from `begins` on: since its first millisecond, how long."""
    until = min(ended - begins, DAY_MS)
    # Longer ones are what a restart found after days: nobody talked through them.
    at = max(ended - begins - min(ms, DAY_MS), 0)
    while at < until:
        border = min((at // QUARTER_MS + 1) * QUARTER_MS, until)
        yield at, border - at
        at = border
