"""Where counted things are added up: by cell, or by call for the drill-down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from reporting.asking import CallSeen
from reporting.counts import Counts
from reporting.facts import DAY_MS, QUARTER_MS, from_ms
from reporting.formulas import COUNTS
from reporting.rollup import FIELD, NOTHING, QUARTERS, Cells, Key, added


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
        until = min(ended - self._begins, DAY_MS)
        # Longer ones are what a restart found after days: nobody talked through them.
        at = max(ended - self._begins - min(ms, DAY_MS), 0)
        field = FIELD[name]
        while at < until:
            quarter = at // QUARTER_MS
            border = min((quarter + 1) * QUARTER_MS, until)
            self._add(self._sums, key, quarter, field, border - at)
            at = border

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
    key: Key
    outcome: str
    amounts: dict[str, int]


class CallTally:
    """Adds up by call and key: what each call gave to the counts of the day."""

    def __init__(self, begins: int) -> None:
        """`begins`: the day's first millisecond."""
        self._begins = begins
        self.seen: dict[tuple[str, Key], _Seen] = {}
        self._outcomes: dict[str, str] = {}

    def one(self, at: int, key: Key, name: str, call_id: str = "", outcome: str = "") -> None:
        """Count one."""
        if outcome:
            self._outcomes.setdefault(call_id, outcome)
        self.many(at, key, name, 1, call_id)

    def many(self, at: int, key: Key, name: str, amount: int, call_id: str = "") -> None:
        """Count so much at a time."""
        if call_id and 0 <= at - self._begins < DAY_MS:
            found = self.seen.setdefault((call_id, key), _Seen(at, key, "", {}))
            found.at = min(found.at, at)
            found.amounts[name] = found.amounts.get(name, 0) + amount

    def span(self, ended: int, ms: int, key: Key, name: str, call_id: str = "") -> None:
        """Count the part of a time that lies in the day."""
        begins = max(ended - min(ms, DAY_MS), self._begins)
        if (amount := min(ended, self._begins + DAY_MS) - begins) > 0:
            self.many(begins, key, name, amount, call_id)

    def of_day(self, key: Key, counts: Counts) -> None:
        """No call stands behind it."""

    def calls(self, name: str, fits: Callable[[Key], bool]) -> list[CallSeen]:
        """Return the calls that gave something to a count under keys that fit, oldest first."""
        found: dict[str, list[_Seen]] = {}
        for (call_id, key), seen in self.seen.items():
            if fits(key) and seen.amounts.get(name):
                found.setdefault(call_id, []).append(seen)
        calls = [self._call(call_id, parts) for call_id, parts in found.items()]
        return sorted(calls, key=lambda call: (call.at, call.call_id))

    def _call(self, call_id: str, parts: list[_Seen]) -> CallSeen:
        first = min(parts, key=lambda part: (part.at, part.key))
        sums = {one.name: sum(part.amounts.get(one.name, 0) for part in parts) for one in fields(Counts)}
        return CallSeen(
            call_id,
            from_ms(first.at),
            first.key.direction,
            first.key.queue,
            first.key.agent,
            self._outcomes.get(call_id, ""),
            Counts(**sums),
        )
