"""What `kring doctor` looks at in the database: tables in force, what waits for a start, alarms."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import office_day
from domain.clock import SystemClock
from recording.alarms import Urgency, urgency
from service import checkup_calendar, checkup_floor
from service.checkup_limits import limits
from service.checkup_prompts import set_here
from service.findings import good, note, warning, wrong
from service.settings import Settings, SettingsError
from storage.database import Database, DatabaseProblem
from storage.tables import SCHEMA_REVISION
from storage.vault import Vault, VaultProblem
from web.checkup_port import Finding


def records(settings: Settings) -> Iterator[Finding]:
    """Look at what stands in the database. That one cannot be opened is told by `database`."""
    from service.secrets import MASTER_KEY

    if settings.database_url is None and not (settings.home / "kring.db").exists():
        return
    try:
        vault = Vault.load(settings.secrets_folder / MASTER_KEY)
        database = Database.open(settings.database)
    except (DatabaseProblem, SettingsError, VaultProblem, OSError):
        return
    try:
        yield from asyncio.run(_found(settings, database, vault))
    except (DatabaseProblem, VaultProblem) as error:
        yield wrong("records", "records_unreadable", str(error))
    finally:
        database.close()


async def _found(settings: Settings, database: Database, vault: Vault) -> Sequence[Finding]:
    now = datetime.now(UTC)
    return [
        *await _schema(database, now),
        *await _hours(database, now),
        *await _floor(database, vault, now),
        *await _config(settings, database, vault),
        *await set_here(settings, database),
        *await _alarms(database),
        *await _attempts(database),
        *doubles(),
    ]


def doubles() -> Sequence[Finding]:
    """Return what is a double of this installation: whoever relies on it relies on nothing."""
    from service.matter_proof import proof_means

    if not proof_means().simulated:
        return []
    return [warning("proofs", "proofs_simulated")]


async def _schema(database: Database, now: datetime) -> Sequence[Finding]:
    """Return revision and clock of the database."""

    def look(connection: Connection) -> tuple[str, float]:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        asked = "SELECT strftime('%s', 'now')" if database.is_sqlite else "SELECT extract(epoch FROM now())"
        return str(revision), float(connection.exec_driver_sql(asked).scalar() or 0)

    revision, there = await database.read(look)
    apart = abs(there - now.timestamp())
    found = [good("revision", "revision", revision=revision)]
    if revision != SCHEMA_REVISION:
        found = [wrong("revision", "revision_other", revision=revision, needed=SCHEMA_REVISION)]
    if not database.is_sqlite and apart > limits().clock_seconds:
        found.append(warning("clock", "clock_apart", seconds=round(apart)))
    return found


async def _hours(database: Database, now: datetime) -> Sequence[Finding]:
    from ivr.hours_tables import TableProblem, load_office_hours
    from storage.calendar import CalendarOverrides

    try:
        hours = load_office_hours().with_overrides(await CalendarOverrides(database).all())
    except TableProblem as error:
        return [wrong("hours", "hours_unfit", str(error))]
    return list(checkup_calendar.calendar(hours, office_day(now)))


async def _floor(database: Database, vault: Vault, now: datetime) -> Sequence[Finding]:
    from acd.tables_csv import CsvRefused
    from storage.acd_tables import AcdTables
    from storage.campaigns import DurableCampaigns
    from storage.lists import DurableLists

    try:
        _, book = await AcdTables(database, vault).book()
    except CsvRefused as error:
        return [wrong("tables", "tables_unfit", str(error.problems[0]), count=len(error.problems))]
    every = await DurableCampaigns(database, lambda _: None).all()
    lists = await DurableLists(database, vault).all()
    return [
        *checkup_floor.agents(book, now),
        *checkup_floor.queues(book, now),
        *checkup_floor.campaigns(every, lists, book, now),
    ]


async def _config(settings: Settings, database: Database, vault: Vault) -> Sequence[Finding]:
    """Return what was set and is not in force, and how much is assumed."""
    from service.config_side import make_office

    kinds = await make_office(database, vault, SystemClock()).kinds()
    waiting = [kind.file for kind in kinds if kind.waiting]
    own = sum(kind.own for kind in kinds)
    found = [good("settings", "settings", own=own, all=len(kinds))]
    if waiting:
        found = [warning("settings", "settings_wait", count=len(waiting), files=waiting)]
    assumed = sum(kind.assumed for kind in kinds)
    if assumed:
        tables = sum(1 for kind in kinds if kind.assumed)
        found.append(note("assumed", "assumed", count=assumed, tables=tables))
    return found


async def _alarms(database: Database) -> Sequence[Finding]:
    from storage.recording_alarms import DurableAlarms

    every = await DurableAlarms(database, SystemClock()).open()
    urgent = [one for one in every if urgency(one.kind, one.detail) is Urgency.AT_ONCE]
    if not every:
        return [good("alarms", "alarms_none")]
    make = wrong if urgent else warning
    return [make("alarms", "alarms", count=len(every), urgent=len(urgent))]


async def _attempts(database: Database) -> Sequence[Finding]:
    from dialer.attempts import AttemptState
    from storage.attempt_tables import attempts

    query = sa.select(sa.func.count()).where(attempts.c.state == AttemptState.UNKNOWN.value)
    unknown = await database.read(lambda connection: connection.execute(query).scalar()) or 0
    if unknown:
        return [warning("attempts", "attempts_unknown", count=unknown)]
    return [good("attempts", "attempts")]
