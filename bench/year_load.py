"""Puts drawn days into a database, fast: indexes and triggers are put aside, and are back at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from psycopg import sql

from bench.year import WHOLE, Size, campaign_ids, tables, year
from bench.year_rows import DayRows, Row
from storage.acd_tables import AcdTables
from storage.campaign_tables import campaigns
from storage.database import Database
from storage.schema import metadata
from storage.tables import calls
from storage.vault import Vault

TABLES = (
    "calls", "floor_entries", "floor_offers", "floor_legs", "floor_agents", "interaction_notes", "attempts",
)  # fmt: skip
_BUFFERED = 200_000  # rows of PostgreSQL's tables before they are sent
_BEGUN = datetime(2020, 1, 1, tzinfo=UTC)
WHO = "drawn year"


class NotEmpty(Exception):
    """There are calls on record: a drawn year never mixes with real ones."""


async def load_year(
    database: Database, vault: Vault, size: Size = WHOLE, tell: Callable[[str], None] = lambda _: None
) -> int:
    """Load a drawn year into a database without calls; return how many rows. Raises NotEmpty."""
    if database.read_now(lambda c: c.execute(sa.select(calls.c.call_id).limit(1)).first()) is not None:
        raise NotEmpty("There are calls on record already. Remedy: use an installation without any.")
    acd = AcdTables(database, vault)
    draft = await acd.draft(tables(size.agents), size.first)
    await acd.put(draft, WHO, "agents of a drawn year", _BEGUN)
    database.write_now(_put_campaigns)
    days = year(size)
    return _into_sqlite(database, days, tell) if database.is_sqlite else _into_postgres(database, days, tell)


def _put_campaigns(connection: sa.Connection) -> None:
    rows = [
        {"campaign_id": name, "state": "ended", "version": 1, "created_by": WHO, "created_at": _BEGUN,
         "changed_at": _BEGUN}
        for name in campaign_ids()
    ]  # fmt: skip
    connection.execute(sa.insert(campaigns), rows)


def _width(table: str) -> int:
    return len(metadata.tables[table].columns)


# ---- SQLite


def _into_sqlite(database: Database, days: Iterable[DayRows], tell: Callable[[str], None]) -> int:
    driver: sqlite3.Connection = database.raw()
    try:
        driver.execute("PRAGMA synchronous=OFF")
        driver.execute("PRAGMA cache_size=-200000")
        driver.execute("BEGIN IMMEDIATE")
        aside = _put_aside(driver)
        done = 0
        for day in days:
            for table in TABLES:
                rows = day.tables.get(table, [])
                marks = ",".join("?" * _width(table))
                driver.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - constants
                done += len(rows)
        tell(f"{done:,} rows are in; indexes")
        for statement in aside:
            driver.execute(statement)
        driver.execute("COMMIT")
        driver.execute("ANALYZE")
    except BaseException:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        raise
    finally:
        driver.close()
    return done


def _put_aside(driver: sqlite3.Connection) -> list[str]:
    """Drop the tables' indexes and triggers; return the statements that make them again."""
    marks = ",".join("?" * len(TABLES))
    found = driver.execute(
        "SELECT type, name, sql FROM sqlite_master "  # noqa: S608 - constants
        f"WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({marks})",
        TABLES,
    ).fetchall()
    for kind, name, _ in found:
        driver.execute(f"DROP {kind} {name}")
    return [statement for _, _, statement in found]


# ---- PostgreSQL


def _into_postgres(database: Database, days: Iterable[DayRows], tell: Callable[[str], None]) -> int:
    driver = database.raw()
    try:
        with driver.cursor() as cursor:
            made = cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
                "AND tablename = ANY(%s) AND indexname NOT LIKE '%%_pkey'",
                [list(TABLES)],
            ).fetchall()
            for name, _ in made:
                cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            for table in TABLES:
                cursor.execute(_of("ALTER TABLE {} DISABLE TRIGGER USER", table))
            done = _copied(cursor, days)
            tell(f"{done:,} rows are in; indexes")
            for table in TABLES:
                cursor.execute(_of("ALTER TABLE {} ENABLE TRIGGER USER", table))
            for _, statement in made:
                cursor.execute(statement)
        driver.commit()
        driver.autocommit = True
        for table in TABLES:
            driver.execute(_of("VACUUM ANALYZE {}", table))
    finally:
        driver.close()
    return done


def _of(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(table))


def _copied(cursor: Any, days: Iterable[DayRows]) -> int:
    kept: dict[str, list[Row]] = {table: [] for table in TABLES}
    done = 0
    for day in days:
        for table in TABLES:
            kept[table] += day.tables.get(table, [])
            if len(kept[table]) >= _BUFFERED:
                done += _copy(cursor, table, kept[table])
    return done + sum(_copy(cursor, table, rows) for table, rows in kept.items())


def _copy(cursor: Any, table: str, rows: list[Row]) -> int:
    done = len(rows)
    with cursor.copy(_of("COPY {} FROM STDIN", table)) as copy:
        copy.write("".join(map(_line, rows)))
    rows.clear()
    return done


def _line(row: Row) -> str:
    return "\t".join([_text(value) for value in row]) + "\n"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)
