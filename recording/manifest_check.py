"""Checks the manifest: names the first row that is wrong and what is wrong with it, and all others.

A sound table is walked once with nothing kept in memory; only where it is not sound, a second look finds out
where each row belongs.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recording.manifest import (
    EMPTY,
    NOTHING_BEFORE,
    ChainKeys,
    Finding,
    Head,
    Report,
    Row,
    Wrong,
    link_of,
    seal_of,
)


def check(
    rows: Callable[[], Iterable[Row]],
    keys: ChainKeys,
    anchors: Mapping[int, bytes],
    spoilt_anchors: Iterable[int] = (),
) -> Report:
    """Check the whole manifest against itself and against what was anchored.

    `rows` gives all rows by number, and is asked again when something is wrong; `anchors` maps numbers to the
    links that were anchored at them; `spoilt_anchors` are the numbers of anchors that cannot be trusted.
    """
    known = _KeysAtHand(keys)
    anchored = max(anchors, default=0)
    count, head, clean = _quick(rows(), known, anchors)
    found = [Finding(number, Wrong.ANCHOR, number) for number in spoilt_anchors]
    if not clean:
        stopped = head.number + 1
        count, head, wrong = _Diagnosis(known, anchors).run(rows())
        # What stopped the first look is named whatever the second one makes of it.
        found += wrong or [Finding(stopped, Wrong.CHANGED, stopped)]
    elif anchored > head.number:
        found.append(Finding(head.number + 1, Wrong.CUT, anchored))
    found.sort(key=lambda one: (one.number, one.wrong.value))
    return Report(count, head, anchored, tuple(found))


class _KeysAtHand:
    """Keys by version; None where the key file lacks one."""

    def __init__(self, keys: ChainKeys) -> None:
        self._keys = keys
        self._found: dict[int, bytes | None] = {}

    def get(self, version: int) -> bytes | None:
        if version not in self._found:
            try:
                self._found[version] = self._keys.chain_key(version)
            except KeyError:
                self._found[version] = None
        return self._found[version]

    def all(self) -> Iterator[tuple[int, bytes]]:
        for version in range(1, self._keys.current + 1):
            if (key := self.get(version)) is not None:
                yield version, key


def _quick(rows: Iterable[Row], keys: _KeysAtHand, anchors: Mapping[int, bytes]) -> tuple[int, Head, bool]:
    """Walk a sound table with nothing kept in memory; stop where it is not."""
    number, link = 0, NOTHING_BEFORE
    for row in rows:
        key = keys.get(row.key_version)
        if key is None or row.number != number + 1:
            return number, Head(number, link), False
        seal = seal_of(key, row, row.number)
        link = link_of(key, link, seal)
        if not hmac.compare_digest(row.mac, seal + link):
            return number, Head(number, link), False
        number = row.number
        if anchors.get(number, link) != link:
            return number, Head(number, link), False
    return number, Head(number, link), True


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is remembered of a row while it is found out what is wrong."""

    number: int
    true: int  # the number that its seal was made for; 0: none, it is not ours
    key: bytes | None  # None: the key file lacks it
    seal: bytes
    link: bytes
    recording_id: str


_SCANS = 20  # rows whose place is looked for in the whole table; others beside the one before


class _Diagnosis:
    """Finds out what is wrong, row by row."""

    def __init__(self, keys: _KeysAtHand, anchors: Mapping[int, bytes]) -> None:
        self._keys = keys
        self._anchors = anchors
        self._anchored = max(anchors, default=0)
        self._scans = _SCANS
        self._shift = 0  # between a row's number and its own one, at the row before
        self._newest = 0  # the highest number that any row was written for
        self._times: Mapping[int, int] = {}  # how many rows were written for each number

    def run(self, rows: Iterable[Row]) -> tuple[int, Head, list[Finding]]:
        """Return how many rows there are, the newest one that is ours, and what is wrong."""
        all_rows = list(rows)
        most = max(self._anchored, all_rows[-1].number if all_rows else 0) + 1
        seen = [self._look(row, most) for row in all_rows]
        self._times = Counter(one.true for one in seen)
        placed = {one.number: one for one in seen}
        ours = {one.true: one for one in seen if one.true}
        self._newest = max(ours, default=0)
        found = [wrong for one in seen if (wrong := self._place(one, placed, ours)) is not None]
        found += self._missing(placed, ours)
        found += self._links(seen)
        head = Head(self._newest, ours[self._newest].link) if ours else EMPTY
        return len(seen), head, _joined(found)

    def _look(self, row: Row, most: int) -> _Seen:
        key = self._keys.get(row.key_version)
        true = 0
        if key is None:
            key = self._key_before_edit(row)
        else:
            true = self._belongs(key, row, most)
        self._shift = true - row.number if true else self._shift
        return _Seen(row.number, true, key, row.seal, row.link, row.recording_id)

    def _key_before_edit(self, row: Row) -> bytes | None:
        """Return the key that a row was written with whose version was changed since; None: nobody knows."""
        for version, key in self._keys.all():
            if hmac.compare_digest(seal_of(key, replace(row, key_version=version), row.number), row.seal):
                return key
        return None

    def _belongs(self, key: bytes, row: Row, most: int) -> int:
        """Return the number that the row was written for; 0: it is not one of ours."""

        def fits(number: int) -> bool:
            return number > 0 and hmac.compare_digest(seal_of(key, row, number), row.seal)

        for near in (row.number, row.number + self._shift, row.number - 1, row.number + 1):
            if fits(near):
                return near
        if not self._scans:
            return 0
        self._scans -= 1
        return next(filter(fits, range(1, most + 1)), 0)

    def _place(self, one: _Seen, placed: Mapping[int, _Seen], ours: Mapping[int, _Seen]) -> Finding | None:
        """Say what is wrong with where a row stands and what it tells."""
        if one.true == one.number:
            return None
        beyond = one.number > self._newest and one.number > self._anchored > 0
        extra = one.number in ours or beyond
        if not one.true:
            if extra:
                return _finding(one, Wrong.INSERTED)
            return _finding(one, Wrong.NO_KEY if one.key is None else Wrong.CHANGED)
        home, before = placed.get(one.true), placed.get(one.number - 1)
        if home is not None and home.true == one.true:  # a copy of a row that is where it belongs
            return _finding(one, Wrong.INSERTED if extra else Wrong.CHANGED, one.true)
        alone = self._times[one.true] == 1 == self._times[one.number]
        if home is not None and home.true == one.number and alone:
            return _finding(one, Wrong.EXCHANGED, one.true)
        # What moved it along with the row before, closed it up or pushed it on is found where it began.
        if before is not None and before.true - before.number == one.true - one.number:
            return None
        if self._times[one.true] > 1:
            return _finding(one, Wrong.INSERTED if extra else Wrong.CHANGED, one.true)
        closed_up = one.true > one.number and one.number not in ours
        pushed_on = one.true < one.number and before is not None and before.true != before.number
        return None if closed_up or pushed_on else _finding(one, Wrong.EXCHANGED, one.true)

    def _missing(self, placed: Mapping[int, _Seen], ours: Mapping[int, _Seen]) -> Iterator[Finding]:
        """Find what was written and is nowhere, however the rows after it are numbered now."""
        for number in range(1, max(self._newest, self._anchored) + 1):
            there = placed.get(number)
            changed = there is not None and (there.true < number or self._times[there.true] > 1)
            if number not in ours and not changed:
                yield Finding(number, Wrong.CUT if number > self._newest else Wrong.MISSING, number)

    def _links(self, seen: Sequence[_Seen]) -> Iterator[Finding]:
        """Find sound rows that do not follow the one before, and links that are not what was anchored."""
        before = {NOTHING_BEFORE}  # links that the next row may follow; empty: nothing is known
        number = 0
        for one in seen:
            if one.true != one.number or one.key is None:
                before = set()
                continue
            if one.number != number + 1:
                before = set()
            number = one.number
            right = {link_of(one.key, link, one.seal) for link in before}
            anchored = self._anchors.get(number)
            # A link that was anchored is right; what does not fit then is the row before.
            if one.link != anchored:
                if right and one.link not in right:
                    yield _finding(one, Wrong.CHANGED)
                elif anchored is not None:
                    yield _finding(one, Wrong.ROLLED_BACK)
            before = {one.link, *right}


_JOINED = frozenset({Wrong.MISSING, Wrong.CUT, Wrong.ROLLED_BACK, Wrong.NO_KEY})


def _joined(found: Iterable[Finding]) -> list[Finding]:
    """Return what is wrong by number, rows that follow one another and lack the same as one."""
    joined: list[Finding] = []
    for one in sorted(found, key=lambda found: (found.wrong.value, found.number)):
        last = joined[-1] if joined else None
        follows = last is not None and last.wrong is one.wrong and last.until + 1 == one.number
        if last is not None and follows and one.wrong in _JOINED:
            joined[-1] = replace(last, until=one.until)
        else:
            joined.append(one)
    return joined


def _finding(one: _Seen, wrong: Wrong, other: int = 0) -> Finding:
    return Finding(one.number, wrong, one.number, other, one.recording_id)
