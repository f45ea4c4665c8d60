"""What differs between two texts, and taking a change back out of a later text. Pure."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from web.config_port import Difference

AROUND = 2  # lines shown before and after what differs


class Overlaps(Exception):
    """What is to be taken back was changed again since."""


def differences(before: str, after: str, around: int = AROUND) -> list[Difference]:
    """Return the lines that differ, each with some around; for what is left out between, one without sign."""
    found: list[Difference] = []
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(around)):
        if number:
            found.append(Difference("", 0, 0, ""))
        for tag, a1, a2, b1, b2 in group:
            if tag == "equal":
                pairs = zip(range(a1, a2), range(b1, b2), strict=True)
                found += [Difference(" ", i + 1, j + 1, old[i]) for i, j in pairs]
                continue
            found += [Difference("-", i + 1, 0, old[i]) for i in range(a1, a2)]
            found += [Difference("+", 0, j + 1, new[j]) for j in range(b1, b2)]
    return found


def counted(found: Sequence[Difference]) -> tuple[int, int]:
    """Return how many lines came and how many went."""
    signs = [one.sign for one in found]
    return signs.count("+"), signs.count("-")


def taken_back(before: str, after: str, now: str, *, rows: bool) -> str:
    """Return `now` without the change that led from `before` to `after`; what came later stays.

    `rows`: lines are rows of a table, of which two may be put in at one place. Raises Overlaps: later
    changes touched the same lines.
    """
    if now == after:
        return before
    base, back, later = (text.splitlines(keepends=True) for text in (after, before, now))
    theirs = _edits(base, later)
    ours = [edit for edit in _edits(base, back) if edit not in theirs]  # taken back already, that line
    if any(_collide(one, other, rows) for one in ours for other in theirs):
        raise Overlaps
    found: list[str] = []
    at = 0
    for first, end, lines in sorted([*ours, *theirs], key=lambda edit: edit[:2]):
        found += [*base[at:first], *lines]
        at = end
    return "".join([*found, *base[at:]])


_Edit = tuple[int, int, Sequence[str]]  # lines of the base (first, end), and what stands there instead


def _edits(base: Sequence[str], other: Sequence[str]) -> list[_Edit]:
    codes = SequenceMatcher(None, base, other, autojunk=False).get_opcodes()
    return [(a1, a2, other[b1:b2]) for tag, a1, a2, b1, b2 in codes if tag != "equal"]


def _collide(one: _Edit, other: _Edit, rows: bool) -> bool:
    (a1, a2, _), (b1, b2, _) = one, other
    if a1 == a2 == b1 == b2:
        return not rows
    return a1 < b2 and b1 < a2
