"""A year of made-up recordings, as the index of facts has them and as the tables beneath it do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from recording.quality.finding_places import place_of
from storage.database import Database
from storage.review_names import KINDS
from storage.review_tables import review_facts, review_names, review_places, review_words
from storage.review_words import ReviewWords
from storage.vault import Vault

FROM = place_of(datetime(2025, 1, 1, tzinfo=UTC))
DAYS = 365
_DAY = 86_400_000_000  # microseconds
NAMES = {
    "agent": 400, "team": 20, "queue": 14, "branch": 6, "category": 90, "result": 9, "campaign": 26,
    "disposition": 14,
}  # fmt: skip
WORDS = 30_000  # different ones
_WORDS_OF_ONE = 10
_AT_ONCE = 50_000
_Columns = dict[str, "np.ndarray[Any, Any]"]


@dataclass(frozen=True, slots=True)
class Year:
    """Columns of all recordings, in the order of their places."""

    size: int
    columns: _Columns
    words: np.ndarray[Any, Any]  # word, place; in this order

    def ids(self, start: int, end: int) -> list[str]:
        """Return the ids of recordings."""
        return [f"{n:032x}" for n in range(start, end)]


def make(size: int, seed: int = 7) -> Year:
    """Make a year. Fields hang together as they do at work: campaigns in time, dispositions in campaigns."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, DAYS, size))
    place = np.sort(FROM + day * _DAY + rng.integers(3600 * 10**6, 9 * 3600 * 10**6, size))
    place += np.arange(size)  # none twice
    out = rng.random(size) < 0.65
    branch = np.where(out, 0, 1 + rng.choice(6, size, p=[0.2, 0.15, 0.25, 0.2, 0.17, 0.03]))
    category = np.where(out, 0, (branch - 1) * 15 + 1 + np.minimum(14, rng.geometric(0.25, size) - 1))
    campaign = np.where(out, 1 + np.minimum(25, day * 26 // DAYS), 0)
    agent = 1 + np.minimum(399, (399 * rng.beta(1.2, 1.6, size)).astype(int))
    music = np.where(rng.random(size) < 0.4, rng.exponential(70, size), 0).astype(int)
    score = np.where(rng.random(size) < 0.02, rng.normal(8200, 900, size).clip(0, 10_000), -1).astype(int)
    columns: _Columns = {
        "place": place,
        "agent": agent,
        "campaign": campaign,
        "seconds": rng.lognormal(5.2, 0.8, size).clip(5, 7200).astype(int),
        "hold": music,
        "team": 1 + agent % 20,
        "queue": np.where(out, 14, 1 + (branch * 2 + rng.integers(0, 2, size)) % 13),
        "branch": branch,
        "category": category,
        "result": np.where(out, 0, 1 + rng.choice(9, size)),
        "disposition": np.where(out, 1 + (campaign + np.minimum(13, rng.geometric(0.4, size))) % 14, 0),
        "direction": out.astype(int),
        "state": np.where(rng.random(size) < 0.97, 1, 2),
        "transfers": (rng.random(size) < 0.04).astype(int) + (rng.random(size) < 0.003),
        "silence": (100 * rng.beta(2, 8, size)).astype(int),
        "overlap": (100 * rng.beta(1.5, 20, size)).astype(int),
        "score": score,
        "complaint": (branch == 6).astype(int),
        "new_agent": (agent > 370).astype(int),
    }
    return Year(size, columns, _words(rng, place))


def _words(rng: np.random.Generator, place: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return (word, place) in order: few words in many calls, most in few (Zipf)."""
    drawn = np.minimum(WORDS, rng.zipf(1.15, len(place) * _WORDS_OF_ONE))
    pairs = np.stack([drawn, np.repeat(place, _WORDS_OF_ONE)], axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    different = np.ones(len(pairs), dtype=bool)
    different[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    found: np.ndarray[Any, Any] = pairs[different]
    return found


def word(number: int) -> str:
    """Return a word that is made up."""
    return f"kata{number}"


def _ordered(year: Year, words: ReviewWords) -> np.ndarray[Any, Any]:
    """Return (fingerprint, place) in the order in which the index keeps them."""
    fingerprints = np.array([0, *(words.asked(word(number))[0] for number in range(1, WORDS + 1))])
    pairs = np.stack([fingerprints[year.words[:, 0]], year.words[:, 1]], axis=1)
    ordered: np.ndarray[Any, Any] = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return ordered


def fill(database: Database, vault: Vault, year: Year) -> None:
    """Write the index. Its own indexes are made at the end."""
    pairs = _ordered(year, ReviewWords(vault))
    columns = [year.columns[column.name] for column in review_facts.c]
    score = list(review_facts.c.keys()).index("score")

    def facts(start: int, end: int) -> list[tuple[Any, ...]]:
        rows = [list(row) for row in zip(*(column[start:end].tolist() for column in columns), strict=True)]
        for row in rows:
            row[score] = None if row[score] < 0 else row[score]
        return [tuple(row) for row in rows]

    def places(start: int, end: int) -> list[tuple[Any, ...]]:
        at = year.columns["place"][start:end].tolist()
        return [
            (place, one, f"call-{one}", None) for place, one in zip(at, year.ids(start, end), strict=True)
        ]

    def words(start: int, end: int) -> list[tuple[Any, ...]]:
        return [(number, place) for number, place in pairs[start:end].tolist()]

    bulk(database, review_facts, facts, year.size)
    bulk(database, review_places, places, year.size)
    bulk(database, review_words, words, len(year.words))
    named = [
        {"kind": kind, "number": number, "name": f"{kind}-{number}"}
        for kind in KINDS
        for number in range(1, NAMES[kind] + 1)
    ]
    database.write_now(lambda connection: connection.execute(sa.insert(review_names), named))
    if not database.is_sqlite:  # its own work at night; SQLite is told by us what to go by
        database.write_now(lambda connection: connection.exec_driver_sql("ANALYZE"))


def bulk(database: Database, table: sa.Table, rows: Any, size: int) -> None:
    """Write `rows(start, end)` of a table, its indexes afterwards."""
    database.write_now(lambda connection: _drop(connection, table))
    for start, end in _parts(size):
        part = rows(start, end)
        database.write_now(lambda connection, part=part: _insert(connection, table, part))  # type: ignore[misc]
    database.write_now(lambda connection: _create(connection, table))


def _parts(size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, size, _AT_ONCE):
        yield start, min(size, start + _AT_ONCE)


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    names = list(table.c.keys())
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        driver.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 - names of our tables
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _drop(connection: sa.Connection, table: sa.Table) -> None:
    for index in table.indexes:
        index.drop(connection)


def _create(connection: sa.Connection, table: sa.Table) -> None:
    for index in table.indexes:
        index.create(connection)
