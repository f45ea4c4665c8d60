"""Calibration: several reviewers score the same recordings blind, and how far they agree. Pure.

Agreement is over nominal answers (yes, no, not applicable; the values of a fact). A subject is one item of
one recording; it counts where every reviewer of the comparison answered it. For two reviewers it is Cohen's
kappa (J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46), for more Fleiss' kappa (J. L.
Fleiss, Psychological Bulletin 76 (1971) 378-382), each with the share of agreeing pairs. Kappa compares what
was observed with what chance would give; where everybody always says the same it is 0 ÷ 0 and not defined,
which is said and not hidden behind a number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Protocol

from recording.quality.appeals import FACT
from recording.quality.scores import Score

FEW = 10  # subjects: below it kappa says little, and the page says so
ALL = ""  # criterion of the row over everything


class CalibrationUnavailable(Exception):
    """Rounds cannot be read or written at the moment; nothing was changed."""


class CalibrationRefused(Exception):
    """What was asked for is not allowed. `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "") -> None:
        super().__init__(f"{word} {place}".strip())
        self.word = word
        self.place = place


@dataclass(frozen=True, slots=True)
class Round:
    """A round: these recordings, scored blind by these reviewers (staff ids) until it closes."""

    round_id: str  # 32 hex digits
    title: str
    form: str  # "inbound", "outbound" or "complaint"
    form_version: int
    opened_by: str
    opened_at: datetime  # aware, UTC
    due_on: date
    recordings: Sequence[str]
    reviewers: Sequence[str]
    given: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (recording, reviewer) → score_id
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def missing(self) -> Sequence[tuple[str, str]]:
        """Return the (recording, reviewer) pairs without a score."""
        pairs = ((recording, reviewer) for recording in self.recordings for reviewer in self.reviewers)
        return [pair for pair in pairs if pair not in self.given]


@dataclass(frozen=True, slots=True)
class Remark:
    """A note of the discussion."""

    round_id: str
    number: int
    at: datetime
    who: str  # staff_id
    text: str = field(repr=False)  # sealed at rest
    recording_id: str = ""  # empty: about the round
    item: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree on a criterion or item."""

    criterion: str  # ALL: over everything
    item: str  # empty: the whole criterion
    subjects: int  # that all reviewers answered
    left_out: int  # that somebody did not answer
    raters: int
    percent: float | None  # share of agreeing pairs, 0 to 1; None: no subject
    kappa: float | None  # None: not defined
    method: str  # "cohen" or "fleiss"
    warning: str = ""  # "no_subjects", "one_category" or "few"


class Rounds(Protocol):
    """Keeps rounds of calibration. Every method raises CalibrationUnavailable."""

    async def open(self, made: Round) -> None:
        """Keep a new round. Idempotent by its id."""
        ...

    async def get(self, round_id: str) -> Round:
        """Return one. Raises KeyError."""
        ...

    async def all(self, most: int = 100) -> Sequence[Round]:
        """Return rounds, open ones in front, newest first."""
        ...

    async def waiting_for(self, reviewer: str, recording_id: str = "") -> Sequence[Round]:
        """Return the open rounds that ask a reviewer for a score (of this recording), oldest first."""
        ...

    async def given(self, round_id: str, recording_id: str, reviewer: str, score_id: str) -> None:
        """A reviewer's score is there; the first one counts. Raises KeyError: nobody asked for it."""
        ...

    async def close(self, round_id: str, by: str, at: datetime) -> None:
        """End it: from now on everybody in it sees all scores. Idempotent. Raises KeyError."""
        ...

    async def remark(self, remark: Remark) -> None:
        """Add a note of the discussion; its number is chosen by the book."""
        ...

    async def remarks(self, round_id: str) -> Sequence[Remark]:
        """Return the notes, first to last."""
        ...


def open_round(made: Round) -> Round:
    """Return a round that can be opened. Raises CalibrationRefused."""
    if not made.title.strip():
        raise CalibrationRefused("missing", "title")
    if not made.recordings:
        raise CalibrationRefused("missing", "recordings")
    for place, names in (("recordings", made.recordings), ("reviewers", made.reviewers)):
        if len(set(names)) != len(names):
            raise CalibrationRefused("twice", place)
    if len(made.reviewers) < 2:
        raise CalibrationRefused("two_needed", "reviewers")
    return made


def agreement(
    scores: Iterable[Score], raters: Sequence[str], criteria: Mapping[str, str]
) -> Sequence[Agreement]:
    """Return the agreement of these reviewers: over everything, then by criterion, then by item.

    Reviewers without any score are left out of the comparison. Scores are final ones of one round and form;
    `criteria`: what can be answered → its criterion (`appeals_rules.criteria`).
    """
    found = [score for score in scores if score.result is not None and score.reviewer in raters]
    able = [rater for rater in raters if any(score.reviewer == rater for score in found)]
    answers: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)  # subject → rater → answer
    for score in found:
        for item, said in _said(score):
            answers[criteria.get(item, ""), item, score.recording_id][score.reviewer] = said
    by_item: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for (criterion, item, _), given in answers.items():
        by_item[criterion, item].append(given)
    by_criterion: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for (criterion, _), subjects in by_item.items():
        by_criterion[criterion] += subjects
    everything = [one for subjects in by_item.values() for one in subjects]
    rows = [_row(ALL, "", everything, able)]
    rows += [_row(name, "", subjects, able) for name, subjects in by_criterion.items()]
    return rows + [_row(name, item, subjects, able) for (name, item), subjects in by_item.items()]


def cohen(pairs: Sequence[tuple[str, str]]) -> Fraction | None:
    """Return Cohen's kappa of two raters' answers to the same subjects; None: not defined."""
    total = len(pairs)
    if not total:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    chance = Fraction(sum(first[name] * second[name] for name in first), total * total)
    return _kappa(Fraction(sum(one == two for one, two in pairs), total), chance)


def fleiss(subjects: Sequence[Mapping[str, int]]) -> Fraction | None:
    """Return Fleiss' kappa: for each subject, how many raters said what; None: not defined.

    Raises ValueError unless every subject has the same number of raters, at least two.
    """
    if not subjects:
        return None
    raters = {sum(counts.values()) for counts in subjects}
    if len(raters) != 1 or min(raters) < 2:
        raise ValueError("every subject needs the same number of raters, at least two")
    totals: Counter[str] = Counter()
    for counts in subjects:
        totals.update(counts)
    everything = sum(totals.values())
    chance = sum((Fraction(count, everything) ** 2 for count in totals.values()), Fraction())
    return _kappa(pairs_agreeing(subjects), chance)


def pairs_agreeing(subjects: Sequence[Mapping[str, int]]) -> Fraction:
    """Return the share of pairs of raters that agree, the mean over the subjects (at least one)."""
    shares = []
    for counts in subjects:
        raters = sum(counts.values())
        agreeing = sum(count * (count - 1) for count in counts.values())
        shares.append(Fraction(agreeing, raters * (raters - 1)))
    return sum(shares, Fraction()) / len(shares)


def _kappa(observed: Fraction, chance: Fraction) -> Fraction | None:
    return None if chance == 1 else (observed - chance) / (1 - chance)


def _said(score: Score) -> Iterable[tuple[str, str]]:
    """Yield everything a reviewer said: item or `fact:NAME`, and the answer."""
    for item, given in score.answers.items():
        yield item, given.answer.value
    for name, value in score.facts.items():
        if value:
            yield f"{FACT}{name}", value


def _row(
    criterion: str, item: str, subjects: Sequence[Mapping[str, str]], raters: Sequence[str]
) -> Agreement:
    whole = [one for one in subjects if all(rater in one for rater in raters)]
    method = "cohen" if len(raters) == 2 else "fleiss"
    left_out = len(subjects) - len(whole)
    if len(raters) < 2 or not whole:
        return Agreement(criterion, item, 0, left_out, len(raters), None, None, method, "no_subjects")
    counts = [Counter(one[rater] for rater in raters) for one in whole]
    if method == "cohen":
        first, second = raters
        kappa = cohen([(one[first], one[second]) for one in whole])
    else:
        kappa = fleiss(counts)
    warning = "one_category" if kappa is None else "few" if len(whole) < FEW else ""
    return Agreement(
        criterion,
        item,
        len(whole),
        left_out,
        len(raters),
        float(pairs_agreeing(counts)),
        None if kappa is None else float(kappa),
        method,
        warning,
    )
