"""Searches as reviewers make them: one to six filters, most with values that occur together."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bench.review_rows import NAMES, WORDS, Year, word
from recording.quality.finding import Search, Span
from recording.quality.finding_places import time_of

_FIRST, _DAYS = date(2025, 1, 1), 364
_FIELDS = {
    "agents": "agent", "teams": "team", "queues": "queue", "branches": "branch", "categories": "category",
    "results": "result", "campaigns": "campaign", "dispositions": "disposition",
}  # fmt: skip
_Chosen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, and to what it is held."""

    search: Search
    team: str | None


def searches(year: Year, count: int, seed: int = 11) -> list[Asked]:
    """Return so many searches."""
    chance = random.Random(seed)
    return [_one(year, chance) for _ in range(count)]


def _one(year: Year, chance: random.Random) -> Asked:
    at = chance.randrange(year.size)
    row = {name: int(column[at]) for name, column in year.columns.items()}
    if chance.random() < 0.3:  # values of another row: they hardly occur together
        other = chance.randrange(year.size)
        row.update(
            {name: int(year.columns[name][other]) for name in ("category", "hold", "silence", "agent")}
        )
    kinds: list[Callable[[_Chosen, random.Random], _Chosen]] = [_named, _named, _span, _span, _flag, _words]
    chosen: _Chosen = {}
    for _ in range(chance.choices((1, 2, 3, 4, 6), (20, 30, 25, 15, 10))[0]):
        chosen.update(chance.choice(kinds)(row, chance))
    search = replace(Search(), **chosen)
    team = f"team-{row['team']}" if chance.random() < 0.2 else None
    return Asked(replace(search, **_days(time_of(row["place"]).date(), chance)), team)


def _days(day: date, chance: random.Random) -> _Chosen:
    length = chance.choices((0, 7, 31, 92), (30, 20, 30, 20))[0]
    if not length:
        return {}
    since = max(_FIRST, day - timedelta(days=chance.randrange(length)))
    return {"since": since, "until": min(since + timedelta(days=length), _FIRST + timedelta(days=_DAYS))}


def _named(row: _Chosen, chance: random.Random) -> _Chosen:
    field = chance.choice(sorted(_FIELDS))
    kind = _FIELDS[field]
    numbers = [row[kind]] if row[kind] else []
    if chance.random() < 0.25:
        numbers += [chance.randint(1, NAMES[kind]) for _ in range(chance.randint(1, 20))]
    return {field: [f"{kind}-{number}" for number in numbers]} if numbers else {}


def _span(row: _Chosen, chance: random.Random) -> _Chosen:
    field = chance.choice(("seconds", "hold", "transfers", "silence", "overlap", "score"))
    value = max(0, row[field])
    if field == "score":
        return {field: Span(None, chance.randint(5000, 9000))}
    if chance.random() < 0.5:
        return {field: Span(max(1, value))}
    return {field: Span(max(0, value - value // 5), value + value // 5)}


def _flag(row: _Chosen, chance: random.Random) -> _Chosen:
    field = chance.choice(("direction", "scored", "complaint", "new_agent"))
    if field == "direction":
        return {field: "out" if row["direction"] else "in"}
    return {field: chance.random() < 0.6}


def _words(row: _Chosen, chance: random.Random) -> _Chosen:
    most = chance.choice((20, 300, WORDS))
    return {"words": " ".join(word(chance.randint(1, most)) for _ in range(chance.randint(1, 2)))}
